import { expect, test } from 'vitest'
import { loggedfs } from '../../src/dialect/loggedfs/loggedfs.js'
import { linesOf } from '../../src/line/splitter.js'
import { Interpreter } from '../../src/operation/interpreter.js'
import { brief, readLog } from './read-log.js'

const line = (call: string, outcome = 'SUCCESS'): string =>
  `2018-03-21 15:32:15,375 ${outcome === 'SUCCESS' ? 'INFO' : 'ERROR'} [default] ${call} {${outcome}} [ pid = 934 /usr/bin/cp uid = 0 ]`
const START = '2018-03-21 15:32:14,095 INFO [default] LoggedFS starting at /mnt/d.'
const log = (...lines: string[]) => readLog(lines.map((one) => `${one}\n`).join(''))

test('in a colour from its first line on, paths are known to who names the dialect too', () => {
  const paths: (string | null)[] = []
  const onEnd = ({ path }: { path: string | null }): unknown => paths.push(path)
  const interpreter = new Interpreter({ dialect: loggedfs, onEnd })
  const text = [START, line('readlink /mnt/d/a')].map((one) => `\x1b[32m${one}\x1b[0m\n`).join('')
  for (const one of linesOf(Buffer.from(text))) interpreter.push({ ...one, atNs: 0 })
  interpreter.end(0)
  expect(paths).toEqual(['/a'])
})

test('a name is looked up by asking for attributes, and what was made is asked for within the same request', () => {
  const { dialect, operations, unparsed } = log(
    START,
    line('getattr /mnt/d/'),
    line('getattr /mnt/d/a', 'FAILURE'),
    line('mknod /mnt/d/a 100644 S_IFREG (normal file creation)'),
    line('getattr /mnt/d/a'),
    line('open readwrite /mnt/d/a'),
    line('write 5 bytes to /mnt/d/a at offset 0'),
    line('5 bytes written to /mnt/d/a at offset 0'),
    line('getattr /mnt/d/a'),
    line('release /mnt/d/a'),
    // Nothing is kept: a path is looked up, its attributes are asked for then.
    line('getattr /mnt/d/a'),
    line('getattr /mnt/d/a'),
    line('rename /mnt/d/a to /mnt/d/b c'),
    line('2018 LoggedFS closing.'),
  )
  expect(dialect).toBe('loggedfs')
  expect(brief(operations)).toEqual([
    'getattr /',
    'lookup /a',
    'mknod /a',
    'open /a',
    'write /a',
    'getattr /a',
    'release /a',
    'lookup /a',
    'getattr /a',
    'rename /a -> /b c',
  ])
  expect(operations[1]).toMatchObject({ status: 'error', errno: null, pid: 934 })
  expect(operations[4]).toMatchObject({ size: 5, offset: 0, status: 'ok', lines: [6, 7] })
  expect(unparsed).toBe(1)
})

test('paths are unknown while no line has shown the mountpoint, and where names can be cut in two ways', () => {
  const { operations } = log(
    line('getattr /mnt/d/a'),
    START,
    line('rename /mnt/d/a to /mnt/d/b to /mnt/d/c'),
    line('unlink /mnt/other'),
    line('hard link from /mnt/d/new to /mnt/d/old'),
  )
  expect(brief(operations)).toEqual(['getattr null', 'rename null', 'unlink null', 'link /old -> /new'])
})

test('rlog’s lines, the Python version’s, and syslog’s', () => {
  const tail = '{SUCCESS} [ pid = 8700 kded [kdeinit] uid = 1000 ]'
  for (const before of ['17:29:35 (src/loggedfs.cpp:136) ', '2017-12-09 17:29:35,246 (loggedfs-python) ']) {
    const { dialect, operations } = log(
      `${before}chdir to /var`,
      `${before}getattr /var/ ${tail}`,
      `${before}readdir /var/x ${tail}`,
    )
    expect([dialect, ...brief(operations)]).toEqual(['loggedfs', 'getattr /', 'readdir /x'])
  }
  const syslog = 'Sep  4 00:16:28 worker3 loggedfs: '
  const { operations } = log(
    `${syslog}getattr /var/ ${tail}`,
    `${syslog}read 4096 bytes from /var/log/syslog at offset 184320 ${tail}`,
    `${syslog}312 bytes read from /var/log/syslog at offset 184320 ${tail}`,
  )
  expect(operations).toMatchObject([{ path: '/' }, { opcode: 'read', path: '/log/syslog', size: 4096, status: 'ok' }])
})

test('a name with a newline and a whole line in it forges none', () => {
  const name = `x\n${line('rmdir /mnt/d/forged')}`
  const { operations } = log(START, line(`unlink /mnt/d/${name}`), line('statfs /mnt/d/'))
  expect(brief(operations)).toEqual(['unlink null', 'statfs /'])
  expect(brief(log(START, line('unlink /mnt/d/new\nline')).operations)).toEqual(['unlink /new\nline'])
})

test('blanks at a line’s end are not the log’s', () => {
  const { operations } = log(`${START}   `, `${line('rmdir /mnt/d/a ')}  `, line('rmdir /mnt/d/b'))
  expect(brief(operations)).toEqual(['rmdir /a ', 'rmdir /b'])
})

test('a line that was cut off takes nothing with it that it would not say', () => {
  const whole = line('rmdir /mnt/d/a')
  const { operations, unparsed } = log(START, whole, line('unlink /mnt/d/cut').slice(0, 50), whole, whole)
  expect(operations).toMatchObject([
    { opcode: 'rmdir', path: '/a', status: 'ok' },
    { opcode: 'unlink', path: null, status: 'unknown' },
    { opcode: 'rmdir', path: '/a', status: 'ok' },
  ])
  expect(unparsed).toBe(1)
})
