import { describe } from 'vitest'
import { fuseTest } from '../../src/vitest/index.js'
import { lacks, lacksBpf } from '../live/machine.js'
import { SILENT } from '../live/silent-daemons.js'
import { lacksRelay } from '../relay/machine.js'
import { commonSuite } from '../suite/common.js'

// The suite of every file system on daemons that log nothing: operations come from the kernel's events, or from the messages.
for (const { name, program, command, traits } of SILENT) {
  const daemon = ({ mountpoint, branches }: { mountpoint: string; branches: readonly [string, ...string[]] }) =>
    command(branches[0], mountpoint)
  const lacking = lacks(program)
  const [kernel, relay] = [lacking || lacksBpf(), lacking || lacksRelay()]
  describe.skipIf(kernel)(`${name} by the kernel alone (${kernel || 'with BPF'})`, () => {
    commonSuite(fuseTest({ daemon, kernel: true, mode: 'live' }), traits)
  })
  describe.skipIf(relay)(`${name} through the relay (${relay || 'as root'})`, () => {
    commonSuite(fuseTest({ daemon, wire: true, mode: 'live' }), traits)
  })
}
