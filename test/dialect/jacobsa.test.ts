import { expect, test } from 'vitest'
import { brief, readLog } from './read-log.js'

const wire = (op: string, id: number, args: object, status = 0): string =>
  `${JSON.stringify({ Operation: `${op}Op`, StartTime: '2026-11-22T20:00:41Z', Duration: 900, Status: status, Context: { FuseID: id, Pid: 7, Uid: 0 }, Args: args }, null, 2)}\n`

test('the error logger beside the wire log says nothing new', () => {
  const log =
    wire('MkDir', 4, { Parent: 1, Name: 'd', Entry: { Child: 2 } }) +
    'fuse_err: Op 0x00000006 *fuseops.ReleaseDirHandleOp] -> Error: "function not implemented"\n' +
    wire('ReleaseDirHandle', 6, { Handle: 1 }, 38) +
    wire('MkDir', 8, { Parent: 2, Name: 'e', Entry: { Child: 3 } })
  const { dialect, operations, unparsed } = readLog(log)
  expect({ dialect, unparsed }).toEqual({ dialect: 'jacobsa', unparsed: 0 })
  expect(brief(operations)).toEqual(['mkdir /d', 'releasedir null', 'mkdir /d/e'])
})

const OP = 'Op 0x00000004        connection.go:408] '
test.each([
  ['gcsfuse 2021', (text: string) => `fuse_debug: 2021/06/06 19:56:20.557196 ${text}`],
  ['gcsfuse 1.2', (text: string) => `D1122 20:59:57.446296 fuse_debug: ${text}`],
  ['gcsfuse, text', (text: string) => `time="25/06/2024 03:05:52.093580" severity=TRACE message=${quoted(text)}`],
  [
    'gcsfuse, JSON',
    (text: string) =>
      JSON.stringify({
        timestamp: { seconds: 1719284752, nanos: 93580 },
        severity: 'TRACE',
        message: `fuse_debug: ${text}`,
      }),
  ],
  [
    'gcsfuse 3',
    (text: string) =>
      `time="2025-06-25T03:05:52.093580Z" severity=TRACE message=${quoted(text)} mount-id=my-bucket-1a2b3c4d`,
  ],
  ['goofys', (text: string) => `2020/10/26 12:43:54.250000 fuse.DEBUG ${text}`],
  [
    'goofys through Mesos',
    (text: string) => `INFO  [2020-10-26 12:43:54,250] echo: /usr/bin/goofys[41]: fuse.DEBUG ${text}`,
  ],
])('%s', (_program, wrap) => {
  const lines = [`${OP}<- LookUpInode (parent 1, name "b, \\"c\\".txt", PID 8)`, `${OP}-> OK (inode 2)`]
  const { dialect, operations, unparsed } = readLog(lines.map((line) => `${wrap(line)}\n`).join(''))
  expect({ dialect, unparsed }).toEqual({ dialect: 'jacobsa', unparsed: 0 })
  expect(brief(operations)).toEqual(['lookup /b, "c".txt'])
  expect(operations[0]).toMatchObject({ unique: 4, pid: 8, status: 'ok' })
})

/** As Go quotes a string. */
function quoted(text: string): string {
  return JSON.stringify(`fuse_debug: ${text}`)
}
