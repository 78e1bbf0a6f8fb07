import type { Traits } from '../suite/common.js'

/** Daemons of the suite without their debug logs: what is known of their requests comes from elsewhere. */
export interface SilentDaemon {
  readonly name: string
  /** The program that must be there. */
  readonly program: string
  readonly traits: Traits
  command(branch: string, mountpoint: string): string[]
}

export const SILENT: readonly SilentDaemon[] = [
  {
    name: 'bindfs',
    program: 'bindfs',
    command: (branch, mountpoint) => ['bindfs', '-f', branch, mountpoint],
    traits: { xattrs: true, hardLinks: true, backed: true, traces: true },
  },
  {
    name: 'unionfs-fuse',
    program: 'unionfs',
    command: (branch, mountpoint) => ['unionfs', '-f', `${branch}=RW`, mountpoint],
    traits: { xattrs: false, hardLinks: true, backed: true, traces: true },
  },
  {
    name: 'mergerfs',
    program: 'mergerfs',
    command: (branch, mountpoint) => [
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
    command: (_, mountpoint) => ['node', 'test/daemons/memory-fs.js', mountpoint],
    traits: { xattrs: true, hardLinks: false, backed: false, traces: true },
  },
]
