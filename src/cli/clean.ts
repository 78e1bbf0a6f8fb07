import type { Command } from 'commander'
import { systemClock } from '../clock.js'
import { EXIT } from '../errors.js'
import { printable } from '../line/text.js'
import { cleanLeftovers } from '../mount/leftovers.js'
import { json } from './output.js'

/** `fusetrace clean`: takes away what killed test runs have left. */
export function registerClean(program: Command): void {
  program
    .command('clean')
    .description('take away mounts, daemons and directories that killed test runs have left; live runs are left alone')
    .option('--json', 'print one JSON array')
    .action(async (options: { json?: boolean }) => {
      const cleaned = await cleanLeftovers(systemClock())
      if (options.json) process.stdout.write(`${json(cleaned)}\n`)
      else if (cleaned.length === 0) process.stdout.write('nothing was left behind\n')
      else {
        for (const { what, name, problem } of cleaned) {
          process.stdout.write(`${what} ${printable(name)}: ${problem ?? 'taken away'}\n`)
        }
      }
      if (cleaned.some(({ problem }) => problem !== null)) process.exitCode = EXIT.finding
    })
}
