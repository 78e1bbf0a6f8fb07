import type { Command } from 'commander'
import { systemClock } from '../clock.js'
import { EXIT, FusetraceError } from '../errors.js'
import { printable } from '../line/text.js'
import { cleanLeftovers } from '../mount/leftovers.js'
import { cleanRecordings } from './clean-recordings.js'
import { json, print, say } from './output.js'

interface CleanOptions {
  recordings?: string | boolean
  dryRun?: boolean
  json?: boolean
}

/** `fusetrace clean`: takes away what killed test runs have left, or recordings that no test uses. */
export function registerClean(program: Command): void {
  program
    .command('clean')
    .description('take away mounts, daemons and directories that killed test runs have left; live runs are left alone')
    .option('--recordings [dir]', 'instead: remove recordings that no test uses, of this project (default: recordings)')
    .option('--dry-run', 'with --recordings: list them, remove nothing')
    .option('--json', 'print one JSON array')
    .addHelpText(
      'after',
      `
Which recordings the tests of a file use is known since they ran last; run the tests first. Those whose test file is gone are unused
in any case. Only files that are recordings made by a test are removed.

Examples:
  fusetrace clean
  fusetrace clean --recordings --dry-run`,
    )
    .action(async (options: CleanOptions) => {
      if (options.recordings !== undefined) return unusedRecordings(options)
      if (options.dryRun) throw new FusetraceError('FT_USAGE', '--dry-run is for --recordings')
      const cleaned = await cleanLeftovers(systemClock())
      if (options.json) print(json(cleaned))
      else if (cleaned.length === 0) print('nothing was left behind')
      else {
        for (const { what, name, problem } of cleaned) {
          print(`${what} ${printable(name)}: ${problem ?? 'taken away'}`)
        }
      }
      if (cleaned.some(({ problem }) => problem !== null)) process.exitCode = EXIT.finding
    })
}

function unusedRecordings({ recordings, dryRun = false, json: asJson }: CleanOptions): void {
  const directory = typeof recordings === 'string' ? recordings : 'recordings'
  const { cleaned, stale } = cleanRecordings(process.cwd(), directory, dryRun)
  if (asJson) print(json(cleaned))
  else if (cleaned.length === 0) print('every recording is used, as far as that is known')
  else {
    for (const { path, why, removed, problem } of cleaned) {
      print(`${printable(path)}: ${problem ?? (removed ? `removed, ${why}` : why)}`)
    }
  }
  for (const file of stale)
    say(`${printable(file)} has changed since its tests ran: run them, then its recordings are looked at`)
  if (cleaned.some(({ problem }) => problem !== null)) process.exitCode = EXIT.finding
}
