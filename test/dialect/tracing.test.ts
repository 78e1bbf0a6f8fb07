import { describe, expect, test } from 'vitest'
import { brief, readLog } from './read-log.js'

const T = '2026-11-22T19:58:09.352282Z'
const FS = 'mergerfs_rs::fuse_fs: src/fuse_fs.rs'

describe('what subscribers may leave out or add', () => {
  const cases: Record<string, string> = {
    'the usual': `${T} DEBUG ThreadId(01) fuse::lookup{parent=1 name=a}: ${FS}:402: Starting lookup`,
    'no time': `DEBUG fuse::lookup{parent=1 name=a}: ${FS}:402: Starting lookup`,
    'neither time nor level': `fuse::lookup{parent=1 name=a}: ${FS}:402: Starting lookup`,
    uptime: `   0.123456789s DEBUG fuse::lookup{parent=1 name=a}: ${FS}:402: Starting lookup`,
    'local time with an offset': `2026-11-22T19:58:09.352+01:00  INFO fuse::lookup{parent=1 name=a}: ${FS}:402: Starting`,
    'no source file': `${T} DEBUG fuse::lookup{parent=1 name=a}: mergerfs_rs::fuse_fs: Starting lookup`,
    'neither target nor file': `${T} DEBUG fuse::lookup{parent=1 name=a}: Starting lookup`,
    'a thread name with spaces': `${T} DEBUG my fuse thread fuse::lookup{parent=1 name=a}: ${FS}:402: Starting lookup`,
    'a name and an id': `${T} DEBUG         main ThreadId(01) fuse::lookup{parent=1 name=a}: ${FS}:402: Starting lookup`,
    'a span around it': `${T} DEBUG session{id=4}:fuse::lookup{parent=1 name=a}: ${FS}:402: Starting lookup`,
    'a bare span around it': `${T} DEBUG session:fuse::lookup{parent=1 name=a}: ${FS}:402: Starting lookup`,
    'spans within': `${T} DEBUG fuse::lookup{parent=1 name=a}:find:branch{n=1}: ${FS}:402: Looking`,
    'Windows line ends': `${T} DEBUG fuse::lookup{parent=1 name=a}: ${FS}:402: Starting lookup\r`,
    'a Windows path': `${T} DEBUG fuse::lookup{parent=1 name=a}: fs: src\\fuse_fs.rs:402: Starting lookup`,
    'quoted for debugging': `${T} DEBUG fuse::lookup{parent=1 name="a"}: ${FS}:402: Starting lookup`,
    'other field names': `${T} DEBUG fuse::lookup{pid=7 parent_ino=0x1 name="a"}: ${FS}:402: Starting lookup`,
    compact: `${T} DEBUG fuse::lookup: ${FS}:402: Starting lookup parent=1 name=a`,
    'compact, spans within': `${T} DEBUG fuse::lookup:find: ${FS}:402: Looking parent=1 name=a`,
    coloured:
      '\x1b[2m2026-11-22T19:58:04.202041Z\x1b[0m \x1b[34mDEBUG\x1b[0m \x1b[1mfuse::lookup\x1b[0m\x1b[1m{\x1b[0m\x1b[3mparent\x1b[0m' +
      '\x1b[2m=\x1b[0m1 \x1b[3mname\x1b[0m\x1b[2m=\x1b[0ma\x1b[1m}\x1b[0m\x1b[2m:\x1b[0m \x1b[2mfs\x1b[0m\x1b[2m:\x1b[0m Starting',
  }
  test.each(Object.entries(cases))('%s', (_what, line) => {
    const { dialect, operations, unparsed } = readLog(`${line}\n`)
    expect({ dialect, unparsed }).toEqual({ dialect: 'tracing', unparsed: 0 })
    expect(brief(operations)).toEqual(['lookup /a'])
  })
})

describe('which events are one request', () => {
  test('two like requests, one after the other, are two', () => {
    const one = (n: number) =>
      `${T} DEBUG fuse::getattr{ino=1}: fs: Starting getattr\n${T} DEBUG fuse::getattr{ino=1}: fs: Returning size=${n}\n`
    expect(brief(readLog(one(1) + one(2)).operations)).toEqual(['getattr /', 'getattr /'])
  })

  test('threads overlap', () => {
    const log = [
      `${T} DEBUG ThreadId(02) fuse::mkdir{parent=1 name=a}: ${FS}:1: Starting`,
      `${T} DEBUG ThreadId(03) fuse::mkdir{parent=1 name=b}: ${FS}:1: Starting`,
      `${T} DEBUG ThreadId(02) fuse::mkdir{parent=1 name=a}: ${FS}:2: Done`,
      `${T} DEBUG ThreadId(03) fuse::mkdir{parent=1 name=b}: ${FS}:2: Done`,
    ].join('\n')
    const { operations } = readLog(log)
    expect(brief(operations)).toEqual(['mkdir /a', 'mkdir /b'])
    expect(operations.map(({ endNs, lines }) => [endNs, lines])).toEqual([
      [2000, [0, 2]],
      [3000, [1, 3]],
    ])
  })

  test('worker threads take over what the session reads', () => {
    const request = (n: number, name: string) =>
      `${T} DEBUG ThreadId(01) fuser::request: /x/request.rs:54: FUSE( ${n}) ino 0x0000000000000001 MKDIR name "${name}", mode 0o755    `
    const span = (thread: number, name: string) =>
      `${T}  INFO ThreadId(0${thread}) fuse::mkdir{parent=1 name=${name}}: ${FS}`
    const log = [
      request(10, 'a'),
      `${span(2, 'a')}:9: new`,
      `${span(2, 'a')}:9: close time.busy=1.00ms time.idle=2.00µs`,
      request(12, 'b'),
      request(14, 'c'),
      `${span(3, 'c')}:9: new`,
      `${span(2, 'b')}:9: new`,
      `${span(2, 'b')}:9: close time.busy=1.00ms time.idle=2.00µs`,
      `${span(3, 'c')}:9: close time.busy=1.00ms time.idle=2.00µs`,
    ].join('\n')
    const { operations } = readLog(log)
    expect(operations.map(({ unique, path, endedBy, endNs }) => [unique, path, endedBy, endNs])).toEqual([
      [10, '/a', 'span', 2000],
      [12, '/b', 'span', 7000],
      [14, '/c', 'span', 8000],
    ])
  })

  test('requests of one thread overlap where their spans’ ends are logged', () => {
    const request = (n: number, name: string) =>
      `${T} DEBUG main fuser::request: /x/request.rs:54: FUSE( ${n}) ino 0x0000000000000001 LOOKUP name "${name}"    `
    const span = (name: string) => `${T}  INFO main fuse::lookup{parent=1 name=${name}}: ${FS}`
    const close = 'close time.busy=1.00ms time.idle=2.00µs'
    const log = [
      request(10, 'first'),
      `${span('first')}:9: new`,
      `${span('first')}:9: ${close}`,
      request(12, 'a'),
      `${span('a')}:9: new`,
      request(14, 'b'),
      request(16, 'c'),
      `${span('b')}:9: new`,
      `${span('a')}:10: Looking`,
      `${span('c')}:9: new`,
      `${span('b')}:9: ${close}`,
      `${span('a')}:9: ${close}`,
      `${span('c')}:9: ${close}`,
    ]
    const ends = (text: string[]) =>
      readLog(text.join('\n')).operations.map(({ unique, path, endNs, lines }) => [unique, path, endNs, lines[1]])
    expect(ends(log)).toEqual([
      [10, '/first', 2000, 2],
      [12, '/a', 11_000, 11],
      [14, '/b', 10_000, 10],
      [16, '/c', 12_000, 12],
    ])
    const bare = log.filter((line) => !line.includes('FUSE('))
    expect(ends(bare).map(([, path, endNs]) => [path, endNs])).toEqual([
      ['/first', 1000],
      ['/a', 7000],
      ['/b', 6000],
      ['/c', 8000],
    ])
  })

  test('where only the end of spans is logged, it shows the start', () => {
    const close = `${FS}:9: close time.busy=2.00µs time.idle=1.00µs`
    const log = `${'prose\n'.repeat(10)}${T} INFO fuse::mkdir{parent=1 name=a}: ${close}\n${T} INFO fuse::rmdir{parent=1 name=a}: ${close}`
    const { operations } = readLog(log)
    expect(operations.map(({ startNs, endNs, endedBy }) => [startNs, endNs, endedBy])).toEqual([
      [7000, 10_000, 'span'],
      [8000, 11_000, 'span'],
    ])
  })

  test('a program’s own lines in between are of no request, and no part of a path', () => {
    const log = `${T} INFO fuse::getattr{ino=5}: fs: Returning size=1, path=/a\nDEBUG FileManager: policy ff\n${T} INFO fuse::read{ino=5 fh=1}: fs: Reading\n`
    const { operations, unparsed } = readLog(log)
    expect([...brief(operations), unparsed]).toEqual(['getattr /a', 'read /a', 0])
  })

  test('a raw path that goes on in the next line', () => {
    const log = `${T} INFO fuse::getattr{ino=5}: fs: Returning size=1, path=/new\nline\n${T} INFO fuse::read{ino=5 fh=1}: fs: Reading\n`
    expect(brief(readLog(log).operations)).toEqual(['getattr /new\nline', 'read /new\nline'])
  })

  test('a request that calls another’s code is one', () => {
    const log = `${T} DEBUG fuse::create{parent=1 name=a}:fuse::lookup{parent=1 name=a}: ${FS}:1: Looking\n`
    expect(brief(readLog(log).operations)).toEqual(['create /a'])
  })
})

describe('file handles', () => {
  const created = [
    `${T} DEBUG fuse::create{parent=1 name=a}: ${FS}:1: Starting`,
    `${T} DEBUG fuse::create{parent=1 name=a}: ${FS}:2: Created file handle 1 for new file "/a"`,
  ]
  const paths = (...lines: string[]) => readLog([...created, ...lines].join('\n')).operations.map(({ path }) => path)

  test('show whose the node is that is written next', () => {
    expect(
      paths(
        `${T} DEBUG fuse::write{ino=5 fh=1}: ${FS}:3: Starting`,
        `${T} DEBUG fuse::getattr{ino=5}: ${FS}:4: Starting`,
      ),
    ).toEqual(['/a', '/a', '/a'])
  })

  test('of directories are not those of files, and numbers are used again', () => {
    expect(paths(`${T} DEBUG fuse::readdir{ino=6 fh=1}: ${FS}:3: Starting`)).toEqual(['/a', null])
    expect(
      paths(
        `${T} DEBUG fuse::getattr{ino=5}: ${FS}:3: Starting`,
        `${T} DEBUG fuse::open{ino=6}: ${FS}:3: Starting`,
        `${T} DEBUG fuse::read{ino=6 fh=1}: ${FS}:4: Starting`,
      ),
    ).toEqual(['/a', null, null, null])
  })
})

describe('names lie', () => {
  const lookup = (name: string) => `${T} DEBUG fuse::lookup{parent=1 name=${name}}: fs::x: Starting lookup\n`
  const mkdir = (name: string) =>
    `${T} DEBUG fuse::mkdir{parent=1 name=${name} mode=755 umask=0}: fs::x: Starting mkdir\n`

  test('an event that ends where the real one does is one only with a place in the source of its own', () => {
    const forged = `g\n${T} DEBUG fuse::statfs{_ino=1}: m::f: src#f.rs:1: Starting`
    const events = ['a', forged, 'b'].map(
      (name) => `${T} DEBUG fuse::create{parent=1 name=${name} mode=100644}: ${FS}:1: Starting\n`,
    )
    expect(brief(readLog(events.join('')).operations)).toEqual(['create /a', `create /${forged}`, 'create /b'])
  })

  test.each([
    '""',
    '\r\n',
    'f\n20:00:35.6 rx 40: STATFS n1 ',
    'x}: fs::x: Starting open',
    'x}: fs::x: Starting lookup',
    'a mode=1 umask=2',
    'a mode=755 umask=0}: fs::x: Starting mkdir',
    'br{ace}[s]=x, y',
    'qu"ote',
    '"',
    'a  b ',
    'new\nline',
    '\n\nx\n',
    `f\n${T} DEBUG fuse::open{ino=1}: fs::x: Starting open`,
    `f\n${T} DEBUG fuse::open{ino=1}: fs::x: Starting open\nx`,
    'esc\x1b[31mred\x1b[0m',
    'ü日😀',
  ])('%j, where no source file is shown', (name) => {
    const log = lookup('a') + mkdir('b') + lookup(name) + mkdir(name) + lookup('z')
    expect(brief(readLog(log).operations)).toEqual([
      'lookup /a',
      'mkdir /b',
      `lookup /${name}`,
      `mkdir /${name}`,
      'lookup /z',
    ])
  })

  test('a line that breaks off does not take those after it along', () => {
    const whole = (name: string) => `${T} DEBUG fuse::lookup{parent=1 name=${name}}: ${FS}:402: Starting lookup\n`
    const log = `${whole('a')}${T} DEBUG fuse::lookup{parent=1 name=brok\n${whole('b')}${whole('c')}`
    expect(brief(readLog(log).operations)).toEqual(['lookup /a', 'lookup /b', 'lookup /c'])
  })

  test('compact: fuser’s line shows what the raw name hides', () => {
    const forged = `f\n${T} DEBUG ThreadId(01) fuse::open: fs::x: Starting open ino=1`
    const log = [
      `${T} DEBUG ThreadId(01) fuser::request: FUSE( 10) ino 0x0000000000000001 MKDIR name ${JSON.stringify(forged)}, mode 0o755    `,
      `${T} DEBUG ThreadId(01) fuse::mkdir: fs::x: Starting mkdir parent=1 name=${forged} mode=755`,
      `${T} DEBUG ThreadId(01) fuser::request: FUSE( 12) ino 0x0000000000000001 STATFS    `,
    ].join('\n')
    const { operations } = readLog(log)
    expect(operations.map(({ unique }) => unique)).toEqual([10, 12])
    expect(operations[0]?.path).toBe(`/${forged}`)
  })

  test('compact: every event of a request whose name has newlines', () => {
    const event = (what: string, name: string, inner = '') =>
      `${T} DEBUG fuse::unlink${inner && ':inner'}: ${FS}:${what.length}: ${what} parent=1 name=${name}${inner}\n`
    const all = (name: string) => event('Starting', name) + event('Looking', name, ' n=1') + event('Done it', name)
    const names = ['a', 'new\nline', 'new', 'x\ny\nz']
    expect(brief(readLog(names.map(all).join('')).operations)).toEqual(names.map((name) => `unlink /${name}`))
  })

  test('compact: a name with a newline goes on in the next line', () => {
    const log = `${T} DEBUG fuse::lookup: ${FS}:402: Starting lookup parent=1 name=new\nline\n${T} DEBUG fuse::lookup: ${FS}:402: Starting lookup parent=1 name=b\n`
    expect(brief(readLog(log).operations)).toEqual(['lookup /new\nline', 'lookup /b'])
  })
})

describe('outcomes', () => {
  const outcome = (level: string, message: string) => {
    const span = 'fuse::rmdir{parent=1 name=d}'
    const { operations } = readLog(
      `${T} DEBUG ${span}: ${FS}:1: Starting\n${T} ${level} ${span}: ${FS}:2: ${message}\n`,
    )
    return operations.map(({ status, errno }) => `${status} ${errno}`)
  }
  test.each([
    [
      'ERROR',
      'Failed to remove directory at "/d": IoError(Os { code: 39, kind: DirectoryNotEmpty })',
      'error ENOTEMPTY',
    ],
    ['ERROR', 'rmdir failed error=No such file or directory (os error 2)', 'error ENOENT'],
    [' WARN', 'rmdir failed: errno=13', 'error EACCES'],
    [' WARN', 'could not remove: EBUSY', 'error EBUSY'],
    ['ERROR', 'rmdir failed: Permission denied', 'error EACCES'],
    ['ERROR', 'rmdir failed for "/d": NotFound', 'error null'],
    [' WARN', 'Inode mismatch for /: cached=1, calculated=2', 'unknown null'],
    [' INFO', 'Directory removed successfully: "/d"', 'ok null'],
    [' INFO', 'Removing "/success"', 'unknown null'],
    [' INFO', 'Removing /success', 'unknown null'],
    ['DEBUG', 'not successful yet', 'unknown null'],
    ['DEBUG', 'error budget is 5', 'unknown null'],
  ])('%s %s', (level, message, expected) => {
    expect(outcome(level, message)).toEqual([expected])
  })

  test.each([
    ['read', 'Read 17 bytes from file (requested 4096)', 'ok'],
    ['read', 'Read 17 bytes', 'unknown'],
    ['write', 'Wrote 17 bytes', 'ok'],
    ['write', 'Read 17 bytes from file (requested 4096)', 'unknown'],
  ])('of a %s: %s', (opcode, message, expected) => {
    const log = `${T} INFO fuse::${opcode}{ino=5 fh=1 offset=0}: ${FS}:1: ${message}\n`
    expect(readLog(log).operations[0]?.status).toBe(expected)
  })

  test('an error of an inner span that does something else shows nothing', () => {
    const log = `${T} WARN fuse::create{parent=1 name=a}:cache::refresh{n=1}: ${FS}:1: refresh failed: ENOENT\n`
    expect(readLog(log).operations[0]).toMatchObject({ status: 'unknown', errno: null })
  })
})

describe('JSON', () => {
  const span = '{"name":"a\\"}","parent":1,"name":"fuse::lookup"}'
  test.each([
    [
      'nested',
      `{"timestamp":"${T}","level":"DEBUG","fields":{"message":"Starting"},"target":"fs","span":${span},"spans":[${span}]}`,
    ],
    [
      'flattened',
      `{"timestamp":"${T}","level":"DEBUG","message":"Starting","target":"fs","span":${span},"spans":[${span}]}`,
    ],
    [
      'another order',
      `{"spans":[${span}],"fields":{"message":"Starting"},"target":"fs","level":"DEBUG","timestamp":"${T}"}`,
    ],
    ['only the current span', `{"level":"DEBUG","fields":{"message":"Starting"},"target":"fs","span":${span}}`],
    [
      'its own name first',
      `{"level":"DEBUG","fields":{"message":"S"},"span":{"name":"fuse::lookup","parent":"1","name":"a\\"}"}}`,
    ],
    [
      'a name for debugging',
      '{"level":"DEBUG","fields":{"message":"S"},"span":{"name":"\\"a\\\\\\"}\\"","parent":1,"name":"fuse::lookup"}}',
    ],
    [
      'spaces',
      `{ "level": "DEBUG", "fields": { "message": "S" }, "span": { "parent": 1, "name": "a\\u0022}", "name": "fuse::lookup" } }\r`,
    ],
  ])('%s', (_what, line) => {
    const { dialect, operations } = readLog(`${line}\n`)
    expect([dialect, ...brief(operations)]).toEqual(['tracing-json', 'lookup /a"}'])
  })

  test('span events and numbers that a double cannot hold', () => {
    const event = (message: string, more = '') =>
      `{"level":"INFO","fields":{"message":"${message}"${more}},"target":"fs","span":{"ino":14011317120298428797,"name":"fuse::open"},"spans":[]}\n`
    const { operations } = readLog(event('new') + event('close', ',"time.busy":"1.5µs","time.idle":"0ns"'))
    expect(operations).toMatchObject([{ opcode: 'open', endedBy: 'span', endNs: 1000 }])
  })
})

describe('pretty', () => {
  const event = (span: string, message = 'Starting') =>
    `  ${T} DEBUG fs::x: ${message}\n    at src/x.rs:1 on ThreadId(1)\n    in fs::x::${span}\n\n`
  const fuser = (n: number, text: string) =>
    `  ${T} DEBUG fuser::request: FUSE( ${n}) ino 0x0000000000000001 ${text}\n    at /x/request.rs:54 on ThreadId(1)\n\n`

  test('names with what parts fields, and with newlines', () => {
    const mkdir = (name: string) => event(`fuse::mkdir with parent: 1, name: ${name}, mode: 755`)
    const names = ['a', 'x, mode: 1, y', 'new\nline', 'tab\t']
    expect(brief(readLog(names.map(mkdir).join('')).operations)).toEqual(names.map((name) => `mkdir /${name}`))
  })

  test('a forged event within a name, where fuser’s line shows the name', () => {
    const name = `f\n\n  ${T} DEBUG fuser::request: FUSE( 99) ino 0x0000000000000001 STATFS\n    at /x/request.rs:54\n\n`
    const log =
      fuser(10, `MKDIR name ${JSON.stringify(name)}, mode 0o755`) +
      event(`fuse::mkdir with parent: 1, name: ${name}, mode: 755`) +
      fuser(12, 'STATFS')
    expect(readLog(log).operations.map(({ unique }) => unique)).toEqual([10, 12])
  })

  test('in colour', () => {
    const log =
      `  \x1b[2m${T}\x1b[0m \x1b[34mDEBUG\x1b[0m \x1b[1;34mfs::x\x1b[0m\x1b[34m: \x1b[34mStarting\x1b[0m\n` +
      '    \x1b[2;3mat\x1b[0m src/x.rs:1 \x1b[2;3mon\x1b[0m ThreadId(1)\n' +
      '    \x1b[2;3min\x1b[0m fs::x::\x1b[1mfuse::lookup\x1b[0m \x1b[2;3mwith\x1b[0m \x1b[1mparent\x1b[0m: 1, \x1b[1mname\x1b[0m: a\n\n'
    const { dialect, operations } = readLog(log)
    expect([dialect, ...brief(operations)]).toEqual(['tracing-pretty', 'lookup /a'])
  })
})

describe('span events', () => {
  const NAMED = '{"parent":1,"name":"a","name":"fuse::create"}'
  const INNER = '{"path":"\\"/a\\"","name":"file_ops::create"}'
  const json = (message: string, span: string, spans: string): string =>
    `{"timestamp":"${T}","level":"INFO","fields":{"message":"${message}"},"target":"fs",${span && `"span":${span},`}"spans":[${spans}]}\n`

  test('JSON: quotes that are a name', () => {
    const span = '{"parent":1,"name":"\\"\\"","name":"fuse::mkdir"}'
    expect(brief(readLog(json('Starting', span, span)).operations)).toEqual(['mkdir /""'])
  })

  test('JSON: the list does not hold the span that is made or closed', () => {
    const log =
      json('new', NAMED, '') +
      json('enter', NAMED, NAMED) +
      json('new', INNER, NAMED) +
      json('close', INNER, NAMED) +
      json('Done', NAMED, NAMED) +
      json('close', NAMED, '')
    const { operations } = readLog(log)
    expect(brief(operations)).toEqual(['create /a'])
    expect(operations[0]).toMatchObject({ endedBy: 'span', startNs: 0, endNs: 5000, lines: [0, 5] })
  })

  test('JSON without the current span', () => {
    const log = [
      json('new', '', ''),
      json('enter', '', NAMED),
      json('new', '', NAMED),
      json('close', '', NAMED),
      json('Done', '', NAMED),
      json('close', '', ''),
      json('close', '', ''),
    ].join('')
    const { operations } = readLog(log)
    expect(brief(operations)).toEqual(['create /a'])
    expect(operations[0]).toMatchObject({ endedBy: 'span', endNs: 5000 })
  })

  test('JSON without level and time', () => {
    const log = `{"message":"Starting","target":"fs","spans":[${NAMED}]}\n`.repeat(2)
    expect(readLog(log).dialect).toBe('tracing-json')
  })

  test.each([
    ['enter alone', ['enter']],
    ['enter and exit', ['enter', 'exit']],
  ])('%s: each enter is a request', (_what, events) => {
    const log = events.map((event) => `${T} INFO fuse::getattr{ino=1}: fs: ${event}\n`).join('')
    expect(brief(readLog(log + log).operations)).toEqual(['getattr /', 'getattr /'])
  })

  test('a span that is made once and entered often is one request', () => {
    const event = (what: string): string => `${T} INFO fuse::getattr{ino=1}: fs: ${what}\n`
    const log = ['new', 'enter', 'exit', 'enter', 'exit', 'close time.busy=1ms time.idle=2ms'].map(event).join('')
    expect(brief(readLog(log + log).operations)).toEqual(['getattr /', 'getattr /'])
  })
})

describe('what distinguishes the formats', () => {
  test('compact, with nothing but level, span and message', () => {
    const log = [
      'DEBUG fuse::rename: Starting rename operation parent=1 name=a newparent=1 newname=b',
      'DEBUG fuse::rename:rename::rename: Starting rename operation parent=1 name=a newparent=1 newname=b old="/a" new="/b"',
      ' INFO fuse::rename: Rename successful: "/a" -> "/b" parent=1 name=a newparent=1 newname=b',
    ]
    const { dialect, operations } = readLog(`${log.join('\n')}\n`)
    expect(dialect).toBe('tracing')
    expect(brief(operations)).toEqual(['rename /a -> /b'])
  })

  test('an uptime in the pretty format is two spaces further in than in the others', () => {
    const fuser = 'DEBUG fuser::request: FUSE(  4) ino 0x0000000000000001 LOOKUP name "a"'
    const pretty = readLog(
      `     0.337106s ${fuser}\n\n     0.337140s DEBUG fs: Starting\n    in fs::fuse::lookup with parent: 1, name: a\n\n`,
    )
    expect(pretty.dialect).toBe('tracing-pretty')
    expect(brief(pretty.operations)).toEqual(['lookup /a'])
    expect(readLog(`   0.337106s ${fuser}\n`).dialect).toBe('tracing')
    expect(readLog(`  10.337106s ${fuser}\n`).dialect).toBe('tracing')
  })
})

describe('requests that are reported outside spans, as early mergerfs-rs did', () => {
  const plain = (text: string) => `${T}  INFO ThreadId(01) ${FS}:983: ${text}\n`

  test('with their fields, and what is no request', () => {
    const log = [
      plain('mkdir: parent=1, name="d, name=x"'),
      plain('Resolved path "/d"'),
      plain('rename: parent=1, name="a" -> newparent=1, newname="b -> newparent=7, newname=c"'),
      plain('symlink: parent=1, link_name="sym" -> target="a.txt"'),
      plain('statfs called'),
      plain('access: file mode=100600, uid=0, gid=0'),
      plain('policy: ino=1'),
    ]
    expect(
      brief(readLog(`${log.join('')}${T} DEBUG ThreadId(01) fuse::getattr{ino=1}: ${FS}:1: Starting\n`).operations),
    ).toEqual([
      'mkdir /d, name=x',
      'rename /a -> /b -> newparent=7, newname=c',
      'symlink /sym',
      'statfs null',
      'getattr /',
    ])
  })

  test('are not reported twice where spans show them', () => {
    const span = `${T} DEBUG ThreadId(01) fuse::mkdir{parent=1 name=d}: ${FS}:1: Starting\n`
    expect(brief(readLog(span + plain('mkdir: parent=1, name="d"')).operations)).toEqual(['mkdir /d'])
  })
})
