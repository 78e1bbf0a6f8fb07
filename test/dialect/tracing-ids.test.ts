import { describe, expect, test } from 'vitest'
import { brief, readLog } from './read-log.js'

const T = '2024-01-18T19:35:28.272910Z'
const REQUESTS = [
  ['lookup', 4, 'ino=1 name="a b"', 'WARN', 'lookup failed with errno 2: inode error: file does not exist'],
  ['mkdir', 6, 'parent=1 name="d"', 'DEBUG', 'New request'],
  ['lookup', 8, 'ino=2 name="x"', 'DEBUG', 'lookup failed with errno 2: inode error: file does not exist'],
  ['setxattr', 10, 'ino=2 name="user.x"', 'WARN', 'setxattr failed: operation not supported by Mountpoint'],
] as const
type Request = (typeof REQUESTS)[number]

const json = ([opcode, id, fields, level, message]: Request): string => {
  const pairs = fields.replace(/(\w+)=(\d+|"[^"]*")/g, (_all, key, value) => `"${key}":${value},`).replaceAll(', ', ',')
  const span = `{${pairs}"pid":77,"req":${id},"name":"${opcode}"}`
  return `{"timestamp":"${T}","level":"${level}","fields":{"message":"${message}"},"target":"mountpoint_s3_fs::fuse","span":${span},"spans":[${span}]}\n`
}

describe("spans with the kernel's id, as mountpoint-s3 has them", () => {
  const forms: Record<string, (request: Request) => string> = {
    full: ([opcode, id, fields, level, message]) =>
      `${T} ${level.padStart(5)} ThreadId(05) ${opcode}{req=${id} ${fields} pid=77}: mountpoint_s3_fs::fuse: ${message}\n`,
    'its syslog': ([opcode, id, fields, level, message]) =>
      `Aug 07 17:25:42 host mount-s3[2309119]: [${level}] ${opcode}{req=${id} ${fields} pid=77}: mountpoint_s3::fuse: ${message}\n`,
    pretty: ([opcode, id, fields, level, message]) =>
      `  ${T} ${level.padStart(5)} fs::fuse: ${message}\n    at src/fuse.rs:1 on ThreadId(5)\n    in fs::fs::${opcode} with req: ${id}, ${fields.replaceAll('=', ': ').replaceAll(' name', ', name')}, pid: 77\n\n`,
    json,
  }
  test.each(Object.entries(forms))('%s', (_form, write) => {
    const { operations, unparsed } = readLog(REQUESTS.map(write).join(''))
    expect(unparsed).toBe(0)
    expect(brief(operations)).toEqual(['lookup /a b', 'mkdir /d', 'lookup /d/x', 'setxattr /d'])
    expect(operations.map(({ unique, pid, status, errno }) => [unique, pid, status, errno])).toEqual([
      [4, 77, 'error', 'ENOENT'],
      [6, 77, 'unknown', null],
      [8, 77, 'error', 'ENOENT'],
      [10, 77, 'error', 'ENOSYS'],
    ])
  })

  test('what other threads log in them is of the same request, and after it of none', () => {
    const within = (thread: string, message: string) =>
      `${T} DEBUG ThreadId(${thread}) read{req=4 ino=2 pid=7}:get{id=1}: client: ${message}\n`
    const log = [
      `${T} DEBUG ThreadId(05) read{req=4 ino=2 pid=7}: fuse: New request\n`,
      within('20', 'sent'),
      `${T} DEBUG ThreadId(06) read{req=6 ino=2 pid=7}: fuse: New request\n`,
      within('20', 'finished'),
      `${T} DEBUG ThreadId(05) read{req=8 ino=2 pid=7}: fuse: New request\n`,
      within('20', 'late'),
    ]
    const { operations, unparsed } = readLog(log.join(''))
    expect(operations.map(({ unique, lines }) => [unique, lines])).toEqual([
      [4, [0, 3]],
      [6, [2, 2]],
      [8, [4, 4]],
    ])
    expect(unparsed).toBe(0)
  })

  test("fuser's line and the span are one request, on whichever thread", () => {
    const fuser = (id: number, name: string) =>
      `${T} DEBUG ThreadId(01) fuser::request: FUSE(  ${id}) ino 0x0000000000000001 LOOKUP name "${name}"\n`
    const span = (thread: string, id: number, name: string) =>
      `${T} DEBUG ThreadId(0${thread}) lookup{req=${id} ino=1 name="${name}"}: fuse: New request\n`
    const log = [fuser(4, 'a'), fuser(6, 'b'), span('3', 6, 'b'), span('2', 4, 'a')]
    const { operations } = readLog(log.join(''))
    expect(operations.map(({ unique, path }) => [unique, path])).toEqual([
      [4, '/a'],
      [6, '/b'],
    ])
  })
})

test("where only fuser's lines show requests, nodes are known by which is used next", () => {
  const line = (id: number, ino: number, text: string) =>
    `${T} DEBUG fuser::request: FUSE(  ${id}) ino 0x000000000000000${ino} ${text}\n`
  // The first ones show that words tell none.
  const before = Array.from({ length: 12 }, () => line(2, 1, 'STATFS'))
  const log = [
    ...before,
    line(4, 1, 'LOOKUP name "d"'),
    line(6, 1, 'MKDIR name "d", mode 0o755, umask 0o22'),
    line(8, 2, 'CREATE name "f", mode 0o100644, flags 0x8041'),
    line(10, 3, 'FLUSH fh FileHandle(1), lock owner LockOwner(1)'),
  ]
  const { dialect, operations } = readLog(log.join(''))
  expect(dialect).toBe('tracing')
  expect(brief(operations).slice(12)).toEqual(['lookup /d', 'mkdir /d', 'create /d/f', 'flush /d/f'])
})
