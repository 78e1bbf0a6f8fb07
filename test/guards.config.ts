import { readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { type Guard, ROOM_GUARDS } from './room-guards.js'

/*
 * Lines that keep harm away, each taken out alone: its tests must fail without it. See test/MUTANTS.md.
 *
 *     GUARD=0 npx vitest run --config test/guards.config.ts
 */

const LEFTOVERS = 'test/mount/leftovers.test.ts'
const FRAMING = 'test/dialect/framing/framing.test.ts'

/** A line that is there, and one in its place. */
const changed = (what: string, file: string, [line, broken]: [string, string], tests: string): Guard => {
  return { what, file, line, broken, tests }
}

/** A condition that never holds. */
const taken = (what: string, file: string, line: string, tests: string): Guard =>
  changed(what, file, [line, line.replace('if (', 'if (false && ')], tests)

const GUARDS: readonly Guard[] = [
  taken(
    'notes in a directory that others can write to',
    'mount/notes.ts',
    'if ((stat.mode & 0o022) !== 0) return',
    LEFTOVERS,
  ),
  changed(
    'notes in a directory that is a link',
    'mount/notes.ts',
    ['stat = lstatSync(path)', 'stat = lstatSync(path + "/.")'],
    LEFTOVERS,
  ),
  changed(
    'a note that is a link',
    'mount/notes.ts',
    ['constants.O_RDONLY | constants.O_NOFOLLOW |', 'constants.O_RDONLY |'],
    LEFTOVERS,
  ),
  changed(
    'a directory that another made',
    'mount/leftovers.ts',
    ['now.dev !== directory.dev || now.ino !== directory.ino', 'false'],
    LEFTOVERS,
  ),
  changed(
    'a process of the same id',
    'mount/leftovers.ts',
    ['daemon !== null && startOf(daemon) === daemonStart', 'daemon !== null'],
    LEFTOVERS,
  ),
  changed(
    'a process of the same id, after another start of the machine',
    'mount/leftovers.ts',
    ['note.boot === boot ? await endRun(clock, note, cleaned) : true', 'await endRun(clock, note, cleaned)'],
    LEFTOVERS,
  ),
  taken('a mount that is not proven to be ours', 'mount/leftovers.ts', 'if (!proven) {', LEFTOVERS),
  changed(
    'the abort of a connection of the same number',
    'mount/connection.ts',
    ['return serialOf(this.number) === this.#serial ? use(file) : null', 'return use(file)'],
    LEFTOVERS,
  ),
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
  changed(
    'an output that came to exist',
    'recording/target.ts',
    ["code !== 'EEXIST' && !existsSync(path)", 'true'],
    'test/recording/target.test.ts',
  ),
  changed(
    'names that reach a terminal raw',
    'line/text.ts',
    ['.replace(UNSAFE, (c) => ESCAPES', '.replace(/a^/g, (c) => ESCAPES'],
    'test/line/text.test.ts',
  ),
  changed(
    'names that are commands of a CI service',
    'line/text.ts',
    ['.replace(COMMAND, ', '.replace(/a^/g, '],
    'test/line/text.test.ts',
  ),
  taken('paths that leave the mount', 'fixture/mount-fs.ts', 'if (depth < 0) {', 'test/fixture/calls.test.ts'),
  changed(
    'lists of more values than there are bytes',
    'recording/unpack.ts',
    ['values > bytes.length - at || rest.length >= MAX_DEPTH', 'false'],
    'test/recording/codec.test.ts',
  ),
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
  changed(
    'blocks that are missing',
    'recording/reader.ts',
    ['blocks.length !== index.length || blocks.some((at, i) => at !== index[i]?.[0])', 'false'],
    'test/recording/reader.test.ts',
  ),
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
  changed(
    'a probe that hung, for who waits',
    'replay/recorded-probes.ts',
    ["resolve(errno === 'ETIMEDOUT' ? 'unknown' : { value: answer, errno })", 'resolve({ value: answer, errno })'],
    'test/replay/guards.test.ts',
  ),
  changed(
    'an errno by its other name',
    'dialect/core/errno.ts',
    ['ALIASES[upper] ?? upper', 'upper'],
    'test/dialect/core/errno.test.ts',
  ),
  changed(
    'a dialect that is chosen without a lead',
    'dialect/core/choose.ts',
    ['first.sure >= LEAD * rival', 'true'],
    'test/dialect/core/choose.test.ts',
  ),
  changed('`never` for longer than a timeout', 'wait/machines/never.ts', ['atLeastNs: duringNs,', ''], 'test/wait'),
  changed(
    'a line without an end',
    'line/splitter.ts',
    ['options.maxLineBytes ?? Number', 'Number'],
    'test/line/splitter.test.ts',
  ),
  changed(
    'one wrapped line that takes something off all others',
    'dialect/framing/framing.ts',
    ['if (this.#checked >= MAX_CHECKED) return false', 'return false'],
    FRAMING,
  ),
  changed(
    'a log of no dialect that is held against everything for ever',
    'dialect/framing/framing.ts',
    [' || this.#tried > MAX_TRIED', ''],
    FRAMING,
  ),
  taken(
    'a reader that closes first, for who waits for the writer',
    'wait/machines/write-complete.ts',
    'if (next.opens > 0 ||',
    'test/wait/machines/closing.test.ts',
  ),
  changed(
    'a name that is learned from an answer which the kernel refused',
    'faults/message-relay.ts',
    ["if (taken !== 'refused') subjects", 'subjects'],
    'test/faults/message-relay.test.ts',
  ),
  taken(
    'the second half of two secrets that overlap',
    'redact/redactor.ts',
    'else if (span.end > last.end)',
    'test/redact/redactor.test.ts',
  ),
  changed(
    'a directory put back into a line that counts its bytes',
    'redact/restorer.ts',
    ['value?.length === hole.length ? value : hole', 'value ?? hole'],
    'test/redact/recording.test.ts',
  ),
  changed(
    'half a character that is taken for UTF-8',
    'line/text.ts',
    ['first === 0xed ? 0x9f :', 'first === 0xed ? 0xbf :'],
    'test/line/text.test.ts',
  ),
  taken(
    'a failure that the log does not tell, in the explorer',
    'explore/fs-state.ts',
    'if (operation.fails !== undefined) return fsState',
    'test/explore',
  ),
  ...ROOM_GUARDS,
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
      // A file may be loaded anew under a name with a question mark.
      transform: (code, id) => (id.split('?')[0] === path ? code.replace(guard.line, guard.broken) : null),
    },
  ],
  test: {
    include: [guard.tests.endsWith('.ts') ? guard.tests : `${guard.tests}/**/*.test.ts`],
    bail: 1,
    testTimeout: 60_000,
  },
})
