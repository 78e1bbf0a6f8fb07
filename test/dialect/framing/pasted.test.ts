import { describe, expect, test } from 'vitest'
import { dialects } from '../../../src/dialect/builtin.js'
import { linesOf } from '../../../src/line/splitter.js'
import { encode } from '../../../src/line/text.js'
import { explain } from '../../../src/operation/explain.js'
import { Interpreter } from '../../../src/operation/interpreter.js'
import type { Operation } from '../../../src/operation/operation.js'
import { OwnClock } from '../../../src/operation/own-clock.js'
import { madeLog } from '../../drift/made.js'
import { brief, readLog } from '../read-log.js'

/** Reads a log with the times that its lines carry themselves, as an import does. */
function imported(text: string): { operations: Operation[]; clock: OwnClock; unparsed: number } {
  const operations: Operation[] = []
  const clock = new OwnClock()
  const interpreter = new Interpreter({ candidates: dialects, clock, onEnd: (one) => operations.push(one) })
  for (const line of linesOf(Buffer.from(text, 'utf8'))) interpreter.push(line)
  interpreter.end(0)
  return { operations: operations.sort((a, b) => a.id - b.id), clock, unparsed: interpreter.unparsed }
}

const LOOKUP = [
  'unique: 4, opcode: LOOKUP (1), nodeid: 1, insize: 42, pid: 900',
  'LOOKUP /a',
  'getattr[NULL] /a',
  '   NODEID: 2',
  '   unique: 4, success, outsize: 144',
]
const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')
const json = (line: string, object: Record<string, unknown> = {}): string =>
  JSON.stringify({ log: `${line}\n`, stream: 'stderr', time: '2026-11-22T20:00:41.123456789Z', ...object })

describe.each<[string, (line: string) => string]>([
  ['indented', (line) => `    ${line}`],
  ['indented by a tab', (line) => `\t${line}`],
  ['quoted', (line) => `> ${line}`],
  ['quoted twice', (line) => `> > ${line}`],
  ['quoted and indented', (line) => `>     ${line}`],
  ['with blanks behind', (line) => `${line}        `],
  ['padded to a width', (line) => line.padEnd(100)],
  ['without their indentation', (line) => line.trimStart()],
  ['with carriage returns', (line) => `${line}\r`],
  ['in docker’s JSON files', (line) => json(line)],
  ['in JSON of zap', (line) => JSON.stringify({ level: 'debug', ts: 1700000000.25, caller: 'a/b.go:12', msg: line })],
  ['in JSON of bunyan', (line) => JSON.stringify({ name: 'mount', time: '2026-11-22T20:00:41Z', msg: line, v: 0 })],
  [
    'in logrus’ text',
    (line) => `time="2026-11-22T20:00:41Z" level=debug msg="${line}" source=virtiofsd subsystem=qemu`,
  ],
  ['in zap’s console', (line) => `2026-11-22T20:00:41.123Z\tDEBUG\tmount/fuse.go:12\t${line}`],
  ['of RFC 5424', (line) => `<30>1 2026-11-22T20:00:41.123Z host mount 123 - [a@1 b="c"] ${line}`],
  ['of RFC 5424 without data', (line) => `<30>1 2026-11-22T20:00:41.123Z host mount 123 ID47 - ${line}`],
  ['of kubectl logs --prefix', (line) => `[pod/mount-7c4/fuse] ${line}`],
  ['of kubectl logs --prefix --timestamps', (line) => `[pod/mount-7c4/fuse] 2026-11-22T20:00:41.123456789Z ${line}`],
  ['behind a program’s own prefix', (line) => `2026-04-24T06:22:04.437125Z :NFS_FUSE DEBUG: : ${line}`],
  ['of the C virtiofsd', (line) => `[2020-02-24 09:31:02.123+0000] [ID: 00000097] ${line}`],
  ['of grep -n', (line) => `12:${line}`],
  ['of grep -Hn', (line) => `logs/mount.log:12:${line}`],
  ['of less -N', (line) => `     12 ${line}`],
  ['of CloudWatch', (line) => `1772600767000 ${line}`],
  ['of a GitLab job', (line) => `2026-11-22T20:00:41.123456Z 01O ${line}`],
  ['of a GitHub job', (line) => `test\tRun tests\t2026-11-22T20:00:41.1234567Z ${line}`],
  ['of Loki', (line) => `2026-11-22T20:00:41+00:00 {app="fuse", pod="a-1"} ${line}`],
  ['of fluentd', (line) => `2026-11-22 20:00:41.000000000 +0000 fuse.log: ${JSON.stringify({ log: line })}`],
  ['of Python’s basicConfig', (line) => `DEBUG:fuse:${line}`],
  ['of multilog', (line) => `@400000006742e1a90a2b3c4d ${line}`],
  ['of journalctl -o verbose', (line) => `    MESSAGE=${line}`],
  ['added by a diff', (line) => `+${line}`],
  ['in a failed assertion of pytest', (line) => `E   ${line}`],
  ['between backticks', (line) => `\`${line}\``],
  ['in a list of strings', (line) => `'${line}',`],
  ['in colours', (line) => `\x1b[32m${line}\x1b[0m`],
  ['in a table of a log service', (line) => `"2026-11-22T20:00:41Z","fuse-1","${line.replaceAll('"', '""')}"`],
  ['of `cat -A`', (line) => `${line}$`],
  ['in a Markdown table', (line) => `| ${line} |`],
  ['in paragraphs of HTML', (line) => `<p>${line}</p>`],
  ['with HTML’s line ends', (line) => `${line}<br>`],
  ['bold in a forum', (line) => `[B]${line}[/B]`],
  ['bold in Markdown', (line) => `**${line}**`],
  ['with a level before', (line) => `ERR ${line}`],
  ['of stern', (line) => `fuse-pod-7c4 fuse-container ${line}`],
  ['of Python’s logging with a time', (line) => `2026-11-22 20:00:41,123 DEBUG ${line}`],
  ['of Python’s logging with all', (line) => `2026-11-22 20:00:41,123 - fuse.mount - DEBUG - ${line}`],
  ['of pytest', (line) => `DEBUG    mount:conftest.py:42 ${line}`],
  ['of Go’s slog', (line) => `2026/11/22 20:00:41 INFO ${line}`],
  ['of an older docker compose', (line) => `\x1b[36mfuse_1  |\x1b[0m ${line}`],
  ['behind a coloured tag', (line) => `\x1b[1m\x1b[32m[fuse]\x1b[0m ${line}`],
  ['numbered as a list', (line) => `12. ${line}`],
  ['of grep -r', (line) => `./logs/fuse.log:${line}`],
  ['removed by a diff', (line) => `-${line}`],
  ['of a sanitizer', (line) => `==123== ${line}`],
  ['of monolog', (line) => `[2026-11-22 20:00:41] app.DEBUG: ${line} [] []`],
  ['in a list of YAML', (line) => `  - ${JSON.stringify(line)}`],
  ['in a list of JSON', (line) => `  ${JSON.stringify(line)},`],
  ['as Python’s bytes', (line) => `b'${line}\\n'`],
  ['of strace', (line) => `write(2, ${JSON.stringify(`${line}\n`)}, ${line.length + 1}) = ${line.length + 1}`],
  ['in a test of pytest’s with its place behind', (line) => `20:00:41 [   DEBUG] ${line} (conftest.py:42)`],
  ['of Node’s debug', (line) => `  \x1b[38;5;32;1mfuse \x1b[0m${line} \x1b[38;5;32m+12ms\x1b[0m`],
  ['of NLog', (line) => `2026-11-22 20:00:41.123|DEBUG|Fuse.Mount|${line}`],
  ['of foreman in colour', (line) => `\x1b[36m20:00:41 fuse.1   | \x1b[0m${line}`],
  ['of Windows’ events', (line) => `11/22/2026 20:00:41  Information  Fuse  1000  None  ${line}`],
  ['quoted syslog', (line) => `> Nov 22 20:00:41 host mount[123]: ${line}`],
  ['of Node’s debug, copied', (line) => `  fuse ${line} +12ms`],
  ['of logcat with the tag behind', (line) => `D( 1234) ${line}  (fuse)`],
  [
    'of logrus on a terminal',
    (line) => `\x1b[37mDEBU\x1b[0m[0012] ${line.padEnd(44)} \x1b[37mcomponent\x1b[0m=fuse \x1b[37mid\x1b[0m="a b"`,
  ],
  [
    'of zap with fields',
    (line) => `2026-11-22T20:00:41.123+0100\tDEBUG\tmount/fuse.go:12\t${line}\t{"id": ${line.length}}`,
  ],
  [
    'of zap in colour, with a name',
    (line) => `2026-11-22T20:00:41.123Z\t\x1b[35mDEBUG\x1b[0m\tfuse\tmount/fuse.go:12\t${line}`,
  ],
  ['of zerolog on a terminal', (line) => `\x1b[90m8:00PM\x1b[0m \x1b[33mDBG\x1b[0m ${line} \x1b[36mfoo=\x1b[0mbar`],
  ['of log4js in colour', (line) => `\x1b[36m[2026-11-22T20:00:41.123] [DEBUG] fuse - \x1b[39m${line}`],
  [
    'of loguru in colour',
    (line) =>
      `\x1b[32m2026-11-22 20:00:41.123\x1b[0m | \x1b[34m\x1b[1mDEBUG   \x1b[0m | \x1b[36mmount\x1b[0m:\x1b[36mrun\x1b[0m:\x1b[36m12\x1b[0m - \x1b[34m\x1b[1m${line}\x1b[0m`,
  ],
  [
    'of coloredlogs',
    (line) =>
      `\x1b[32m2026-11-22 20:00:41\x1b[0m \x1b[35mhost\x1b[0m \x1b[34mfuse[12]\x1b[0m \x1b[1;30mDEBUG\x1b[0m \x1b[32m${line}\x1b[0m`,
  ],
  [
    'in Elasticsearch’s hits',
    (line) => JSON.stringify({ _index: 'a', _source: { '@timestamp': '2026-11-22T20:00:41Z', message: line } }),
  ],
  ['of `aws logs`', (line) => `EVENTS\t1795377641123\t${line}\t1795377641999`],
  ['of tput', (line) => `\x1b(B\x1b[m${line}\x1b(B\x1b[m`],
  ['behind a terminal’s title', (line) => `\x1b]0;fuse\x07${line}`],
  ['of script', (line) => `\r\x1b[K${line}\r`],
  ['with a time and a semicolon', (line) => `2026-11-22 20:00:41;${line}`],
  ['in JSON with blanks', (line) => `{ "level": "debug", "message": ${JSON.stringify(line)} }`],
  ['as a syslog is sent them', (line) => `<31>Nov 22 20:00:41 mount.fuse[12]: ${line}`],
  ['of RFC 5424 in a file', (line) => `1 2026-11-22T20:00:41.123Z host mount 123 - - ${line}`],
])('lines %s', (_, wrap) => {
  test('are read as without', () => {
    const { dialect, operations, unparsed } = readLog(text(LOOKUP.map(wrap)))
    expect(dialect).toBe('libfuse')
    expect(operations).toMatchObject([{ opcode: 'lookup', path: '/a', status: 'ok', unique: 4 }])
    expect(unparsed).toBe(0)
  })
})

test.each<[string, (line: string) => string]>([
  ['Loki', (line) => `2026-11-22T20:00:41+00:00 {app="fuse"} ${line}`],
  ['grep -n', (line) => `12:${line}`],
  ['fluentd', (line) => `2026-11-22 20:00:41.000000000 +0000 fuse.log: ${JSON.stringify({ log: line })}`],
  ['foreman', (line) => `05:06:07 fuse.1 | ${line}`],
  ['logcat', (line) => `03-04 05:06:07.012  1234  1240 D fuse    : ${line}`],
  ['a terminal’s padding', (line) => `${line}   `],
  ['green', (line) => `\x1b[32m${line}\x1b[0m`],
  ['foreman in colour', (line) => `\x1b[36m20:00:41 fuse.1   | \x1b[0m${line}`],
  ['Jenkins', (line) => `20:00:41  ${line}`],
  ['a date of the United States', (line) => `Nov 22, 2026 8:00:41.123456 PM ${line}`],
  ['a mail’s date', (line) => `Sun, 22 Nov 2026 20:00:41 +0100 ${line}`],
  ['a German date', (line) => `22.11.2026 20:00:41 ${line}`],
  ['a date with a month’s name', (line) => `22-Nov-2026 20:00:41.123 ${line}`],
  ['date’s', (line) => `Sun Nov 22 20:00:41 UTC 2026 ${line}`],
  ['Windows’ events', (line) => `11/22/2026 20:00:41  Information  Fuse  1000  None  ${line}`],
  ['journalctl -o short-full', (line) => `Sun 2026-11-22 20:00:41 UTC host mount[12]: ${line}`],
  ['journalctl -o with-unit', (line) => `Sun 2026-11-22 20:00:41 CEST host fuse.service[12]: ${line}`],
  ['log4js in colour', (line) => `\x1b[36m[2026-11-22T20:00:41.123] [DEBUG] fuse - \x1b[39m${line}`],
  ['macOS’ console', (line) => `default\t20:00:41.123456 +0100\tfuse-t\t${line}`],
])('lines of tracing, which are known by a word anywhere: %s', (_, wrap) => {
  const lines = [
    '2026-11-22T20:00:41.000000Z  INFO mergerfs_rs: Starting mergerfs-rs mount',
    '2026-11-22T20:00:41.000000Z  INFO mergerfs_rs: mounted',
    '2026-11-22T20:00:41.000001Z DEBUG fuse::getattr{ino=1}: fs: src/a.rs:1: Starting getattr',
    '2026-11-22T20:00:41.000101Z DEBUG fuse::getattr{ino=1}: fs: close time.busy=100µs time.idle=2.00µs',
    '2026-11-22T20:00:41.000201Z DEBUG fuse::create{parent=1 name=a.txt}: fs: src/a.rs:1: Starting create',
    '2026-11-22T20:00:41.000301Z ERROR fuse::create{parent=1 name=a.txt}: fs: src/a.rs:2: Failed: File exists (os error 17)',
  ]
  const bare = imported(text(lines)).operations
  const { operations } = imported(text(lines.map(wrap)))
  const seen = (all: readonly Operation[]) =>
    all.map(({ opcode, path, status, errno }) => [opcode, path, status, errno])
  expect(bare).toHaveLength(2)
  expect(seen(operations)).toEqual(seen(bare))
})

const OTHERS: readonly (readonly [string, readonly string[]])[] = [
  [
    'go-fuse',
    [
      'rx 2: INIT n0 {7.45 Ra 131072 0x0} 48b',
      'tx 2:     OK, {7.28 Ra 131072 0x0}',
      '20:00:35.640828 rx 4: LOOKUP n1 ["a b"] 4b',
      '20:00:35.640922 tx 4:     2=no such file or directory, {n0 g0 tE=0s tA=0s {M00 SZ=0 L=0 0:0}}',
    ],
  ],
  [
    'bazil',
    [
      '2026/11/22 21:13:02 FUSE: <- Lookup [ID=0x6 Node=0x1 Uid=0 Gid=0 Pid=9] "a b"',
      '2026/11/22 21:13:02 FUSE: -> [ID=0x6] Lookup error=ENOENT',
    ],
  ],
  // Its names have no quotes: one would take in what stands behind it.
  [
    'go-fuse',
    [
      '2018/01/01 20:00:35.640828 Dispatch 4: LOOKUP, NodeId: 1. names: [a b] 4 bytes',
      '2018/01/01 20:00:35.640922 Serialize 4: LOOKUP code: 2=no such file or directory value: ',
    ],
  ],
  [
    'tracing-json',
    [
      '{"timestamp":"2026-11-22T20:00:41.000001Z","level":"DEBUG","fields":{"message":"FUSE(  4) ino 0x0000000000000001 LOOKUP name \\"a b\\""},"target":"fuser::request"}',
      '{"timestamp":"2026-11-22T20:00:41.000301Z","level":"ERROR","fields":{"message":"Failed: No such file or directory (os error 2)"},"target":"fs","span":{"parent":"1","name":"a b","name":"fuse::lookup"}}',
    ],
  ],
  [
    'jacobsa',
    [
      'fuse_debug: Op 0x00000006        connection.go:420] <- LookUpInode (parent 1, name "a b", PID 7)',
      'fuse_debug: Op 0x00000006        connection.go:513] -> Error: "no such file or directory"',
    ],
  ],
  [
    'tracing',
    [
      '2026-11-22T20:00:41.000001Z DEBUG fuse::lookup{parent=1 name="a b"}: fs: src/a.rs:1: Starting',
      '2026-11-22T20:00:41.000301Z ERROR fuse::lookup{parent=1 name="a b"}: fs: src/a.rs:2: Failed: No such file or directory (os error 2)',
    ],
  ],
  [
    'mergerfs',
    [
      'ts=5798325042724 dir=IN unique=0x6 opcode=LOOKUP opcode_id=1 nodeid=1 uid=0 gid=0 pid=5589 name="a b"',
      'ts=5798325042824 dir=OUT unique=0x6 error=-2 error_str="No such file or directory" len=16',
    ],
  ],
]
const html = (line: string): string => line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
const WRITTEN: readonly (readonly [string, (line: string) => string])[] = [
  ['in HTML', (line) => html(line).replaceAll('"', '&quot;')],
  ['in HTML, by numbers', (line) => html(line).replaceAll('"', '&#34;')],
  ['in paragraphs of HTML', (line) => `<p>${html(line).replaceAll('"', '&quot;')}</p>`],
  ['in a list of JSON', (line) => `  ${JSON.stringify(line)},`],
  ['in a list of Python', (line) => ` '${line}',`],
  ['as Python’s bytes', (line) => `b'${line}\\n'`],
  ['of strace', (line) => `write(2, ${JSON.stringify(`${line}\n`)}, 9) = 9`],
  ['of `cat -A`', (line) => `${line}$`],
  ['of Python’s basicConfig', (line) => `DEBUG:root:${line}`],
  ['of Python’s logging with a time', (line) => `2026-11-22 20:00:41,123 DEBUG ${line}`],
  ['of Python’s logging with all', (line) => `2026-11-22 20:00:41,123 - fuse.mount - DEBUG - ${line}`],
  ['of env_logger', (line) => `[2026-11-22T20:00:41Z INFO  runner] ${line}`],
  ['of another tracing', (line) => `2026-11-22T20:00:41.000009Z  INFO runner: ${line}`],
  ['in colours', (line) => `\x1b[0;33m${line}\x1b[0m\x1b[K`],
  ['in green', (line) => `\x1b[32m${line}\x1b[39m`],
  ['in records of JSON', (line) => JSON.stringify({ time: '2026-11-22T20:00:41Z', msg: line, pid: 1 })],
  ['in logfmt', (line) => `level=debug msg=${JSON.stringify(line)} pid=1`],
  ['in values with semicolons', (line) => `"2026-11-22T20:00:41Z";"fs";"${line.replaceAll('"', '""')}"`],
  ['in HTML within HTML', (line) => html(html(line).replaceAll('"', '&quot;'))],
  ['of airflow', (line) => `[2026-11-22, 20:00:41 UTC] {subprocess.py:93} INFO - ${line}`],
]

describe.each(OTHERS)('lines of %s', (dialect, lines) => {
  test.each(WRITTEN)('%s are read as without', (_, wrap) => {
    const read = readLog(text(lines.map(wrap)))
    expect(read.dialect).toBe(dialect)
    expect(read.operations.at(-1)).toMatchObject({ opcode: 'lookup', path: '/a b' })
    const { status, errno, negative } = readLog(text(lines)).operations.at(-1) ?? {}
    expect(read.operations.at(-1)).toMatchObject({ status, errno, ...(negative && { negative }) })
  })
})

describe.each<[string, (line: string) => string]>([
  ['docker’s JSON files', (line) => json(line)],
  ['Kubernetes’ files', (line) => `2026-11-22T20:00:41.123456789Z stderr F ${line}`],
  ['lines of another system', (line) => `${line}\r`],
])('within %s, lines', (_, outer) => {
  const traced = [
    '2026-11-22T20:00:41.000000Z  INFO fs: Starting mount',
    '2026-11-22T20:00:41.000001Z DEBUG fuse::mkdir{parent=1 name=a}: fs: src/a.rs:1: Starting mkdir',
    '2026-11-22T20:00:41.000301Z ERROR fuse::mkdir{parent=1 name=a}: fs: src/a.rs:2: Failed: File exists (os error 17)',
  ]
  test.each<[string, (line: string) => string]>([
    ['of log4j', (line) => `2026-11-22 20:00:41,123 DEBUG [main] com.x.Fuse: ${line}`],
    [
      'of macOS',
      (line) => `2026-11-22 20:00:41.000123+0100 0x1a2b  Default  0x0  123  0  fuse: (libfuse.dylib) ${line}`,
    ],
    ['with a number before', (line) => `12:${line}`],
  ])('%s are read as without, although the first of them says nothing', (_, inner) => {
    const lines = ['FUSE library version: 3.14.0', ...LOOKUP]
    const { operations } = readLog(text(lines.map((line) => outer(inner(line)))))
    expect(operations).toMatchObject([{ opcode: 'lookup', path: '/a', status: 'ok', unique: 4 }])
    const { operations: mkdir } = readLog(text(traced.map((line) => outer(inner(line)))))
    expect(mkdir).toMatchObject([{ opcode: 'mkdir', path: '/a', errno: 'EEXIST' }])
  })
})

test('blanks before another system’s end of a line', () => {
  const { operations, unparsed } = readLog(
    text(['FUSE library version: 3.14.0', ...LOOKUP].map((line) => `${line}        \r`)),
  )
  expect(operations).toMatchObject([{ opcode: 'lookup', path: '/a', status: 'ok', unique: 4 }])
  expect(unparsed).toBe(0)
})

test('a page of a log in which quotation marks end lines', () => {
  const lines = [
    'ts=5798325042724 dir=IN unique=0x6 opcode=INIT opcode_id=26 nodeid=0 uid=0 gid=0 pid=0 major=7 flags_str=&quot;ASYNC_READ&quot;',
    'ts=5798325042924 dir=IN unique=0x8 opcode=LOOKUP opcode_id=1 nodeid=1 uid=0 gid=0 pid=5589 name=&quot;a b&quot;',
  ]
  const { operations } = readLog(text(lines.map((line) => `fuse-1  | ${line}`)))
  expect(operations).toMatchObject([{ opcode: 'init' }, { opcode: 'lookup', path: '/a b' }])
})

test('a page of a log in logfmt, of lines that are known by a word', () => {
  const line = 'level=debug msg="20:00:35.640828 Dispatch 4: LOOKUP, NodeId: 1. names: [a b] 4 bytes" pid=1'
  const { operations } = readLog(text([html(line).replaceAll('"', '&quot;')]))
  expect(brief(operations)).toEqual(['lookup /a b'])
})

test.each([/^ +/, / /g])('libfuse’s lines with blanks that do not break: %s', (blanks) => {
  const lines = LOOKUP.map((line) => line.replace(blanks, (found) => '\u00a0'.repeat(found.length)))
  const { operations } = readLog(text(lines))
  expect(operations).toMatchObject([{ opcode: 'lookup', path: '/a', status: 'ok', unique: 4 }])
})

test('lines in quotes that hold quotes, none escaped: the line does not end at the first of them', () => {
  const log = madeLog('winfsp')?.map(({ raw }) => raw) ?? []
  const { operations } = readLog(text(log))
  expect(operations.length).toBeGreaterThan(100)
  expect(brief(readLog(text(log.map((raw) => `"${raw}"`))).operations)).toEqual(brief(operations))
})

test('bazil’s lines with quotation marks of a chat', () => {
  const lines = ['FUSE: <- Lookup [ID=0x6 Node=0x1 Uid=0 Gid=0 Pid=9] “a b”', 'FUSE: -> [ID=0x6] Lookup error=ENOENT']
  expect(brief(readLog(text(lines)).operations)).toEqual(['lookup /a b'])
})

test.each([
  ['whose escape was lost', ''],
  ['as `cat -v` shows them', '^['],
  ['as rsyslog writes them', '#033'],
  ['as Python shows them', '\\x1b'],
])('colours %s', (_, shown) => {
  const line = (level: string, message: string): string =>
    `\x1b[2m2026-11-22T20:00:41.000001Z\x1b[0m \x1b[34m${level}\x1b[0m \x1b[1mfuse::mkdir\x1b[0m\x1b[1m{\x1b[0m\x1b[3mparent\x1b[0m\x1b[2m=\x1b[0m1 \x1b[3mname\x1b[0m\x1b[2m=\x1b[0md\x1b[1m}\x1b[0m\x1b[2m:\x1b[0m \x1b[2mfs\x1b[0m\x1b[2m:\x1b[0m ${message}`
  const lines = [line('DEBUG', 'Starting'), line('ERROR', 'Failed: File exists (os error 17)')]
  const { dialect, operations } = readLog(text(lines.map((one) => one.replaceAll('\x1b', shown))))
  expect(dialect).toBe('tracing')
  expect(operations).toMatchObject([{ opcode: 'mkdir', path: '/d', status: 'error', errno: 'EEXIST' }])
})

describe('names that look as if somebody had written a line in another way', () => {
  test.each([
    ['&lt;b&gt; &quot;x&quot;'],
    ['a$'],
    ['a&#34;'],
    ['[0m'],
    ['x=3Dy'],
    ['<br>'],
    ['“x”'],
    ['a -> b'],
    ['b’c|'],
  ])('%s', (name) => {
    const lookup = (unique: number, quoted: string): string[] => [
      `20:00:35.640828 rx ${unique}: LOOKUP n1 ["${quoted}"] 9b`,
      `20:00:35.640922 tx ${unique}:     OK, {n${unique} g1 tE=0s tA=0s {M0100644 SZ=0 L=1 0:0}}`,
    ]
    const { operations } = readLog(text([...lookup(4, name), ...lookup(6, name), ...lookup(8, 'b')]))
    expect(brief(operations)).toEqual([`lookup /${name}`, `lookup /${name}`, 'lookup /b'])
    const high = (unique: number, entry: string): string[] => [
      `unique: ${unique}, opcode: LOOKUP (1), nodeid: 1, insize: ${41 + encode(entry).length}, pid: 9`,
      `LOOKUP /${entry}`,
      `   unique: ${unique}, error: -2 (No such file or directory), outsize: 16`,
    ]
    const libfuse = readLog(text([...high(4, name), ...high(6, name), ...high(8, 'b')]))
    expect(brief(libfuse.operations)).toEqual([`lookup /${name}`, `lookup /${name}`, 'lookup /b'])
  })
})

test('the pretty format of tracing, indented and behind prefixes', () => {
  const lines = [
    '  2026-11-22T19:58:36.300000Z DEBUG fuser::request: FUSE( 4) ino 0x0000000000000001 MKDIR name "d", mode 0o755, umask 0o22',
    '    at src/request.rs:54',
    '',
    '  2026-11-22T19:58:36.300001Z DEBUG fs: Creating directory',
    '    at src/fs.rs:402',
    '    in fs::fuse::mkdir with parent: 1, name: d',
    '',
  ]
  for (const before of ['', '    ', '\t', '[stderr] ', 'DEBUG:root:', 'pod-1 fuse ', '12: ', '+']) {
    const { dialect, operations } = readLog(text(lines.map((line) => `${before}${line}`)))
    expect([before, dialect, brief(operations)]).toEqual([before, 'tracing-pretty', ['mkdir /d']])
  }
})

test('one line that ends in a mark takes nothing off the others, however few they are', () => {
  const lookup = 'unique: 4, opcode: LOOKUP (1), nodeid: 1, insize: 43, pid: 900'
  const reply = '   unique: 4, success, outsize: 144'
  expect(brief(readLog(text([lookup, 'LOOKUP /a$', reply])).operations)).toEqual(['lookup /a$'])
  const { operations } = readLog(text(['20:00:35.640828 rx 4: RMDIR n1 "a$"', '20:00:35.640922 tx 4:     OK']))
  expect(brief(operations)).toEqual(['rmdir /a$'])
})

test('bazil’s errors, with blanks or a colour’s end behind them', () => {
  const lines = (behind: string) => [
    'FUSE: <- Lookup [ID=0x6 Node=0x1 Uid=0 Gid=0 Pid=9] "a"',
    `FUSE: -> [ID=0x6] Lookup error=ENOENT${behind}`,
  ]
  for (const behind of ['', '   ', '\x1b[0m']) {
    expect(readLog(text(lines(behind))).operations).toMatchObject([{ opcode: 'lookup', path: '/a', errno: 'ENOENT' }])
  }
})

test('a large number within a message is no number of the JSON around it', () => {
  const message =
    '[2026-11-22T20:00:54.225394287Z DEBUG fuser] [Not Implemented] flush(ino: 0x2, fh: 4611686018427387905, lock_owner: 3146459719377720790)'
  const head =
    '[2026-11-22T20:00:54.225380511Z DEBUG fuser::request] FUSE( 10) ino 0x0000000000000002 FLUSH fh FileHandle(4611686018427387905), lock owner LockOwner(3146459719377720790)'
  const { operations } = readLog(text([head, message].map((line) => json(line))))
  expect(operations).toMatchObject([{ opcode: 'flush', status: 'error', errno: 'ENOSYS' }])
})

describe('characters that a logger has escaped', () => {
  const named = (name: string): string[] => LOOKUP.map((line) => line.replace('/a', `/${name}`))
  const ascii = (text: string): string =>
    text.replace(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

  test.each<[string, (line: string) => string]>([
    ['JSON', (line) => JSON.stringify({ message: line })],
    ['JSON in ASCII', (line) => ascii(JSON.stringify({ message: line }))],
    ['logfmt in ASCII', (line) => `level=debug msg=${ascii(JSON.stringify(line))}`],
  ])('%s', (_, wrap) => {
    const { operations } = imported(text(named('é-日-😀-\\u00e9').map(wrap)))
    expect(operations.map(({ path }) => path)).toEqual(['/é-日-😀-\\u00e9'])
  })

  test.each<[string, (line: string) => string]>([
    ['JSON', (line) => ascii(JSON.stringify({ message: line }))],
    ['logfmt', (line) => `msg=${ascii(JSON.stringify(line))}`],
  ])('a byte that is no UTF-8, as Python writes it: %s', (_, wrap) => {
    const { operations } = imported(text(named('é?').map((line) => wrap(line).replace('?', '\\udcff'))))
    expect(operations.map(({ path }) => path)).toEqual(['/é\\xFF'])
  })
})

test('two kinds of wrapped lines in one log', () => {
  const lines = [
    ...LOOKUP.map((line) => `time="2019-08-29T08:42:55.396799892Z" level=debug msg="${line}" source=x`),
    '2026-04-24T06:22:04.437125Z :NFS_FUSE DEBUG: : unique: 6, opcode: GETATTR (3), nodeid: 1, insize: 56, pid: 0',
    '2026-04-24T06:22:04.437225Z :NFS_FUSE DEBUG: :    unique: 6, success, outsize: 120',
  ]
  expect(brief(readLog(text(lines)).operations)).toEqual(['lookup /a', 'getattr /'])
})

test('a shell’s prompt before a line, in any dialect', () => {
  const reply = '   unique: 2, success, outsize: 120'
  const lines = [
    'unique: 2, opcode: GETATTR (3), nodeid: 1, insize: 56, pid: 9',
    reply,
    `user@host:/mnt$ ${LOOKUP[0]}`,
    ...LOOKUP.slice(1),
    '*   Trying 192.0.2.1... unique: 6, opcode: GETATTR (3), nodeid: 1, insize: 56, pid: 9',
    '   unique: 6, success, outsize: 120',
  ]
  expect(brief(readLog(text(lines)).operations)).toEqual(['getattr /', 'lookup /a', 'getattr /'])
  const go = ['20:00:35.640828 rx 2: STATFS n1', '[root@box ~]# 20:00:35.640900 rx 4: LOOKUP n1 ["a"] 2b']
  expect(brief(readLog(text(go)).operations)).toEqual(['statfs /', 'lookup /a'])
})

test('a line over which another program has written its progress', () => {
  const [request = '', ...others] = LOOKUP
  const lines = [
    'unique: 2, opcode: GETATTR (3), nodeid: 1, insize: 56, pid: 9',
    `Downloading 10%\rDownloading 50%\r   unique: 2, success, outsize: 120`,
    `\r 100% [====>]\r${request}`,
    ...others,
  ]
  expect(readLog(text(lines)).operations).toMatchObject([
    { opcode: 'getattr', status: 'ok' },
    { opcode: 'lookup', path: '/a', status: 'ok' },
  ])
})

test('some lines of a log in bold', () => {
  const [request = '', ...others] = LOOKUP
  const reply = others.pop()
  const lines = [
    'unique: 2, opcode: GETATTR (3), nodeid: 1, insize: 56, pid: 9',
    '   unique: 2, success, outsize: 120',
    `[B]${request}`,
    ...others,
    `${reply}[/B]`,
  ]
  expect(readLog(text(lines)).operations).toMatchObject([{ opcode: 'getattr' }, { opcode: 'lookup', status: 'ok' }])
})

test.each([
  ['at a width', ['unique: 6, opcode: LOOKUP (1), nodeid: 139767698164736, insize: 45, p', 'id: 658']],
  ['at a blank', ['unique: 6, opcode: LOOKUP (1), nodeid: 139767698164736, insize: 45, pid:', '658']],
  ['in quoted-printable', ['unique: 6, opcode: LOOKUP (1), nodeid: 139767698164736, insize: 45, pid: 65=', '8']],
])('a line that is broken in two %s', (_, halves) => {
  const { operations } = readLog(
    text([...LOOKUP, ...halves, '   unique: 6, error: -2 (No such file or directory), outsize: 16']),
  )
  expect(operations).toMatchObject([{ unique: 4 }, { opcode: 'lookup', unique: 6, errno: 'ENOENT', pid: 658 }])
})

test('arrows of a low-level program without their indentation, and as a page of the web writes them', () => {
  const lines = (arrow: string): string[] => [
    'unique: 4, opcode: LOOKUP (1), nodeid: 1, insize: 43, pid: 658',
    arrow,
    '   unique: 4, success, outsize: 144',
    'unique: 6, opcode: OPENDIR (27), nodeid: 139767698164736, insize: 48, pid: 658',
    '   unique: 6, success, outsize: 32',
  ]
  for (const arrow of ['  1/d1 -> 139767698164736', '1/d1 -> 139767698164736', '  1/d1 -&gt; 139767698164736']) {
    expect(brief(readLog(text(lines(arrow))).operations)).toEqual(['lookup /d1', 'opendir /d1'])
  }
})

test('a terminal’s prompt in a file’s name hides nothing and forges nothing', () => {
  const name = 'x\n$ unique: 6, opcode: RMDIR (11), nodeid: 1, insize: 42, pid: 1'
  const lines = [`unique: 4, opcode: LOOKUP (1), nodeid: 1, insize: ${41 + name.length}, pid: 9`, `LOOKUP /${name}`]
  const { operations } = readLog(text([...lines, '   unique: 4, success, outsize: 144']))
  expect(brief(operations)).toEqual([`lookup /${name}`])
})

test('macOS takes ids from a pool that goes round: one that comes again is another request', () => {
  const go = [
    'rx 3: LOOKUP i1 ["a"] 2b',
    'tx 3:     OK, {i7 g1 tE=1s tA=1s {M0100644 SZ=1 L=0 0:0}}',
    'rx 4: ACCESS i7 {u=0 g=0 }',
    'tx 4:     OK',
    'rx 2: GETXATTR i7 {sz 0} ["com.apple.ResourceFork"] 23b',
    'tx 2:     93=attribute not found',
    'rx 3: LOOKUP i1 ["b"] 2b',
    'tx 3:     2=no such file or directory',
  ]
  expect(brief(readLog(text(go)).operations)).toEqual(['lookup /a', 'access /a', 'getxattr /a', 'lookup /b'])
  const same = [
    'rx 2: GETATTR n1 {Fh 0}',
    'tx 2:     OK, {tA=1s {M040755 SZ=0 L=2 0:0}}',
    'rx 2: MKDIR n1 {0755 (022)} ["d"] 2b',
    'tx 2:     17=file exists',
    'rx 2: LOOKUP n1 ["e"] 2b',
    'tx 2:     2=no such file or directory',
    'rx 3: RMDIR n1 ["d"] 2b',
    'tx 3:     OK',
    'rx 2: STATFS n1',
    'tx 2:     OK',
  ]
  expect(brief(readLog(text(same)).operations)).toEqual(['getattr /', 'mkdir /d', 'lookup /e', 'rmdir /d', 'statfs /'])
  const ids = [26, 18, 24, 22, 26, 18]
  const lines = ids.flatMap((id) => [
    `unique: ${id}, opcode: GETATTR (3), nodeid: 1, insize: 56, pid: 12151`,
    'getattr /',
    `   unique: ${id}, success, outsize: 136`,
  ])
  expect(readLog(text(lines)).operations.map(({ unique }) => unique)).toEqual(ids)
})

test('an answer through io_uring that is an error', () => {
  const lines = [
    'cqe unique: 8, opcode: LOOKUP (1), nodeid: 1, insize: 5, pid: 732',
    'LOOKUP /abcd',
    '    unique: 8, result=-2',
  ]
  expect(readLog(text(lines)).operations).toMatchObject([{ opcode: 'lookup', status: 'error', errno: 'ENOENT' }])
})

test('macOS gives the id that was answered last again', () => {
  const request = (id: number, opcode: string, rest: string): string =>
    `unique: ${id}, opcode: ${opcode}, ${rest}, pid: 10`
  const lines = [
    request(2, 'INIT (26)', 'nodeid: 0, insize: 56'),
    '   unique: 2, success, outsize: 40',
    request(2, 'GETATTR (3)', 'nodeid: 1, insize: 56'),
    'getattr /',
    '   unique: 2, success, outsize: 136',
    request(2, 'MKDIR (9)', 'nodeid: 1, insize: 50'),
    'mkdir /d 0755 umask=0000',
    '   NODEID: 2',
    '   unique: 2, success, outsize: 152',
    request(3, 'LOOKUP (1)', 'nodeid: 1, insize: 42'),
    'LOOKUP /a',
    '   unique: 3, error: -2 (No such file or directory), outsize: 16',
    request(3, 'CREATE (35)', 'nodeid: 1, insize: 58'),
    'create flags: 0xa01 /a 0100644 umask=0000',
    '   NODEID: 3',
    '   unique: 3, success, outsize: 168',
  ]
  const { operations, unparsed } = readLog(text(lines))
  expect(operations.map(({ opcode, path, status }) => `${opcode} ${path} ${status}`)).toEqual([
    'init null ok',
    'getattr / ok',
    'mkdir /d ok',
    'lookup /a error',
    'create /a ok',
  ])
  expect(unparsed).toBe(0)
})

test.each([
  ['go-fuse', 'rx 2: GETXATTR n1 {sz 0} ["x"] 14b\ntx 2:     93=attribute not found\n', 'ENODATA'],
  ['go-fuse', 'rx 2: RMDIR n1 ["x"] 14b\ntx 2:     66=directory not empty\n', 'ENOTEMPTY'],
  [
    'libfuse',
    'unique: 4, opcode: GETXATTR (22), nodeid: 1, insize: 77, pid: 9\ngetxattr / com.apple.FinderInfo 32 0\n   unique: 4, error: -96 (No message available on STREAM), outsize: 16\n',
    'ENODATA',
  ],
  [
    'libfuse',
    'unique: 4, opcode: GETATTR (3), nodeid: 1, insize: 56, pid: 9\ngetattr /\n   unique: 4, error: -60 (Operation timed out), outsize: 16\n',
    'ETIMEDOUT',
  ],
  [
    'libfuse',
    'unique: 4, opcode: GETATTR (3), nodeid: 1, insize: 56, pid: 9\ngetattr /\n   unique: 4, error: -102 (Operation not supported on socket), outsize: 16\n',
    'ENOTSUP',
  ],
  [
    'fusepy',
    "DEBUG:fuse.log-mixin:-> getxattr / ('a', 0)\nDEBUG:fuse.log-mixin:<- getxattr '[Errno 93] Attribute not found'\n",
    'ENODATA',
  ],
  [
    'tracing',
    'DEBUG fuse::rmdir{parent=1 name=d}: fs: src/a.rs:1: Starting\nERROR fuse::rmdir{parent=1 name=d}: fs: src/a.rs:2: Failed: Directory not empty (os error 66)\n',
    'ENOTEMPTY',
  ],
])('where words stand beside a number, they decide: %s', (dialect, log, errno) => {
  const read = readLog(log)
  expect(read.dialect).toBe(dialect)
  expect(read.operations).toMatchObject([{ status: 'error', errno }])
})

describe('a lookup that went well and found nothing', () => {
  test('of go-fuse', () => {
    const { operations } = readLog(
      '2019/01/23 21:52:59 rx 2: LOOKUP i1 ["missing"] 8b\n2019/01/23 21:52:59 tx 2:     OK, {i0 g0 tE=1s tA=0s {M00}}\n',
    )
    expect(operations).toMatchObject([
      { opcode: 'lookup', path: '/missing', status: 'ok', errno: null, negative: true },
    ])
  })

  test('of libfuse’s high level, which says the node of everything that it finds', () => {
    const { operations } = readLog(
      text([
        ...LOOKUP,
        'unique: 6, opcode: LOOKUP (1), nodeid: 1, insize: 42, pid: 900',
        'LOOKUP /b',
        'getattr[NULL] /b',
        '   unique: 6, success, outsize: 144',
      ]),
    )
    expect(operations.map(({ path, negative }) => [path, negative])).toEqual([
      ['/a', undefined],
      ['/b', true],
    ])
  })
})

describe('times', () => {
  test('a date in a name is never a line’s time', () => {
    const lookup = (unique: number, at: string): string[] => [
      `unique: ${unique}, opcode: LOOKUP (1), nodeid: 1, insize: 64, pid: 900`,
      `LOOKUP /2021-01-01 ${at}.jpg`,
      `   unique: ${unique}, success, outsize: 144`,
    ]
    const { operations, clock } = imported(text([...lookup(4, '00:00:00'), ...lookup(6, '00:10:00')]))
    expect(clock.known).toBe(false)
    expect(operations.map(({ startNs, endNs }) => [startNs, endNs])).toEqual([
      [0, 0],
      [0, 0],
    ])
  })

  test('a line that a name with a newline begins, far ahead of those around it, moves no clock', () => {
    const line = (at: string, what: string): string => `2026-11-22T20:00:${at}Z DEBUG fuse::getattr{ino=${what}}: fs: x`
    const log = text([line('41.000001', '1'), '2031-01-01T00:00:00Z and more', line('41.000003', '2')])
    expect(imported(log).operations.map(({ startNs }) => startNs)).toEqual([0, 2000])
  })

  test.each([
    [
      'gcsfuse’s JSON',
      (ns: number, message: string) =>
        JSON.stringify({ timestamp: { seconds: 1740394276, nanos: 100_000_000 + ns }, severity: 'TRACE', message }),
    ],
    [
      'gcsfuse’s JSON of 2024, all nanoseconds beside the seconds',
      (ns: number, message: string) =>
        `{"time":{"timestampSeconds":1704349437,"timestampNanos":1704349437${100_000_000 + ns}},"severity":"TRACE","msg":${JSON.stringify(message)}}`,
    ],
    [
      'gcsfuse’s JSON of 2020',
      (ns: number, message: string) =>
        JSON.stringify({ message, severity: 'TRACE', timestampSeconds: 1704349437, timestampNanos: 100_000_000 + ns }),
    ],
    [
      'gcsfuse’s text, dd/mm/yyyy',
      (ns: number, message: string) =>
        `time="03/07/2024 03:38:08.${100_000 + ns / 1000}" severity=TRACE message="${message.replaceAll('"', '\\"')}"`,
    ],
    ['glog', (ns: number, message: string) => `D1122 20:59:57.${100_000 + ns / 1000} ${message}`],
    ['a date before it', (ns: number, message: string) => `2026/11/22 20:59:57.${100_000 + ns / 1000} ${message}`],
    ['docker', (ns: number, message: string) => json(message, { time: `2026-11-22T20:00:41.${100_000_000 + ns}Z` })],
  ])('of jacobsa in %s', (_, wrap) => {
    const { operations } = imported(
      text([
        wrap(
          0,
          'fuse_debug: Op 0x00000166        connection.go:420] <- LookUpInode (parent 1, name "2021-01-01 00:00:00", PID 7)',
        ),
        wrap(24_208_000, 'fuse_debug: Op 0x00000166        connection.go:513] -> OK (inode 2)'),
      ]),
    )
    expect(operations).toMatchObject([{ path: '/2021-01-01 00:00:00', startNs: 0 }])
    // Numbers of JSON hold nanoseconds since 1970 to a quarter of a microsecond.
    expect(Math.abs((operations[0]?.endNs ?? 0) - 24_208_000)).toBeLessThan(512)
  })
})

describe('what no dialect reads', () => {
  test('levels and times alone are nobody’s', () => {
    const log =
      '2020-03-03 14:33:35,129 DEBUG SomeJavaFs - Going to do: chmod\n2020-03-03 14:33:35,131 INFO SomeJavaFs - done\n'
    expect(readLog(log)).toMatchObject({ dialect: 'none', unparsed: 2 })
    expect(explain(linesOf(log), dialects)).toMatchObject({ chosen: 'none', operations: 0, unmatchedCount: 2 })
  })

  test('fuser’s lines among many others of the same logger', () => {
    const other = '12:10:49 [INFO] (12) my_fs: tick'
    const lines = Array.from({ length: 12 }, (_, i) => [
      other,
      other,
      other,
      `12:10:49 [DEBUG] (12) fuser::request: FUSE(  ${4 + 2 * i}) ino 0x0000000000000001 GETATTR`,
    ]).flat()
    const { operations } = readLog(text(lines))
    expect(operations.map(({ opcode }) => opcode)).toEqual(Array.from({ length: 12 }, () => 'getattr'))
  })

  test('explaining counts what an import counts: an end whose begin is not there', () => {
    const log = text([
      'D1122 20:59:57.387734 fuse_debug: Op 0x00000086        connection.go:498] -> OK ()',
      'D1122 20:59:57.387851 fuse_debug: Op 0x00000088        connection.go:416] <- LookUpInode (parent 1, name "a", PID 7)',
      'D1122 20:59:57.412895 fuse_debug: Op 0x00000088        connection.go:498] -> OK (inode 2)',
    ])
    expect(imported(log).unparsed).toBe(1)
    const { unmatchedCount, unmatched } = explain(linesOf(log), dialects)
    expect([unmatchedCount, unmatched.map(({ line }) => line.index)]).toEqual([1, [0]])
  })
})

test('bazil of 2014: replies without brackets', () => {
  const { operations, unparsed } = readLog(
    text([
      '2014/09/29 14:09:10 FUSE: <- Access [ID=0x7 Node=0x1 Uid=0 Gid=0 Pid=282] mask=0x0',
      '2014/09/29 14:09:10 FUSE: -> ID=0x7',
      '2014/09/29 14:09:10 FUSE: <- Statfs [ID=0xa Node=0x1 Uid=0 Gid=0 Pid=282]',
      '2014/09/29 14:09:10 FUSE: -> ID=0xa Statfs {Blocks:1 Bfree:1}',
      '2014/09/29 14:09:10 FUSE: <- Getxattr [ID=0xb Node=0x1 Uid=501 Gid=20 Pid=1] "com.example.x" 32 @0',
      '2014/09/29 14:09:10 FUSE: -> ID=0xb error=attribute not found',
    ]),
  )
  expect(operations.map(({ opcode, status, errno }) => `${opcode} ${status} ${errno}`)).toEqual([
    'access ok null',
    'statfs ok null',
    'getxattr error ENODATA',
  ])
  expect(unparsed).toBe(0)
})

test('rclone: a blank lost at a line’s end, and cgofuse’s Open and Create', () => {
  const at = '2021/11/28 04:20:21 DEBUG : '
  const lines = [
    `${at}/: Lookup: name="a"`,
    `${at}/: >Lookup: node=a, err=<nil>`,
    `${at}/d: Opendir:`,
    `${at}/d: >Opendir: errc=0, fh=0x0`,
    `${at}/f: Create: flags=0xC1, mode=0100644`,
    `${at}/f: >Create: errc=0, fh=0x1`,
    `${at}/f: Open: flags=0x8000`,
    `${at}/f: >Open: errc=-2, fh=0xFFFFFFFFFFFFFFFF`,
  ]
  const { operations, unparsed } = readLog(text(lines))
  expect(operations.map(({ opcode, path, errno }) => `${opcode} ${path} ${errno}`)).toEqual([
    'lookup /a null',
    'opendir /d null',
    'create /f null',
    'open /f ENOENT',
  ])
  expect(unparsed).toBe(0)
})

describe('a node with two names', () => {
  const A = 'g1 tE=0s tA=0s {M0100644 SZ=0 L=1 0:0}'
  const lines = [
    'rx 2: CREATE n1 {0100644 [WRONLY,CREAT] (022)} "a.txt" p8903',
    `tx 2:     OK, {n2 ${A}}{Fh 1}`,
    'rx 4: LINK n1 {Old: 2} "hard" p8903',
    `tx 4:     OK, {n2 ${A}}`,
  ]
  const open = ['rx 8: OPEN n2 {WRONLY} p8903', 'tx 8:     OK, {Fh 2 }']

  test('has both, and neither is certain', () => {
    const { operations } = readLog(text([...lines, ...open]))
    expect(operations[1]).toMatchObject({ opcode: 'link', path: '/a.txt', newPath: '/hard' })
    expect(operations[2]).toMatchObject({ opcode: 'open', path: null, paths: ['/a.txt', '/hard'] })
  })

  test('has the one that was looked up before, and both beside it', () => {
    const lookup = ['rx 6: LOOKUP n1 "a.txt" p8903', `tx 6:     OK, {n2 ${A}}`]
    const { operations } = readLog(text([...lines, ...lookup, ...open]))
    expect(operations[3]).toMatchObject({ opcode: 'open', path: '/a.txt', paths: ['/hard', '/a.txt'] })
  })

  test('has one again when the other is gone', () => {
    const unlink = ['rx 6: UNLINK n1 "hard" p8903', 'tx 6:     OK']
    const { operations } = readLog(text([...lines, ...unlink, ...open]))
    expect(operations[3]).toMatchObject({ opcode: 'open', path: '/a.txt' })
    expect(operations[3]).not.toHaveProperty('paths')
  })
})

test('a second mount in one log begins anew', () => {
  const init = ['rx 2: INIT n0 {v7.44} p0', 'tx 2:     OK, {v7.28}']
  const create = [
    'rx 4: CREATE n1 {0100644} "a.txt" p1',
    'tx 4:     OK, {n2 g1 tE=0s}{Fh 1}',
    'rx 6: READ n2 {Fh 1} p1',
  ]
  const { operations } = readLog(text([...init, ...create, ...init, 'rx 4: GETATTR n2 {} p1', 'tx 4:     OK, {x}']))
  expect(operations.map(({ opcode, path, status }) => `${opcode} ${path} ${status}`)).toEqual([
    'init null ok',
    'create /a.txt ok',
    'read /a.txt unfinished',
    'init null ok',
    'getattr null ok',
  ])
})

test('a log whose every line is there twice shows each request once', () => {
  const log = text(
    [...LOOKUP, ...LOOKUP.map((line) => line.replaceAll('4,', '6,').replace('/a', '/b'))].flatMap((line) => [
      line,
      line,
    ]),
  )
  const { operations, unparsed } = readLog(log)
  expect(brief(operations)).toEqual(['lookup /a', 'lookup /b'])
  expect(unparsed).toBe(0)
})

describe('lines filled up to a width with blanks, longer ones as they are', () => {
  const MOOSEFS = [
    '04.22 11:30:00.000001: uid:0 gid:0 pid:9 cmd:mkdir (1,d,drwxr-xr-x:0755): OK (1.0,302,1.0,[drwxr-xr-x:0040755,1,0,0,1,1,1,12])',
    '04.22 11:30:00.000002: uid:0 gid:0 pid:9 cmd:lookup (302,f): ENOENT (No such file or directory)',
    '04.22 11:30:00.000003: uid:0 gid:0 pid:9 cmd:rmdir (1,e ): ENOENT (No such file or directory)',
    '04.22 11:30:00.000004: uid:0 gid:0 pid:9 cmd:access (302,0x4): OK',
    '04.22 11:30:00.000005: uid:0 gid:0 pid:9 cmd:getattr (302) [no handle]: OK (1.0,[drwxr-xr-x:0040755,1,0,0,1,1,1,12])',
  ]
  const GO_FUSE_2018 = [
    `20:00:35.640800 Dispatch 2: INIT, NodeId: 0. data: {7.45 Ra 0x20000 ${'SPLICE_WRITE,'.repeat(8)}}  48 bytes`,
    '20:00:35.640810 Serialize 2: INIT code: OK value: {7.23 Ra 0x20000 BIG_WRITES 0/0 Wr 0x10000 Tg 0x0}',
    '20:00:35.640828 Dispatch 6: LOOKUP, NodeId: 1. names: [a.txt] 6 bytes',
    '20:00:35.640830 Serialize 6: LOOKUP code: 2=no such file or directory value: ',
    '20:00:35.640832 Dispatch 8: RMDIR, NodeId: 1. names: [a] 2 bytes',
    '20:00:35.640834 Serialize 8: RMDIR code: OK value: ',
  ]
  test.each([
    ['moosefs', MOOSEFS, 100],
    [
      'tracing-pretty',
      [
        '  2026-11-22T19:58:36.3Z DEBUG mergerfs_rs::fuse_fs: Creating directory',
        '    at src/fuse_fs.rs:402 on ThreadId(1)',
        '    in mergerfs_rs::fuse_fs::fuse::mkdir with parent: 1, name: d1',
        '',
        '  2026-11-22T19:58:36.4Z DEBUG mergerfs_rs::fuse_fs: Removing directory',
        '    at src/fuse_fs.rs:500 on ThreadId(1)',
        '    in mergerfs_rs::fuse_fs::fuse::rmdir with parent: 1, name: d1',
        '',
      ],
      60,
    ],
    ['go-fuse', GO_FUSE_2018, 90],
  ] as const)('%s', (dialect, lines, width) => {
    const plain = readLog(lines.map((line) => `${line}\n`).join(''))
    const filled = readLog(lines.map((line) => `${line.padEnd(width)}\n`).join(''))
    expect(plain.dialect).toBe(dialect)
    expect(plain.operations.length).toBeGreaterThan(1)
    expect(filled).toEqual(plain)
  })

  test('in a table', () => {
    const { operations, unparsed } = readLog(MOOSEFS.map((line) => `| ${line.padEnd(130)} |`).join('\n'))
    expect({ operations, unparsed }).toEqual({
      operations: readLog(MOOSEFS.join('\n')).operations,
      unparsed: 0,
    })
  })

  test('names that end in blanks keep them', () => {
    const names = ['a          ', 'ab         ', 'abc        ', 'x', 'abcd       ']
    const { operations } = readLog(
      names
        .map((name, i) => `unique: ${2 * i + 2}, opcode: UNLINK (10), nodeid: 1, insize: 47, pid: 7\nunlink /${name}`)
        .join('\n'),
    )
    expect(brief(operations)).toEqual(names.map((name) => `unlink /${name}`))
  })
})

test('logrus on a terminal: a field behind each line, and blanks before it', () => {
  const head = 'DEBU[2016-11-07T13:05:12Z] '
  const { operations, unparsed } = readLog(
    [
      `${head}<- Lookup [ID=0x1b Node=0x1 Uid=0 Gid=0 Pid=9719] "lock"  source=fuse`,
      `${head}-> [ID=0x1b] Lookup error=ENOENT               source=fuse`,
      `${head}<- Mkdir [ID=0x1c Node=0x1 Uid=0 Gid=0 Pid=9719] "lock" mode=drwx------ umask=----rwxrwx  source=fuse`,
      `${head}-> [ID=0x1c] Mkdir error=EIO                   source=fuse`,
    ].join('\n'),
  )
  expect(operations).toMatchObject([
    { opcode: 'lookup', path: '/lock', errno: 'ENOENT' },
    { opcode: 'mkdir', path: '/lock', errno: 'EIO' },
  ])
  expect(unparsed).toBe(0)
})

test.each(['> ', '    ', '+', '# '])('a log known by a word anywhere, with %j before its lines', (before) => {
  const lines = [
    '2026/11/22 20:00:40 DEBUG : rclone: Version "v1.60.1" starting with parameters ["rclone" "mount"]',
    '2026/11/22 20:00:41 DEBUG : fuse: <- Lookup [ID=0x6 Node=0x1 Uid=0 Gid=0 Pid=24561] "a.txt"',
    '2026/11/22 20:00:41 DEBUG : /: Lookup: name="a.txt"',
    '2026/11/22 20:00:41 DEBUG : fuse: -> [ID=0x6] Lookup error=ENOENT',
    '2026/11/22 20:00:41 DEBUG : fuse: No opcode 43',
    '2026/11/22 20:00:41 DEBUG : fuse: <- ID=0x8 Node=0x1 Uid=0 Gid=0 Pid=24561',
  ]
  const { dialect, operations, unparsed } = readLog(lines.map((line) => before + line).join('\n'))
  expect(dialect).toBe('bazil')
  expect(brief(operations)).toEqual(['lookup /a.txt', 'fallocate /'])
  expect(unparsed).toBe(readLog(lines.join('\n')).unparsed)
})
