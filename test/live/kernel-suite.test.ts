import { describe } from 'vitest'
import { fuseTest } from '../../src/vitest/index.js'
import { commonSuite } from '../suite/common.js'
import { lacks, lacksBpf } from './machine.js'

const noBpf = lacksBpf()

/** The suite of every file system, on daemons that log nothing: waits and assertions by the kernel's events alone. */
const suites = [
  {
    name: 'bindfs',
    program: 'bindfs',
    daemon: (branch: string, mountpoint: string) => ['bindfs', '-f', branch, mountpoint],
    traits: { xattrs: true, hardLinks: true, backed: true, traces: true },
  },
  {
    name: 'unionfs-fuse',
    program: 'unionfs',
    daemon: (branch: string, mountpoint: string) => ['unionfs', '-f', `${branch}=RW`, mountpoint],
    traits: { xattrs: false, hardLinks: true, backed: true, traces: true },
  },
  {
    name: 'mergerfs',
    program: 'mergerfs',
    daemon: (branch: string, mountpoint: string) => [
      'mergerfs',
      '-f',
      '-o',
      'category.create=ff,minfreespace=0,use_ino,cache.files=off,cache.attr=0,cache.entry=0',
      branch,
      mountpoint,
    ],
    traits: { xattrs: true, hardLinks: true, backed: true, traces: true, negative: true },
  },
  {
    name: 'fuse-native',
    program: 'node',
    daemon: (_: string, mountpoint: string) => ['node', 'test/daemons/memory-fs.js', mountpoint],
    traits: { xattrs: true, hardLinks: false, backed: false, traces: true },
  },
]

for (const { name, program, daemon, traits } of suites) {
  const lacking = lacks(program) || noBpf
  describe.skipIf(lacking)(`${name} by the kernel alone (${lacking || 'with BPF'})`, () => {
    commonSuite(
      fuseTest({ daemon: ({ mountpoint, branches }) => daemon(branches[0], mountpoint), kernel: true, mode: 'live' }),
      traits,
    )
  })
}
