import { describe } from 'vitest'
import { fuseTest } from '../../src/vitest/index.js'
import { lacks, lacksBpf } from '../live/machine.js'
import { SILENT } from '../live/silent-daemons.js'
import { commonSuite } from '../suite/common.js'

// The suite of every file system on a daemon that logs nothing: waits and assertions by the kernel's events alone. The other
// daemons, and the same through the relay, are in suite-ways.test.ts.
for (const { name, program, command, traits } of SILENT.filter(({ name }) => name === 'mergerfs')) {
  const lacking = lacks(program) || lacksBpf()
  describe.skipIf(lacking)(`${name} by the kernel alone (${lacking || 'with BPF'})`, () => {
    const daemon = ({ mountpoint, branches }: { mountpoint: string; branches: readonly [string, ...string[]] }) =>
      command(branches[0], mountpoint)
    commonSuite(fuseTest({ daemon, kernel: true, mode: 'live' }), traits)
  })
}
