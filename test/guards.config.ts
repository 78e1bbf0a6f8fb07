import { readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

/**
 * Lines that keep harm away, each taken out alone: its tests must fail without it. See test/MUTANTS.md.
 *
 *     GUARD=0 npx vitest run --config test/guards.config.ts
 */
interface Guard {
  /** What it keeps away. */
  readonly what: string
  readonly file: string
  /** What is there, and what stands in its place. */
  readonly line: string
  readonly broken: string
  /** The quick tests that hold it up. */
  readonly tests: string
}

const LEFTOVERS = 'test/mount/leftovers.test.ts'
const never = (line: string): string => line.replace('if (', 'if (false && ')

const taken = (what: string, file: string, line: string, tests: string): Guard => {
  return { what, file, line, broken: never(line), tests }
}

const GUARDS: readonly Guard[] = [
  taken(
    'notes in a directory that others can write to',
    'mount/notes.ts',
    'if ((stat.mode & 0o022) !== 0) return',
    LEFTOVERS,
  ),
  {
    ...{ what: 'notes in a directory that is a link', file: 'mount/notes.ts', tests: LEFTOVERS },
    ...{ line: 'stat = lstatSync(path)', broken: 'stat = lstatSync(path + "/.")' },
  },
  {
    ...{ what: 'a note that is a link', file: 'mount/notes.ts', tests: LEFTOVERS },
    ...{ line: 'constants.O_RDONLY | constants.O_NOFOLLOW |', broken: 'constants.O_RDONLY |' },
  },
  {
    ...{ what: 'a directory that another made', file: 'mount/leftovers.ts', tests: LEFTOVERS },
    ...{ line: 'now.dev !== directory.dev || now.ino !== directory.ino', broken: 'false' },
  },
  {
    ...{ what: 'a process of the same id', file: 'mount/leftovers.ts', tests: LEFTOVERS },
    ...{ line: 'daemon !== null && startOf(daemon) === daemonStart', broken: 'daemon !== null' },
  },
  taken('a mount that is not proven to be ours', 'mount/leftovers.ts', 'if (!proven) {', LEFTOVERS),
  {
    ...{ what: 'the abort of a connection of the same number', file: 'mount/connection.ts', tests: LEFTOVERS },
    ...{ line: 'return serialOf(this.number) === this.#serial ? use(file) : null', broken: 'return use(file)' },
  },
  taken(
    'an output that exists',
    'recording/target.ts',
    'if (!force && lstatSync(path',
    'test/recording/target.test.ts',
  ),
  taken(
    'an output that somebody is writing',
    'recording/target.ts',
    'if (owner !== null) {',
    'test/recording/target.test.ts',
  ),
  {
    ...{ what: 'an output that came to exist', file: 'recording/target.ts', tests: 'test/recording/target.test.ts' },
    ...{ line: "code !== 'EEXIST' && !existsSync(path)", broken: 'true' },
  },
  {
    ...{ what: 'names that reach a terminal raw', file: 'line/text.ts', tests: 'test/line/text.test.ts' },
    ...{ line: '.replace(UNSAFE, (c) => ESCAPES', broken: '.replace(/a^/g, (c) => ESCAPES' },
  },
  {
    ...{ what: 'names that are commands of a CI service', file: 'line/text.ts', tests: 'test/line/text.test.ts' },
    ...{ line: '.replace(COMMAND, ', broken: '.replace(/a^/g, ' },
  },
  taken('paths that leave the mount', 'fixture/mount-fs.ts', 'if (depth < 0) {', 'test/fixture/calls.test.ts'),
  {
    ...{
      what: 'lists of more values than there are bytes',
      file: 'recording/unpack.ts',
      tests: 'test/recording/codec.test.ts',
    },
    ...{ line: 'values > bytes.length - at || rest.length >= MAX_DEPTH', broken: 'false' },
  },
  taken('more values than are taken', 'recording/unpack.ts', 'if (left < 0) throw', 'test/recording/codec.test.ts'),
  taken(
    'keys that set a prototype',
    'recording/unpack.ts',
    'if (key && text === PROTO.length',
    'test/recording/codec.test.ts',
  ),
  taken(
    'a length that deflate cannot have made',
    'recording/format.ts',
    'if (kind < BLOCK.mixedRows &&',
    'test/recording/reader.test.ts',
  ),
  {
    ...{ what: 'blocks that are missing', file: 'recording/reader.ts', tests: 'test/recording/reader.test.ts' },
    ...{ line: 'blocks.length !== index.length || blocks.some((at, i) => at !== index[i]?.[0])', broken: 'false' },
  },
  taken(
    'a daemon that was killed in the middle of a create',
    'wait/machines/effect.ts',
    "if (operation.status === 'unfinished') return",
    'test/wait/machines',
  ),
  taken(
    'a daemon that was killed, in the explorer',
    'wait/machines/effect.ts',
    "if (operation.status === 'unfinished') return",
    'test/explore',
  ),
  taken(
    'a probe that hung, for who comes later',
    'replay/recorded-prober.ts',
    "if (row.errno === 'ETIMEDOUT') this",
    'test/replay/handshake.test.ts',
  ),
  {
    ...{
      what: 'a probe that hung, for who waits',
      file: 'replay/recorded-probes.ts',
      tests: 'test/replay/guards.test.ts',
    },
    ...{
      line: "resolve(errno === 'ETIMEDOUT' ? 'unknown' : { value: answer, errno })",
      broken: 'resolve({ value: answer, errno })',
    },
  },
  {
    ...{ what: 'an errno by its other name', file: 'dialect/core/errno.ts', tests: 'test/dialect/core/errno.test.ts' },
    ...{ line: 'ALIASES[upper] ?? upper', broken: 'upper' },
  },
  {
    ...{
      what: 'a dialect that is chosen without a lead',
      file: 'dialect/core/choose.ts',
      tests: 'test/dialect/core/choose.test.ts',
    },
    ...{ line: 'first.sure >= LEAD * rival', broken: 'true' },
  },
  {
    ...{ what: '`never` for longer than a timeout', file: 'wait/machines/never.ts', tests: 'test/wait' },
    ...{ line: 'atLeastNs: duringNs,', broken: '' },
  },
  {
    ...{ what: 'a line without an end', file: 'line/splitter.ts', tests: 'test/line/splitter.test.ts' },
    ...{ line: 'options.maxLineBytes ?? Number', broken: 'Number' },
  },
]

const guard = GUARDS[Number(process.env.GUARD ?? 0)]
if (guard === undefined) throw new Error(`GUARD is a number below ${GUARDS.length}`)
const path = new URL(`../src/${guard.file}`, import.meta.url).pathname
if (readFileSync(path, 'utf8').split(guard.line).length !== 2)
  throw new Error(`src/${guard.file} has not one ${guard.line}`)
console.log(`without what keeps away: ${guard.what}`)

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  plugins: [
    {
      name: 'guards',
      enforce: 'pre',
      transform: (code, id) => (id === path ? code.replace(guard.line, guard.broken) : null),
    },
  ],
  test: {
    include: [guard.tests.endsWith('.ts') ? guard.tests : `${guard.tests}/**/*.test.ts`],
    bail: 1,
    testTimeout: 60_000,
  },
})
