import type { Command } from 'commander'
import { EXIT, FusetraceError } from '../errors.js'
import { type Coverage, CoverageCount } from '../outcomes/coverage.js'
import { coverageHtml } from '../outcomes/html.js'
import { missed, readRequirement } from '../outcomes/requirements.js'
import { coverageText } from '../outcomes/text.js'
import { openRecording } from '../recording/reader.js'
import { warnIfNotWhole } from './failure.js'
import { json, print, say } from './output.js'
import { recordingsOf } from './recording-arguments.js'
import { recovery } from './recovery.js'
import { writeText } from './write-text.js'

interface CoverageOptions {
  html?: string
  force?: boolean
  json?: boolean
  minOpcodes?: string
  minOutcomes?: string
  require?: string[]
}

const list = (value: string, before: string[] = []): string[] => [
  ...before,
  ...value.split(',').filter((one) => one.trim() !== ''),
]

/** `fusetrace coverage`: which requests recordings show, and how they came out. */
export function registerCoverage(program: Command): void {
  program
    .command('coverage')
    .description('which requests recordings show with which outcomes, and what was never seen')
    .argument('<file...>', 'recordings, or directories of them; - is stdin')
    .option('--html <file>', 'write it as a page too')
    .option('--force', 'replace what exists under the name of the page')
    .option('--min-opcodes <count>', 'fail if fewer different requests were seen')
    .option('--min-outcomes <count>', 'fail if fewer different outcomes of requests were seen')
    .option('--require <list>', 'fail if one was never seen: mkdir:EEXIST,unlink:ok,write:error,rename', list)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
"never failed with" names failures that such requests are expected to have, and that no recording shows.
Requests of fusetrace itself (fences, probes) are not counted. Exit code 1 when a threshold is missed.

Examples:
  fusetrace coverage recordings
  fusetrace coverage recordings --require mkdir:EEXIST,rmdir:ENOTEMPTY --html coverage.html`,
    )
    .action(async (given: string[], options: CoverageOptions) => {
      const thresholds = {
        require: (options.require ?? []).map(readRequirement),
        ...countOf('opcodes', '--min-opcodes', options.minOpcodes),
        ...countOf('outcomes', '--min-outcomes', options.minOutcomes),
      }
      if (options.html === '-' && options.json) {
        throw new FusetraceError('FT_USAGE', '--json and --html - both write to stdout', {
          hint: 'give the page a name',
        })
      }
      const coverage = await count(recordingsOf(given))
      const missing = missed(coverage, thresholds)
      if (options.html !== undefined) {
        writeText(options.html, coverageHtml(coverage, missing), { force: options.force === true })
      }
      if (options.json) print(json({ ...coverage, missed: missing }))
      else if (options.html !== '-') print(coverageText(coverage))
      for (const one of missing) say(one)
      if (missing.length > 0) process.exitCode = EXIT.finding
    })
}

async function count(files: readonly string[]): Promise<Coverage> {
  const counted = new CoverageCount()
  for (const file of files) {
    const reader = openRecording(file, await recovery(file))
    try {
      counted.add(reader)
      warnIfNotWhole(file, reader.problem)
    } finally {
      reader.close()
    }
  }
  return counted.result()
}

function countOf(key: 'opcodes' | 'outcomes', option: string, text: string | undefined): Record<string, number> {
  if (text === undefined) return {}
  const value = Number(text)
  if (/^\d{1,9}$/.test(text)) return { [key]: value }
  throw new FusetraceError('FT_USAGE', `${option} ${text} is not a count`, { hint: `try ${option} 20` })
}
