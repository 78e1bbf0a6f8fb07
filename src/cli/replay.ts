import type { Command } from 'commander'
import { systemClock } from '../clock.js'
import { FusetraceError } from '../errors.js'
import { openRecording } from '../recording/reader.js'
import { warnIfNotWhole } from './failure.js'

/** `fusetrace replay`: prints what the daemon printed, each line to its stream. */
export function registerReplay(program: Command): void {
  program
    .command('replay')
    .description("print the daemon's lines again, byte for byte, each to its stream: a stand-in for the daemon")
    .argument('<file>', 'the recording; - is stdin')
    .option('--speed <speed>', 'instant, or a factor: 1 is the recorded pace, 10 ten times as fast', '1')
    .addHelpText(
      'after',
      `
What came from a terminal goes to stdout. The exit code is 0, however the daemon ended (fusetrace info tells).

Examples:
  fusetrace replay run.fusetrace --speed instant 2>daemon.err >daemon.out
  fusetrace replay run.fusetrace --speed 10 2>&1 | fusetrace watch -`,
    )
    .action(async (file: string, options: { speed: string }) => {
      const speed = options.speed === 'instant' ? Number.POSITIVE_INFINITY : Number(options.speed)
      if (!(speed > 0)) {
        throw new FusetraceError('FT_USAGE', `--speed ${options.speed} is neither instant nor a factor above 0`, {
          hint: 'try --speed instant or --speed 10',
        })
      }
      const reader = openRecording(file)
      const clock = systemClock()
      // The streams take turns as they did, so that `2>&1` gives one log in its order.
      let pending: Buffer[] = []
      let current: 'stdout' | 'stderr' = 'stdout'
      let bytes = 0
      const flush = async (): Promise<void> => {
        const chunk = Buffer.concat(pending)
        pending = []
        bytes = 0
        // A full pipe keeps a piece back; the other stream must not overtake it.
        if (chunk.length > 0) await new Promise((resolve) => process[current].write(chunk, resolve))
      }
      for (const row of reader.rows({ kinds: ['line'] })) {
        if (row.kind !== 'line') continue
        const dueNs = row.atNs / speed
        if (dueNs > clock.nowNs()) {
          await flush()
          await new Promise<void>((resolve) => clock.at(dueNs, resolve))
        }
        const stream = row.stream === 'stderr' ? 'stderr' : 'stdout'
        if (stream !== current) await flush()
        current = stream
        pending.push(Buffer.from(row.terminated ? `${row.raw}\n` : row.raw, 'latin1'))
        bytes += row.raw.length
        if (bytes > 64 * 1024) await flush()
      }
      await flush()
      reader.close()
      warnIfNotWhole(file, reader.problem)
    })
}
