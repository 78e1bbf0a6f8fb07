import type { Sample } from './dialect.js'

/** Events of the pretty format and what they must be read as. */
export const prettySamples: readonly Sample[] = [
  {
    lines:
      '  2026-11-22T19:58:36.496662Z DEBUG mergerfs_rs::file_ops: Selecting branch for new file\n' +
      '    at src/file_ops.rs:45 on ThreadId(1)\n' +
      '    in mergerfs_rs::file_ops::file_ops::create_file with path: "/a.txt", content_size: 0\n' +
      '    in mergerfs_rs::fuse_fs::fuse::create with parent: 1, name: a, b, mode: 100644, umask: 0, flags: 0x8041\n' +
      '\n',
    events: [{ kind: 'request', unique: null, opcode: 'create', nodeId: '1', entry: 'a, b' }],
  },
]
