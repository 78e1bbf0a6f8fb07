import { expect, test } from 'vitest'
import { brief, readLog } from './read-log.js'

const at = '2026/11/22 20:00:41 DEBUG : '
const TRACE = [`${at}/: Lookup: name="a.txt"`, `${at}/: >Lookup: node=<nil>, err=no such file or directory`]
const IDS = [
  `${at}fuse: <- Mkdir [ID=0x8 Node=0x1 Uid=0 Gid=0 Pid=7] "d" mode=drwxr-xr-x umask=-----w--w-`,
  `${at}fuse: -> [ID=0x8] Mkdir 0x6 gen=0 valid=1m0s attr={valid=1s ino=1 size=0 mode=drwxr-xr-x}`,
]
const text = (...lines: string[]): string => lines.map((line) => `${line}\n`).join('')

test('a log with request ids is read with them, wherever it begins', () => {
  const { dialect, operations } = readLog(text(...TRACE, ...IDS))
  expect(dialect).toBe('bazil')
  expect(operations.map(({ unique }) => unique)).toEqual([8])
})

test('a log without request ids is read from the calls', () => {
  const { dialect, operations } = readLog(text(...TRACE, ...TRACE))
  expect(dialect).toBe('rclone')
  expect(brief(operations)).toEqual(['lookup /a.txt', 'lookup /a.txt'])
})

test('requests in JSON that names their object apart', () => {
  const json = (msg: string): string => JSON.stringify({ level: 'debug', msg, object: 'fuse', objectType: 'string' })
  const { dialect, operations } = readLog(
    text(...IDS.map((line) => json(line.slice(at.length + 6)).replaceAll('<', '\\u003c'))),
  )
  expect(dialect).toBe('bazil')
  expect(brief(operations)).toEqual(['mkdir /d'])
  expect(operations[0]?.status).toBe('ok')
})

test('lines that another program has put into JSON have the paths that they had', () => {
  const lines = [...TRACE, `${at}&{a (rw)}: Write: len=5, offset=0`, `${at}&{a (rw)}: >Write: written=5, err=<nil>`]
  const { operations, unparsed } = readLog(text(...lines.map((msg) => JSON.stringify({ level: 'debug', msg }))))
  expect(brief(operations)).toEqual(['lookup /a.txt', 'write /a'])
  expect(unparsed).toBe(0)
})

test.each([
  ['microseconds, pid, file', '2026/11/27 07:00:32.396229 dir.go:33: [14540] DEBUG : '],
  ['long file', '2026/11/27 07:00:32 /build/rclone-1.60/cmd/mount/dir.go:33: DEBUG : '],
  ['pid alone', '2026/11/27 07:00:32 [14540] DEBUG : '],
  ['nothing', 'DEBUG : '],
  ['systemd', '<7>DEBUG : '],
])('--log-format: %s', (_what, head) => {
  const lines = TRACE.map((line) => head + line.slice(at.length))
  const { dialect, operations, unparsed } = readLog(text(...lines))
  expect({ dialect, unparsed }).toEqual({ dialect: 'rclone', unparsed: 0 })
  expect(brief(operations)).toEqual(['lookup /a.txt'])
})
