import type { Sample } from './dialect.js'

const META = '"target":"mergerfs_rs::fuse_fs","filename":"src/fuse_fs.rs","threadId":"ThreadId(1)"'
const CREATE = '{"flags":"0x8041","mode":"100644","name":"a.txt","parent":1,"umask":"0","name":"fuse::create"}'

/** Lines of the JSON format and what they must be read as. */
export const jsonSamples: readonly Sample[] = [
  {
    lines: `{"timestamp":"2026-11-22T19:58:38.1Z","level":"DEBUG","fields":{"message":"Starting create"},${META},"line_number":826,"span":${CREATE},"spans":[${CREATE}]}`,
    events: [{ kind: 'request', unique: null, opcode: 'create', nodeId: '1', entry: 'a.txt' }],
  },
]
