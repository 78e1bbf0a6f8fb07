import { fuseTest } from '../../src/vitest/index.js'
import { commonSuite } from './common.js'

// A daemon in JavaScript, from the npm registry alone.
const test = fuseTest({
  daemon: ({ mountpoint }) => ['node', 'test/daemons/memory-fs.js', mountpoint],
})

commonSuite(test, { xattrs: true, hardLinks: false, backed: false, traces: true })
