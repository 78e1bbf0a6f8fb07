import type { Command } from 'commander'
import { systemClock } from '../clock.js'
import { EXIT } from '../errors.js'
import { printable } from '../line/text.js'
import { cleanLeftovers } from '../mount/leftovers.js'
import { json, print } from './output.js'

/** `fusetrace clean`: takes away what killed test runs have left. */
export function registerClean(program: Command): void {
  program
    .command('clean')
    .description('take away mounts, daemons and directories that killed test runs have left; live runs are left alone')
    .option('--json', 'print one JSON array')
    .action(async (options: { json?: boolean }) => {
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
