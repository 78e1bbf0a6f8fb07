import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Command } from 'commander'
import { EXIT, FusetraceError } from '../errors.js'
import { printable } from '../line/text.js'
import { toJson } from '../operation/json.js'
import { exploringText } from '../report/exploring.js'
import { exploreRecording } from '../schedule/explore-recording.js'
import type { Explored, ExploreRecordingReport } from '../schedule/order.js'
import { CounterLine } from './counter-line.js'
import { DIALECT_HELP, resolveDialect } from './dialect-option.js'
import { warnIfNotWhole } from './failure.js'
import { json } from './output.js'

interface Options {
  recording: string
  preemptions: string
  samples: string
  seed: string
  dialect?: string
  json?: boolean
}

/** `fusetrace explore`: a test's logic in the orders of events that could as well have come. */
export function registerExplore(program: Command): void {
  program
    .command('explore')
    .description("run a test's waits on a recording, in every order of events that could as well have come")
    .argument(
      '<module>',
      'a JavaScript module whose default export is an async function of a session, as openReplay gives it',
    )
    .requiredOption('--recording <file>', 'the recording, with the log of the daemon')
    .option('--preemptions <n>', 'every order with up to this many things at other moments than recorded', '1')
    .option('--samples <n>', 'and this many orders with more of them, drawn at random', '0')
    .option('--seed <n>', 'of the random orders; the same seed does the same', '0')
    .option('--dialect <name>', DIALECT_HELP)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
The kernel sends RELEASE and FORGET when it likes, and operations that are in flight together end in any order: a test that
passes as recorded and fails in another such order fails now and then. The exit code is 1 when an order fails; the one with
the fewest differences that was found is printed.

Example, waits.mjs:
  export default async ({ step, waitFor }) => {
    await step('create', () => undefined)
    await waitFor.released('a.txt')
  }
  fusetrace explore waits.mjs --recording run.fusetrace --preemptions 2 --samples 500`,
    )
    .action(async (module: string, options: Options) => {
      const explored = await load(module)
      const dialect = options.dialect === undefined ? undefined : await resolveDialect(options.dialect)
      let orders = 0
      const counter = new CounterLine(process.stderr, () => `${orders} orders`)
      const report = await exploreRecording(options.recording, explored, {
        preemptions: count('--preemptions', options.preemptions),
        samples: count('--samples', options.samples),
        seed: count('--seed', options.seed),
        ...(dialect && { dialect }),
        onOrder(tried) {
          orders = tried
        },
      }).finally(() => counter.end())
      process.stdout.write(options.json ? `${json(jsonOf(report))}\n` : exploringText(report))
      warnIfNotWhole(options.recording, report.problem)
      if (report.failing) process.exitCode = EXIT.finding
    })
}

function count(flag: string, text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= 0) return value
  throw new FusetraceError('FT_USAGE', `${flag} ${printable(text)} is not a whole number of 0 or more`, {
    hint: `try ${flag} 2`,
  })
}

async function load(module: string): Promise<Explored> {
  const path = resolve(module)
  if (!existsSync(path)) {
    throw new FusetraceError('FT_USAGE', `there is no module ${printable(module)}`, { hint: EXPORT })
  }
  let loaded: { default?: unknown }
  try {
    loaded = await import(pathToFileURL(path).href)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause)
    const hint = /\.[cm]?tsx?$/.test(path) ? 'compile TypeScript first' : EXPORT
    throw new FusetraceError('FT_USAGE', `the module ${printable(module)} cannot be loaded: ${why}`, { hint, cause })
  }
  if (typeof loaded.default !== 'function') {
    throw new FusetraceError('FT_USAGE', `the default export of ${printable(module)} is no function`, { hint: EXPORT })
  }
  return loaded.default as Explored
}

const EXPORT = 'it is to end with `export default async ({ step, waitFor }) => { … }`'

function jsonOf({ orders, leftOut, complete, failing, problem }: ExploreRecordingReport): object {
  return {
    orders,
    leftOut,
    complete,
    problem,
    failing: failing && {
      preemptions: failing.preemptions.map(({ operation, what, after }) => ({
        operation: toJson(operation),
        what,
        after: after === null || typeof after === 'string' ? after : toJson(after),
      })),
      seed: failing.seed,
      error: failing.error.message,
    },
  }
}
