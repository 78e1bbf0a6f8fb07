import type { Command } from 'commander'
import { FusetraceError } from '../errors.js'
import { openRecording } from '../recording/reader.js'
import { canonical } from '../report/canonical.js'
import { FILTER_HELP } from '../report/filter.js'
import { warnIfNotWhole } from './failure.js'
import { Output } from './output.js'
import { recovery } from './recovery.js'
import type { ShowOptions } from './show-options.js'
import { showCalls, showLines, showOperations, showSteps } from './show-parts.js'

/** `fusetrace show`: a recording for people, or as JSON. */
export function registerShow(program: Command): void {
  program
    .command('show')
    .description(
      'what happened: operations under their steps (default), only operations, steps, or the lines as logged',
    )
    .argument('<file>', 'the recording; - is stdin')
    .option('--lines', 'the log lines with their times and streams')
    .option('--operations', 'the operations alone, without steps')
    .option('--steps', 'the steps, with how many operations each had')
    .option('--calls', "the test's own calls, with what they were given; probes too with --all or --json")
    .option('--all', 'also what fusetrace itself asked: fences and probes (in JSON they are marked `own`)')
    .option('--canonical', 'stable text for `git diff`: no ids, no clock times, durations by their power of ten')
    .option('--json', 'one JSON object a line')
    .option('--since <when>', 'from here on: a step, or a time since the origin (1.5s, 200ms, 1000us)')
    .option('--opcode <names>', FILTER_HELP.opcode)
    .option('--path <glob>', FILTER_HELP.path)
    .option('--pid <pid>', FILTER_HELP.pid)
    .option('--errno <names>', FILTER_HELP.errno)
    .option('--limit <count>', 'no more than so many')
    .option('--web', 'all of it as a page in the browser (see report); its name is printed')
    .addHelpText(
      'after',
      `
An outcome with ~ has an end that was inferred: the log does not show it.
What can be read of an unfinished or damaged recording is shown; stderr says that it is not all, and the exit code is 1.

Examples:
  fusetrace show run.fusetrace
  fusetrace show run.fusetrace --since rename --opcode rename,unlink
  fusetrace show run.fusetrace --operations --json | jq 'select(.errno)'`,
    )
    .action(async (file: string, options: ShowOptions) => {
      checkOptions(options)
      if (options.web) {
        const { showWeb } = await import('./show-web.js')
        await showWeb(file)
        return
      }
      const reader = openRecording(file, await recovery(file))
      const out = new Output()
      try {
        if (options.canonical) for (const line of canonical(reader)) await out.line(line)
        else if (options.lines) await showLines(reader, options, out)
        else if (options.calls) await showCalls(reader, options, out)
        else if (options.steps) await showSteps(reader, options, out)
        else await showOperations(reader, options, out)
      } finally {
        await out.end()
        reader.close()
      }
      warnIfNotWhole(file, reader.problem)
    })
}

function checkOptions(options: ShowOptions): void {
  const others = Object.keys(options).filter((name) => name !== 'web' && name !== 'debug')
  if (options.web && others.length > 0) {
    throw new FusetraceError('FT_USAGE', `--web and --${others[0]} exclude each other`, {
      hint: 'the page has filters of its own',
    })
  }
  const parts = (['lines', 'operations', 'steps', 'calls'] as const).filter((name) => options[name])
  if (parts.length > 1) {
    throw new FusetraceError('FT_USAGE', `--${parts.join(' and --')} exclude each other`, { hint: 'give one of them' })
  }
  const filter = (['opcode', 'path', 'pid', 'errno'] as const).find((name) => options[name] !== undefined)
  if (filter !== undefined && (options.lines || options.steps || options.calls)) {
    throw new FusetraceError('FT_USAGE', `--${filter} chooses operations, not ${parts[0]}`, {
      hint: `leave out --${parts[0]}`,
    })
  }
}
