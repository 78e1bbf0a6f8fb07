import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { none } from '../dialect/core/choose.js'
import type { Dialect } from '../dialect/core/dialect.js'
import { compareProfiles } from '../drift/compare/compare.js'
import type { Comparison, Finding } from '../drift/findings/finding.js'
import { opcodesOfWait } from '../drift/findings/impact.js'
import { checkGolden } from '../drift/golden.js'
import { EXIT, FusetraceError } from '../errors.js'
import type { Line } from '../line/line.js'
import { makeNotedDirectory } from '../mount/noted-directory.js'
import { openRecording } from '../recording/reader.js'
import { annotation } from '../report/annotations.js'
import { driftText } from '../report/drift-text.js'
import { painter } from '../report/format.js'
import { type Checked, junit } from '../report/junit.js'
import { DIALECT_HELP, resolveDialect } from './dialect-option.js'
import { dialectOf, opcodesIn, profileAgainst, profileOf, recordingsIn } from './drift-input.js'
import { json, Output, say } from './output.js'
import { KEPT_LINES, suggestion } from './suggestion.js'
import { writeText } from './write-text.js'

interface CheckOptions {
  against?: string
  json?: boolean
  strict?: boolean
  junit?: string
  force?: boolean
  suggest?: boolean
  recordings?: string
  dialect?: string
  drive?: boolean
  timeout: string
}

/** `fusetrace check`: has the daemon's log format drifted, and which waits does that break? */
export function registerCheck(program: Command): void {
  program
    .command('check')
    .description("has a daemon's log format drifted from what was recorded? or fusetrace's reading of it?")
    .argument('<recording...>', 'recordings to check')
    .option('--against <log>', 'a new log or recording of the same daemon (any workload); - is stdin')
    .option('--drive', 'drive the daemon given after --, without a mount, by the recording, and check its new log')
    .option('--timeout <ms>', 'how long that daemon may take to be ready', '10000')
    .option('--suggest', 'print a dialect that reads the new log, tried on it first (with --against)')
    .option('--recordings <dir>', 'name the recordings of tests below this directory that a finding concerns')
    .option('--dialect <name>', DIALECT_HELP)
    .option('--strict', 'exit with 1 also when something is only known less exactly')
    .option('--json', 'one JSON object')
    .option('--junit <file>', 'write the result as JUnit XML too')
    .option('--force', 'replace what exists under the name of --junit')
    .addHelpText(
      'after',
      `
Without --against the recorded lines are read anew and held against the operations of the recording.
Findings are breaks (a wait or a field is lost), degrades (known, but less exactly) or cosmetic (nothing is lost).
Exits with 1 when something breaks.

Examples:
  fusetrace check recordings/*.fusetrace
  fusetrace check good.fusetrace --against new.log
  mydaemon -f -d /mnt 2>&1 | fusetrace check good.fusetrace --against -
  fusetrace check good.fusetrace --drive -- mydaemon -f -d /data {mountpoint}     # needs no /dev/fuse`,
    )
    .action(async (operands: string[], options: CheckOptions, command: Command) => {
      const { files, daemon } = splitDaemon(operands, options, command)
      const given = options.dialect === undefined ? null : await resolveDialect(options.dialect)
      if (options.against !== undefined && files.length > 1)
        throw new FusetraceError('FT_USAGE', '--against takes one recording', { hint: 'check them one by one' })
      if (options.suggest && options.against === undefined && !daemon)
        throw new FusetraceError('FT_USAGE', '--suggest needs --against', { hint: 'give the new log' })
      if (options.junit !== undefined && !options.force) refuseExisting(options.junit)
      const checks: Checked[] = []
      const kept: Line[] = []
      for (const file of files) {
        const comparison = daemon
          ? await checkDriven(file, daemon, options, given, options.suggest ? kept : null)
          : options.against === undefined
            ? checkItself(file, given)
            : await checkAgainst(file, options.against, given, options.suggest ? kept : null)
        if (options.recordings !== undefined) nameTests(comparison.findings, options.recordings)
        checks.push({ file, comparison, failed: failed(comparison.findings, options.strict === true) })
      }
      if (options.junit !== undefined) writeText(options.junit, junit(checks), { force: options.force === true })
      const first = checks[0] as Checked
      const fix = options.suggest ? await suggestion(first.file, kept, given) : null
      await print(checks, options, fix)
      process.exitCode = checks.some((check) => check.failed) ? EXIT.finding : EXIT.ok
    })
}

/** Before anything is read, so that nobody waits for it. */
function refuseExisting(output: string): void {
  if (!lstatSync(output, { throwIfNoEntry: false })?.isFile()) return
  throw new FusetraceError('FT_USAGE', `${output} exists already`, {
    hint: 'give another name, or --force to replace it',
  })
}

/** What stands after `--` is the daemon's command. */
function splitDaemon(
  operands: readonly string[],
  options: CheckOptions,
  command: Command,
): { files: string[]; daemon: string[] | null } {
  const { rawArgs } = command.parent as unknown as { rawArgs: readonly string[] }
  const at = rawArgs.indexOf('--')
  const daemon = at < 0 ? [] : rawArgs.slice(at + 1)
  const files = operands.slice(0, operands.length - daemon.length)
  const wrong = (message: string, hint: string): FusetraceError => new FusetraceError('FT_USAGE', message, { hint })
  if (options.drive && daemon.length === 0) {
    throw wrong('--drive needs a daemon', 'fusetrace check REC --drive -- DAEMON ARGS…')
  }
  if (!options.drive && at >= 0) throw wrong('a daemon after -- needs --drive', 'fusetrace check REC --drive -- DAEMON')
  if (options.drive && options.against !== undefined)
    throw wrong('--drive and --against are two ways', 'use one of them')
  if (files.length === 0) throw wrong('no recording to check', 'fusetrace check REC --drive -- DAEMON ARGS…')
  return { files, daemon: options.drive ? daemon : null }
}

/** Drives a daemon by a recording, and compares the format of its new log with the recorded one. */
async function checkDriven(
  file: string,
  daemon: readonly string[],
  options: CheckOptions,
  given: Dialect | null,
  kept: Line[] | null,
): Promise<Comparison> {
  const { driveFile } = await import('./drive.js')
  const directory = makeNotedDirectory('check')
  try {
    const output = join(directory.path, 'new.fusetrace')
    const { differences } = await driveFile(file, daemon, { output, wire: false, timeout: options.timeout })
    if (differences.length > 0) {
      const [{ opcode, path }] = differences as [(typeof differences)[0]]
      const first = `${opcode}${path === null ? '' : ` ${path}`}`
      say(
        `${differences.length} answers differ from the recorded ones, the first to ${first}: see fusetrace drive ${file}`,
      )
    }
    return await checkAgainst(file, output, given, kept)
  } finally {
    directory.remove()
  }
}

/** Does this outcome make the command fail? */
const failed = (findings: readonly Finding[], strict: boolean): boolean =>
  findings.some(({ severity }) => severity === 'breaks' || (strict && severity === 'degrades'))

function checkItself(file: string, given: Dialect | null): Comparison {
  const reader = openRecording(file)
  try {
    const dialect = dialectOf(reader, given)
    if (dialect === null && reader.header.dialect !== none.name) {
      throw new FusetraceError(
        'FT_DIALECT',
        `${file} was read with the dialect \`${reader.header.dialect}\`, which is not built in`,
        {
          hint: 'give its file with --dialect',
        },
      )
    }
    return checkGolden(reader, dialect ?? none)
  } finally {
    reader.close()
  }
}

/** Compares the formats of a recording and of a log. `kept` is filled with the log's first lines. */
export async function checkAgainst(
  file: string,
  against: string,
  given: Dialect | null,
  kept: Line[] | null,
): Promise<Comparison> {
  const reader = openRecording(file)
  try {
    const before = profileOf(reader, given)
    const keep = kept === null ? undefined : (line: Line) => void (kept.length < KEPT_LINES && kept.push(line))
    return compareProfiles(before, await profileAgainst(against, dialectOf(reader, given), keep))
  } finally {
    reader.close()
  }
}

/** A test relies on the operations that its recording shows. */
function nameTests(findings: readonly Finding[], directory: string): void {
  const tests = recordingsIn(directory).map((path) => ({ path, opcodes: opcodesIn(path) }))
  for (const finding of findings) {
    if (finding.severity === 'cosmetic') continue
    const needed = new Set(
      [...finding.opcodes, ...finding.waits.flatMap(({ wait }) => opcodesOfWait(wait))].filter((opcode) =>
        finding.opcodes.includes(opcode),
      ),
    )
    finding.tests = tests
      .filter(({ opcodes }) => [...needed].some((opcode) => opcodes.has(opcode)))
      .map(({ path }) => path)
  }
}

async function print(checks: readonly Checked[], options: CheckOptions, fix: string | null): Promise<void> {
  const out = new Output()
  if (options.json) {
    const against = options.against ?? null
    const results = checks.map(({ file, comparison, failed: isFailed }) => ({
      recording: file,
      against,
      failed: isFailed,
      ...comparison,
    }))
    await out.line(json({ checks: results, ...(options.suggest && { suggestion: fix }) }))
    return out.end()
  }
  const paint = painter(process.stdout)
  const width = process.stdout.columns ?? 120
  for (const [i, { file, comparison }] of checks.entries()) {
    if (i > 0) await out.line('')
    const other = options.drive ? 'the daemon of today' : options.against === '-' ? 'standard input' : options.against
    const heading = other === undefined ? file : `${file} against ${other}`
    for (const line of driftText(comparison, heading, paint, width)) await out.line(line)
  }
  if (process.env.GITHUB_ACTIONS) {
    for (const { file, comparison } of checks)
      for (const finding of comparison.findings) await out.command(annotation(file, finding))
  }
  if (options.suggest) {
    const isHarmed = checks.some(({ comparison }) =>
      comparison.findings.some(({ severity }) => severity !== 'cosmetic'),
    )
    const none = isHarmed
      ? 'no rewriting was found that makes the new log understood as the old one was'
      : 'nothing is lost, so no rewriting is needed'
    await out.line(`\n${fix ?? none}`)
  }
  await out.end()
}
