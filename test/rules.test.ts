import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { describe, expect, test } from 'vitest'
import { longFunctions } from './long-functions.js'

const root = new URL('..', import.meta.url).pathname
const src = join(root, 'src')

const files = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => relative(src, join(entry.parentPath, entry.name)))
  .sort()

const text = (file: string): string => readFileSync(join(src, file), 'utf8')

/** Code without comments, so that words in them are not taken for calls; lines keep their numbers. */
function code(file: string): string {
  return text(file)
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ''))
    .replace(/(^|[^:])\/\/.*$/gm, '$1')
}

/** Only the comments of a file; lines keep their numbers. Code within quotes in them is left out. */
function comments(file: string): string {
  const all = [...text(file).matchAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm)]
  let line = 1
  let out = ''
  for (const { 0: comment, index } of all) {
    const at = text(file).slice(0, index).split('\n').length
    out += '\n'.repeat(Math.max(0, at - line)) + comment.replace(/`[^`\n]*`/g, '``')
    line = Math.max(line, at) + comment.split('\n').length - 1
  }
  return out
}

/** A test's or a suite's name. */
const TEST_NAME = /^[ \t]*(?:test|it|describe)[\w.()`' =!&<>]*\(\s*(['"`])(.*?)\1,/gm

/** The banned words that are said in a text, with what to say instead. */
const saidIn = (file: string, said: string, words = BANNED_WORDS): string[] =>
  Object.entries(words).flatMap(([pattern, better]) =>
    places(file, said, new RegExp(pattern)).map((place) => `${place}: say ${better}`),
  )

/** What matches in a text, as `file:line what`. */
function places(file: string, content: string, pattern: RegExp): string[] {
  return [...content.matchAll(new RegExp(pattern, 'g'))].map(
    (found) => `${file}:${content.slice(0, found.index).split('\n').length} ${found[0].trim()}`,
  )
}

/** The imports of a file, each with its line and the file it names, below `src`. */
function imports(file: string): { at: string; to: string }[] {
  const content = code(file)
  return [...content.matchAll(/from\s+'(\.[^']+)'/g)].map((found) => ({
    at: `${file}:${content.slice(0, found.index).split('\n').length}`,
    to: relative(src, join(src, dirname(file), found[1] ?? '')),
  }))
}

/** The ways from files back to themselves along imports, one for each file that closes one. */
function circles(): string[] {
  const known = new Set(files)
  const next = new Map(
    files.map((file) => [
      file,
      [...code(file).matchAll(/(?:from\s+|import\()'(\.[^']+)'/g)]
        .map(([, to]) => relative(src, join(src, dirname(file), to ?? '')).replace(/\.js$/, '.ts'))
        .filter((to) => known.has(to)),
    ]),
  )
  const done = new Set<string>()
  const found: string[] = []
  const visit = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) found.push([...way.slice(way.indexOf(file)), file].join(' → '))
    if (done.has(file) || way.includes(file)) return
    for (const to of next.get(file) ?? []) visit(to, [...way, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
  return found
}

/**
 * The rooms, in the order of the data's way through the program: a room imports from itself, from those that it names here,
 * and from the few files beside them (clock, errors, time, version).
 */
const bytes = ['line']
const understood = [...bytes, 'dialect', 'operation', 'recording', 'monitor']
const waits = [...understood, 'wait']
const layers: Record<string, readonly string[]> = {
  line: [],
  wire: [],
  dialect: ['line', 'wire'],
  operation: ['line', 'dialect'],
  recording: ['line', 'dialect', 'operation'],
  redact: ['line', 'dialect', 'operation', 'recording'],
  monitor: ['line', 'dialect', 'operation'],
  wait: ['line', 'dialect', 'operation', 'monitor'],
  explore: [...bytes, 'dialect', 'operation', 'monitor', 'wait'],
  input: [...bytes, 'dialect', 'operation', 'recording', 'redact'],
  process: [...understood],
  mount: [...bytes, 'operation', 'monitor', 'wait', 'process'],
  kernel: [...understood, 'mount'],
  faults: ['wire', 'line', 'dialect', 'operation'],
  native: [],
  transport: ['native'],
  vfs: [...bytes, 'wire', 'dialect', 'native', 'transport'],
  relay: ['wire', 'line', 'dialect', 'operation', 'faults', 'native', 'transport'],
  live: [
    ...waits,
    'redact',
    'input',
    'wire',
    'faults',
    'native',
    'transport',
    'relay',
    'process',
    'mount',
    'kernel',
    'vfs',
  ],
  drive: [...understood, 'wire', 'faults', 'transport', 'vfs', 'live'],
  replay: [...waits, 'kernel'],
  schedule: [...waits, 'replay'],
  diff: understood,
  template: understood,
  drift: [...waits, 'template'],
  suggest: [...waits, 'template', 'drift'],
  report: [...waits, 'wire', 'schedule', 'diff', 'drift', 'kernel', 'live', 'drive'],
  export: understood,
  edit: waits,
  outcomes: [...understood, 'report'],
  trace: [...bytes, 'wire', 'dialect', 'operation', 'recording'],
  fixture: [...waits, 'redact', 'faults', 'process', 'mount', 'vfs', 'live', 'replay'],
  vitest: [...waits, 'faults', 'live', 'drift', 'report', 'fixture'],
  serve: waits,
  cli: [
    'redact',
    'serve',
    ...waits,
    'faults',
    'explore',
    'input',
    'process',
    'mount',
    'kernel',
    'transport',
    'live',
    'drive',
    'replay',
    'schedule',
    'diff',
    'drift',
    'suggest',
    'report',
    'export',
    'edit',
    'outcomes',
    'trace',
    'fixture',
  ],
}

/** Within `dialect`: what is shared, in order; a family imports that and itself, never another family. */
const shared: Record<string, readonly string[]> = {
  core: [],
  text: ['core'],
  nodes: ['core', 'text'],
  framing: ['core', 'text'],
}

/** Words of a private language, in names, with the field's words for them. */
const BANNED_NAMES: Record<string, string> = {
  '\\b(?:MOST|LONGEST)(?:_[A-Z_]+)?\\b': 'MAX_…',
  '\\b[a-z]*[Rr]ungs?\\b': 'phase',
  '\\b[a-z]*[Dd]eeds?\\b': 'modelOperation',
  '\\b(?:[a-z]+S|s)trangers?\\b': 'unparsedLines',
  '\\bhowFar\\b': 'longestMatch',
  '\\byieldsTo\\b': 'overriddenBy',
  '\\blateToo\\b': 'closeLateRun',
  '\\bpatience[A-Za-z]*\\b': 'timeout',
  '\\b(?:un)?forgive\\b': 'suppress',
  '\\b[Ww]orld\\b': 'fsState',
  '\\bLook(?:s|er|Pool|Answer)\\b': 'probe, StatWorker',
}

/** The same, in comments and in the names of tests. Names of the program's own and quoted texts are not meant. */
const BANNED_WORDS: Record<string, string> = {
  '\\b[Rr]ungs?\\b|\\bladder\\b': 'phase',
  '\\b[Dd]eeds?\\b': 'operation, modelOperation',
  '\\b[Ww]orld\\b': 'fsState, file system',
  '\\b[Ss]trangers?\\b': 'unparsed lines',
  '\\b[Pp]atience\\b': 'timeout',
  '\\b(?:un)?forgiv(?:e|es|en)\\b': 'suppress',
  '\\b[Hh]ears?\\b|\\bheard\\b': 'see, is given, is notified',
  '\\b(?:a|no|each|every|the|one|next|latest|recorded|own|between|before) looks?\\b(?! (?:ahead|like))': 'probe',
}

/** Plain English as well, so that it is a warning: in most places a plainer word says what is meant. */
const DOUBTFUL_WORDS: Record<string, string> = {
  '\\b[Tt](?:ells?|old)\\b': 'report, emit, show, distinguish',
}

/** The public names that stay as deprecated aliases may say them. */
const ALIASES = [
  'index.ts',
  join('monitor', 'monitor.ts'),
  join('live', 'options.ts'),
  join('live', 'session.ts'),
  join('monitor', 'trace-monitor.ts'),
  join('wait', 'engine', 'machine.ts'),
  join('wait', 'engine', 'view.ts'),
  join('explore', 'fs-state.ts'),
  join('explore', 'scenario.ts'),
  join('explore', 'simulate.ts'),
]

describe('the shape of the source', () => {
  test('a long file is a warning', () => {
    for (const file of files) {
      const lines = text(file).trimEnd().split('\n').length
      if (lines > 300) console.warn(`src/${file}: ${lines} lines; does one idea still fill it?`)
    }
    expect(files.length).toBeGreaterThan(0)
  })

  test('no function is longer than 70 lines', () => {
    expect(files.flatMap((file) => longFunctions(`src/${file}`, text(file), 70))).toEqual([])
  })

  test('every room has its place in the order', () => {
    const rooms = new Set(files.filter((file) => file.includes(sep)).map((file) => file.split(sep)[0]))
    expect([...rooms].filter((room) => !(room !== undefined && room in layers))).toEqual([])
  })

  test('the map has the rooms in this order, each behind what it imports', () => {
    const map = [...readFileSync(join(src, 'README.md'), 'utf8').matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(
      ([, cell = '']) => [...cell.matchAll(/`([\w-]+)`/g)].map(([, room = '']) => room),
    )
    const wrong = Object.entries(layers).flatMap(([room, allowed]) =>
      allowed
        .filter((other) => map.includes(room) && map.indexOf(other) > map.indexOf(room))
        .map((other) => `src/README.md: \`${other}\` stands behind \`${room}\`, which imports it`),
    )
    expect(wrong).toEqual([])
  })

  test('a room imports only what is to its left', () => {
    const wrong: string[] = []
    for (const file of files) {
      const room = file.includes(sep) ? (file.split(sep)[0] ?? '') : null
      if (room === null) continue
      for (const { at, to } of imports(file)) {
        const other = to.includes(sep) ? to.split(sep)[0] : null
        if (other && other !== room && !layers[room]?.includes(other)) wrong.push(`${at} imports ${to}`)
      }
    }
    expect(wrong).toEqual([])
  })

  test('a family of dialects imports no other, and what they share imports none', () => {
    const wrong: string[] = []
    for (const file of files) {
      const [room, family, ...rest] = file.split(sep)
      if (room !== 'dialect' || family === undefined || rest.length === 0) continue
      const allowed = shared[family] ?? Object.keys(shared)
      for (const { at, to } of imports(file)) {
        const [other, its, ...below] = to.split(sep)
        if (other !== 'dialect' || its === family) continue
        if (its === undefined || below.length === 0 || !allowed.includes(its)) wrong.push(`${at} imports ${to}`)
      }
    }
    expect(wrong).toEqual([])
  })

  test('no files import each other in a circle, types included', () => {
    expect(circles()).toEqual([])
  })

  test('only the clock and the command line read time, and nothing throws dice', () => {
    const banned =
      /Date\.now\(|Math\.random\(|new Date\(\)|performance\.now\(|process\.hrtime|\bsetTimeout\(|\bsetInterval\(/
    // The thread that reads a daemon's pipes has no clock of ours to ask.
    const allowed = ['clock.ts', join('process', 'pipe-thread.ts')]
    const wrong = files
      .filter((file) => !file.startsWith(`cli${sep}`) && !allowed.includes(file))
      .flatMap((file) => places(file, code(file), banned))
    expect(wrong).toEqual([])
  })

  test('files of the package are found from its root, in sources and bundles alike', () => {
    const allowed = ['errors.ts', 'version.ts', join('cli', 'run.ts')]
    const wrong = files
      .filter((file) => !allowed.includes(file))
      .flatMap((file) => places(file, code(file), /import\.meta|from 'node:process'/))
    expect(wrong).toEqual([])
  })

  test('names are words of the field', () => {
    const wrong = files
      .filter((file) => !ALIASES.includes(file))
      .flatMap((file) =>
        Object.entries(BANNED_NAMES).flatMap(([pattern, better]) =>
          places(
            file,
            code(file)
              .replace(/'(?:[^'\\\n]|\\.)*'/g, "''")
              .replace(/`(?:[^`\\]|\\.)*`/g, (t) => t.replace(/[^\n]/g, '')),
            new RegExp(pattern),
          ).map((place) => `${place}: say ${better}`),
        ),
      )
    expect(wrong).toEqual([])
  })

  test('comments are in words of the field', () => {
    const wrong = files
      .filter((file) => !ALIASES.includes(file) || !text(file).includes('@deprecated'))
      .flatMap((file) => saidIn(`src/${file}`, comments(file)))
    for (const file of files) {
      for (const place of saidIn(`src/${file}`, comments(file), DOUBTFUL_WORDS)) console.warn(place)
    }
    expect(wrong).toEqual([])
  })

  test('names of tests are in words of the field', () => {
    const tests = join(root, 'test')
    const wrong = readdirSync(tests, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && file !== join('api', 'aliases.test.ts'))
      .flatMap((file) => {
        const names = [...readFileSync(join(tests, file), 'utf8').matchAll(TEST_NAME)].map(([, , name]) => name ?? '')
        return names.flatMap((name) => saidIn(`test/${file}`, name))
      })
    expect(wrong).toEqual([])
  })

  test('a test file that replaces modules has a process of its own: others share what they import', () => {
    const alone = readFileSync(join(root, 'test/vitest.config.ts'), 'utf8')
    const shared = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.test.ts') && !file.startsWith('slow/'))
      .filter((file) => /^\s*vi\.(?:do)?[mM]ock\(/m.test(readFileSync(join(root, 'test', file), 'utf8')))
      .filter((file) => !alone.includes(`'test/${file}'`))
    expect(shared).toEqual([])
  })

  test('index files only export', () => {
    const wrong = files
      .filter((file) => file.endsWith('index.ts'))
      .filter((file) => !/^\s*(export\s+(type\s+)?(\{[\s\S]*?\}|\*)\s+from\s+'[^']+'\s*)*$/.test(code(file)))
    expect(wrong).toEqual([])
  })
})
