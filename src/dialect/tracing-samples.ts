import type { Sample } from './dialect.js'

const T = '2026-11-22T19:58:09.352282Z'

/** Lines of the full and compact formats and what they must be read as. */
export const samples: readonly Sample[] = [
  {
    lines: `${T} DEBUG ThreadId(01) fuse::create{parent=1 name=a b mode=100644}: mergerfs_rs::fuse_fs: src/fuse_fs.rs:826: Starting`,
    events: [{ kind: 'request', unique: null, opcode: 'create', nodeId: '1', entry: 'a b' }],
  },
]
