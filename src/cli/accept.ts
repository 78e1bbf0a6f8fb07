import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs'
import type { Command } from 'commander'
import { dialects } from '../dialect/builtin.js'
import { none } from '../dialect/core/choose.js'
import { FusetraceError } from '../errors.js'
import { firstLines } from '../input/first-lines.js'
import { importLog } from '../input/import-log.js'
import { readLog } from '../input/log-file.js'
import { printable } from '../line/text.js'
import { openRecording } from '../recording/reader.js'
import { driftText } from '../report/drift-text.js'
import { painter } from '../report/format.js'
import { VERSION } from '../version.js'
import { checkAgainst } from './check.js'
import { DIALECT_HELP, resolveDialect } from './dialect-option.js'
import { isStampedLike, startsAsRecording } from './drift-input.js'
import { Output } from './output.js'

/** `fusetrace accept`: the new log becomes the golden one. */
export function registerAccept(program: Command): void {
  program
    .command('accept')
    .description('take a new log or recording as the golden one, showing what changes; the old is kept as .previous')
    .argument('<recording>', 'the recording to be replaced')
    .requiredOption('--against <log>', 'the new log or recording')
    .option('--dialect <name>', DIALECT_HELP)
    .option('--force', 'replace an older .previous that is still there')
    .addHelpText(
      'after',
      `
The old recording stays beside the new one as <recording>.previous until you remove it; one that is there already is replaced only
with --force.

Example:
  fusetrace accept recordings/good.fusetrace --against new.log`,
    )
    .action(async (file: string, options: { against: string; dialect?: string; force?: boolean }) => {
      const previous = `${file}.previous`
      if (!options.force && existsSync(previous)) {
        throw new FusetraceError('FT_USAGE', `${previous} exists already: it is what was replaced last`, {
          hint: 'remove it when it is not needed any more, or --force to replace it',
        })
      }
      const given = options.dialect === undefined ? null : await resolveDialect(options.dialect)
      const comparison = await checkAgainst(file, options.against, given, null)
      if (comparison.new.operations === 0) {
        throw new FusetraceError(
          'FT_INPUT',
          `nothing in ${options.against} is understood: no operation is seen in it`,
          {
            hint: 'a recording of it would find no drift ever after; was the debug log on? or give the dialect with --dialect',
          },
        )
      }
      const fresh = `${file}.accepting`
      try {
        if (await startsAsRecording(options.against)) copyFileSync(options.against, fresh)
        else await imported(options.against, fresh, given?.name)
        refuseDamaged(fresh, options.against)
        // Never a moment without a whole recording under its name.
        copyFileSync(file, previous)
        renameSync(fresh, file)
      } finally {
        rmSync(fresh, { force: true })
      }
      const out = new Output()
      const paint = painter(process.stdout)
      for (const line of driftText(comparison, file, paint, process.stdout.columns ?? 120)) await out.line(line)
      await out.line('')
      await out.line(printable(`${file} is now ${options.against}; the old one is ${previous}`))
      await out.end()
    })
}

/** What is not whole is no measure for others. */
function refuseDamaged(file: string, name: string): void {
  const reader = openRecording(file)
  try {
    for (const _ of reader.rows());
    if (reader.problem !== null) {
      throw new FusetraceError('FT_RECORDING', `${name} is not whole: ${reader.problem}`, {
        hint: 'record again; what can be read of it: fusetrace show',
      })
    }
  } finally {
    reader.close()
  }
}

async function imported(log: string, output: string, dialectName: string | undefined): Promise<void> {
  const { lines } = await firstLines(log, { most: 1, stamped: false })
  const dialect = dialects.find(({ name }) => name === dialectName) ?? (dialectName === none.name ? none : undefined)
  await importLog(readLog(log), {
    output,
    stamped: lines[0] !== undefined && isStampedLike(lines[0].raw),
    ...(dialect && { dialect }),
    candidates: dialects,
    fusetraceVersion: VERSION,
  })
}
