import type { Sample } from '../core/dialect.js'

const META = '"target":"mergerfs_rs::fuse_fs","filename":"src/fuse_fs.rs","threadId":"ThreadId(1)"'
const CREATE = '{"flags":"0x8041","mode":"100644","name":"a.txt","parent":1,"umask":"0","name":"fuse::create"}'
const INNER = '{"content_size":0,"path":"\\"/a.txt\\"","name":"file_ops::create_file"}'
const LINK = '{"ino":8695231676827259099,"newname":"\\"hard\\"","newparent":1,"name":"fuse::link"}'

const event = (level: string, message: string, line: number, spans: string, current = spans): string =>
  `{"timestamp":"2026-11-22T19:58:38.181720Z","level":"${level}","fields":{"message":"${message}"},${META},"line_number":${line},"span":${current},"spans":[${spans}]}`

/** Lines of the JSON format and what they must be read as. */
export const jsonSamples: readonly Sample[] = [
  {
    // The key `name` stands twice: the file's, and the span's own.
    lines: [
      event('DEBUG', 'Starting create operation', 826, CREATE),
      event('INFO', 'Selected branch \\"/mnt/disk1\\"', 53, `${CREATE},${INNER}`, INNER),
      event('INFO', 'File created successfully at \\"/a.txt\\"', 860, CREATE),
    ].join('\n'),
    events: [
      { kind: 'request', unique: null, opcode: 'create', nodeId: '1', entry: 'a.txt', lines: [0, 0] },
      { kind: 'detail', path: '/a.txt', lines: [1, 1] },
      { kind: 'detail', status: 'ok', lines: [2, 2] },
    ],
  },
  {
    lines: event('INFO', 'Creating hard link', 1757, LINK),
    events: [{ kind: 'request', opcode: 'link', nodeId: '1', entry: 'hard', otherNodeId: '8695231676827259099' }],
  },
  {
    // fuser's request line, through tracing-log.
    lines:
      '{"timestamp":"2026-11-22T19:58:38.34Z","level":"DEBUG","fields":{"message":"FUSE(264) ino 0x000000000000000b LOOKUP name \\"esc\\\\u{1b}[31m\\"",' +
      '"log.target":"fuser::request","log.line":54},"target":"fuser::request","threadId":"ThreadId(1)"}',
    events: [{ kind: 'request', unique: 264, opcode: 'lookup', nodeId: '11', entry: 'esc\x1b[31m' }],
  },
  {
    // Flattened, span events.
    lines:
      '{"timestamp":"2026-11-22T19:58:38.34Z","level":"INFO","message":"new","target":"fs","span":{"ino":3,"name":"fuse::open"},"spans":[]}\n' +
      '{"timestamp":"2026-11-22T19:58:38.34Z","level":"INFO","message":"close","time.busy":"1.5\xc2\xb5s","time.idle":"2ns","target":"fs","span":{"ino":3,"name":"fuse::open"},"spans":[]}',
    events: [
      { kind: 'request', opcode: 'open', nodeId: '3' },
      { kind: 'reply', endedBy: 'span' },
    ],
  },
  {
    lines:
      '{"timestamp":"2026-11-22T19:58:37.89Z","level":"INFO","fields":{"message":"Mounting"},"target":"mergerfs_rs"}',
    events: [],
  },
]
