import { expect, test } from 'vitest'
import { dialects } from '../../src/dialect/builtin.js'
import { linesOf } from '../../src/line/splitter.js'
import { Interpreter } from '../../src/operation/interpreter.js'
import type { Operation } from '../../src/operation/operation.js'
import { OwnClock } from '../../src/operation/own-clock.js'
import { openReplay } from '../../src/replay/open-replay.js'
import { brief, readLog } from './read-log.js'

const at = (ns: number): string => `04.22 11:30:00.${100_000 + ns / 1000}: uid:0 gid:0 pid:9 cmd:`
const made = (node: number, mode = '-rw-r--r--:0100644'): string => `(1.0,${node},1.0,[${mode},1,0,0,1,1,1,12])`
const opened = '(direct_io:0,keep_cache:0,append_mode:0) [handle:0000001A]'

const LOG = [
  `${at(0)}open (2147483633,O_RDONLY) (internal node: OPLOG): OK (1,0)`,
  '#',
  `${at(0)}mkdir (1,d,drwxr-xr-x:0755): OK ${made(302, 'drwxr-xr-x:0040755')}`,
  `${at(100_000)}lookup (302,f) (using negative entry cache): ENOENT (No such file or directory)`,
  `${at(200_000)}create (302,f,O_WRONLY|O_CREAT|O_EXCL,-rw-r--r--:0100644): OK ${made(303)} ${opened}`,
  `${at(300_000)}write (303,5,0) [handle:0000001A]: OK (5)`,
  `${at(300_000)}write (303,5,0->5) [handle:0000001A]: EIO (Input/output error)`,
  `${at(400_000)}release (303) [handle:0000001A,uselocks:0,lock_owner:00AB34CD00AB34CD]: OK`,
  `${at(500_000)}rename (302,f,1,g,0): OK`,
  `${at(600_000)}setxattr (303,user.k,3,0): ENOTSUP (Operation not supported)`,
  `${at(700_000)}setlkw (inode:303 owner:00AB34CD00AB34CD start:0 end:9 type:W) [handle:0000001A]: OK`,
  `${at(800_000)}unlink (1,g): EPERM (Operation not permitted)`,
]

function read(log: readonly string[]): { operations: Operation[]; unparsed: number; originWallNs: bigint | null } {
  const operations: Operation[] = []
  const clock = new OwnClock()
  const interpreter = new Interpreter({ candidates: dialects, clock, onEnd: (operation) => operations.push(operation) })
  for (const line of linesOf(log.join('\n'))) interpreter.push(line)
  interpreter.end(0)
  return { operations, unparsed: interpreter.unparsed, originWallNs: clock.originWallNs }
}

test('names, nodes, outcomes and times of each line', () => {
  const { operations, unparsed } = read(LOG)
  expect(unparsed).toBe(0)
  expect(operations).toMatchObject([
    { opcode: 'open', path: null },
    { opcode: 'mkdir', path: '/d', status: 'ok', mode: 0o755, pid: 9 },
    { opcode: 'lookup', path: '/d/f', errno: 'ENOENT' },
    { opcode: 'create', path: '/d/f', startNs: 200_000, endNs: 200_000, endedBy: 'reply', mode: 0o100644, fh: 26 },
    { opcode: 'write', path: '/d/f', size: 5, offset: 0, status: 'ok' },
    { opcode: 'write', path: '/d/f', size: 5, status: 'error', errno: 'EIO' },
    { opcode: 'release', path: '/d/f', fh: 26, endNs: 400_000 },
    { opcode: 'rename', path: '/d/f', newPath: '/g' },
    { opcode: 'setxattr', path: '/g', name: 'user.k', errno: 'ENOTSUP' },
    { opcode: 'setlkw', path: '/g', fh: 26 },
    { opcode: 'unlink', path: '/g', status: 'error', errno: 'EPERM' },
  ])
})

test('a wait for what the log shows only at its end', async () => {
  const session = await openReplay(
    LOG.map((raw, i) => ({ kind: 'line', atNs: i * 1e6, stream: 'stdout', raw, terminated: true }) as const),
  )
  expect((await session.waitFor.fileVisible('d/f')).endNs).toBe(4e6)
  expect((await session.waitFor.renamed('d/f', 'g')).endNs).toBe(8e6)
  await session.close()
})

test('LizardFS and SaunaFS: seconds since 1970, errors in words, releases of nobody', () => {
  const stamp = '1713785400 04.22 11:30:00.472019: '
  const { operations, unparsed, originWallNs } = read([
    `${stamp}uid:0 gid:0 pid:9 cmd:access (1,0x4)`,
    `${stamp}uid:0 gid:0 pid:9 cmd:create (1,a,-rw-r--r--:0100644): OK ${made(7).replace(/\)$/, ',1)')}`,
    `${stamp}uid:0 gid:0 pid:9 cmd:readdir (1,65536,0) returned 3 dirents (0 from cache, 3 from master)`,
    `${stamp}uid:0 gid:0 pid:9 cmd:write (7,5,0): (logical) No space left`,
    `${stamp}cmd:release (7): OK`,
    `${stamp}uid:0 gid:0 pid:9 cmd:rename (1,a,1,b): File exists`,
  ])
  expect(unparsed).toBe(0)
  expect(originWallNs).toBe(1_713_785_400_472_019_000n)
  expect(operations).toMatchObject([
    { opcode: 'access', path: '/', status: 'unknown' },
    { opcode: 'create', path: '/a', status: 'ok' },
    { opcode: 'readdir', path: '/', status: 'ok' },
    { opcode: 'write', path: '/a', errno: 'ENOSPC' },
    { opcode: 'release', path: '/a', pid: null },
    { opcode: 'rename', path: '/a', newPath: '/b', errno: 'EEXIST' },
  ])
})

test('begins (of a mount with -d) are understood and are no operations', () => {
  const { operations, unparsed } = readLog(
    [
      `${at(0)}statfs (1)`,
      `${at(0)}create (1,a\nb,O_RDWR,-rw-r--r--:0644/----w--w-:0022)`,
      `${at(0)}flush (5) [handle:00000001] ...`,
      `${at(0)}lookup (1,a\nb) ...`,
      `${at(0)}flush (5) - releasing all POSIX-type locks for 00AB34CD00AB34CD (received from kernel): OK`,
      `${at(0)}flush (5) [handle:00000001,uselocks:0,lock_owner:00AB34CD00AB34CD]: OK`,
      `${at(0)}open (5,O_RDWR) (do actual open): ESTALE (Stale file handle)`,
    ].join('\n'),
  )
  expect(brief(operations)).toEqual(['flush null'])
  expect(unparsed).toBe(0)
})

test('a name with a whole line in it forges none and is left out', () => {
  const evil = `evil\n${at(0)}rmdir (1,forged): OK`
  const { operations } = readLog(`${at(0)}lookup (1,${evil}): ENOENT (No such file or directory)\n${LOG.join('\n')}`)
  expect(operations[0]).toMatchObject({ opcode: 'lookup', path: null, status: 'unknown' })
  expect(operations.filter(({ opcode }) => opcode === 'rmdir')).toEqual([])
})

test('a name like an outcome is the name', () => {
  const names = ['a): OK (using cache', 'a): ENOENT (x', 'a (using cache)', 'a) ...', 'b,O_RDWR', '\xff']
  const { operations, unparsed } = readLog(
    names.map((name) => `${at(0)}unlink (1,${name}): EPERM (Operation not permitted)`).join('\n'),
  )
  expect(brief(operations)).toEqual(names.map((name) => `unlink /${name}`))
  expect(unparsed).toBe(0)
})

test('what is cut off, or goes on otherwise, is not understood and swallows nothing', () => {
  const long = `${at(0)}symlink (${'t'.repeat(2000)}`.slice(0, 999)
  const odd = `${at(0)}access (5,0x4): something new`
  const { operations, unparsed } = readLog(
    [`${at(0)}rmdir (1,d): OK`, long, odd, `${at(0)}link (5,1,x): OK ${made(5)}`].join('\n'),
  )
  expect(brief(operations)).toEqual(['rmdir /d', 'link null -> /x'])
  expect(unparsed).toBe(2)
})
