import type { Command } from 'commander'
import { EXIT, FusetraceError } from '../errors.js'
import { printable } from '../line/text.js'
import { normalPath, pathTest } from '../path-pattern.js'
import { diffText } from './diff-text.js'
import { json, print, say } from './output.js'
import { repeated } from './redact-option.js'
import { Changes } from './review-changes.js'
import { Keys } from './review-keys.js'
import { type Review, reviewOf, reviewText } from './review-summary.js'

interface ReviewOptions {
  json?: boolean
  accept?: string[]
  keep?: string[]
}

type Decision = 'accepted' | 'kept' | null

/** `fusetrace review`: all changed recordings, one after the other. */
export function registerReview(program: Command): void {
  program
    .command('review')
    .description(
      "go through all changed recordings, against git's HEAD or .previous: accept the new, keep the old, or skip",
    )
    .argument('[dir]', 'where the recordings are', 'recordings')
    .option('--json', 'print one JSON array')
    .option(
      '--accept <pattern>',
      'accept those whose path this matches; * and ** as in globs; may be given several times',
      repeated,
    )
    .option('--keep <pattern>', 'keep the old one of those whose path this matches', repeated)
    .addHelpText(
      'after',
      `
Accepted: staged in git (git add), and its .previous removed. Kept: the file is again what it was; a new one stays as it is.
In a terminal by keys: a accept, k keep, s skip, d show the differences, q quit. Paths are as they are printed.

Exit code: 0 when nothing is left to be decided, else 1.

Examples:
  fusetrace review
  fusetrace review --json | jq '.[] | select(.outcomes > 0)'
  fusetrace review --accept 'recordings/test/files/**' --keep '**/*killed*'`,
    )
    .action(async (directory: string, options: ReviewOptions) => {
      const changes = new Changes(directory.replace(/(?<=.)\/+$/, ''))
      try {
        if (!changes.hasGit && !options.json) say(`no git repository with a commit here: only .previous is looked at`)
        process.exitCode = await review(changes, options)
      } finally {
        changes.close()
      }
    })
}

async function review(changes: Changes, options: ReviewOptions): Promise<number> {
  const { all } = changes
  const asked = options.json || options.accept || options.keep
  if (!asked && process.stdin.isTTY && process.stdout.isTTY) return all.length === 0 ? nothing() : byKeys(changes)
  // All before the first is acted on: what is asked wrongly changes nothing.
  const decisions = all.map(({ file }) => byPatterns(options)(file))
  for (const [option, patterns] of [
    ['--accept', options.accept],
    ['--keep', options.keep],
  ] as const) {
    const idle = patterns?.find((pattern) => !all.some(({ file }) => matches(pattern, file)))
    if (idle !== undefined) {
      throw new FusetraceError('FT_USAGE', `${option} ${idle} matches no changed recording`, {
        hint: all.length === 0 ? 'none has changed' : `for example: ${all[0]?.file}`,
      })
    }
  }
  const reviewed = all.map((change, i) => {
    const one = reviewOf(changes, change)
    const decision = decisions[i] ?? null
    if (decision === 'accepted') changes.accept(change)
    else if (decision === 'kept' && change.status !== 'new') changes.keep(change)
    return { ...one, decision: decision === 'kept' && change.status === 'new' ? null : decision }
  })
  if (options.json) print(json(reviewed.map(({ change, decision }) => ({ ...change, decision }))))
  else if (reviewed.length === 0) return nothing()
  else for (const one of reviewed) print(`${reviewText(one)}${one.decision === null ? '' : `: ${one.decision}`}`)
  const left = reviewed.filter(({ decision }) => decision === null).length
  if (left > 0 && !options.json) say(`${left} to be decided: in a terminal, or with --accept PATTERN, --keep PATTERN`)
  return left > 0 ? EXIT.finding : EXIT.ok
}

function nothing(): number {
  print('no recording has changed')
  return EXIT.ok
}

const matches = (pattern: string, file: string): boolean => pathTest(pattern)(normalPath(file))

/** What the options say of a recording. @throws FT_USAGE when both say something */
function byPatterns({ accept = [], keep = [] }: ReviewOptions): (file: string) => Decision {
  return (file) => {
    const [accepted, kept] = [accept, keep].map((patterns) => patterns.some((pattern) => matches(pattern, file)))
    if (accepted && kept) {
      throw new FusetraceError('FT_USAGE', `${file} is matched by --accept and by --keep`, {
        hint: 'narrow one of them',
      })
    }
    return accepted ? 'accepted' : kept ? 'kept' : null
  }
}

async function byKeys(changes: Changes): Promise<number> {
  const keys = new Keys(process.stdin)
  const counts = { accepted: 0, kept: 0, skipped: 0 }
  try {
    for (const [i, change] of changes.all.entries()) {
      const one = reviewOf(changes, change)
      print(`\n[${i + 1}/${changes.all.length}] ${reviewText(one)}`)
      const decision = await decided(keys, one)
      if (decision === 'quit') break
      if (decision === 'accepted') changes.accept(change)
      else if (decision === 'kept') changes.keep(change)
      counts[decision]++
      print(decision)
    }
  } finally {
    keys.close()
  }
  const left = changes.all.length - counts.accepted - counts.kept
  print(`\n${counts.accepted} accepted, ${counts.kept} kept, ${left} left`)
  return left > 0 ? EXIT.finding : EXIT.ok
}

/** Asks until a key says what is to be done. */
async function decided(keys: Keys, one: Review): Promise<'accepted' | 'kept' | 'skipped' | 'quit'> {
  const { change, diff, format } = one
  const canKeep = change.status !== 'new'
  for (;;) {
    process.stdout.write(
      `a accept${canKeep ? ', k keep the old' : ''}, s skip${diff ? ', d differences' : ''}, q quit? `,
    )
    const key = await keys.next()
    process.stdout.write('\n')
    if (key === 'a') return 'accepted'
    if (key === 'k' && canKeep) return 'kept'
    if (key === 's') return 'skipped'
    if (key === 'q') return 'quit'
    if (key === 'd' && diff && format)
      for (const line of diffText(change.against, printable(change.file), diff, format)) print(line)
  }
}
