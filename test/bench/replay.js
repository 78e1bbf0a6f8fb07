import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { dialects } from '../../.bench/dialect/builtin.js'
import { importLog } from '../../.bench/input/import-log.js'
import { readLog } from '../../.bench/input/log-file.js'
import { openReplay } from '../../.bench/replay/open-replay.js'
import { heavyLog } from './heavy-log.js'
import { median, timed } from './measure.js'
import { row } from './table.js'

/** Lines of a recording that a replay plays in a second, to its end, with all their operations. */
export async function replayBench() {
  const log = await heavyLog(168_048)
  const recording = join(dirname(log.file), 'heavy.fusetrace')
  await importLog(readLog(log.file), { output: recording, candidates: dialects, fusetraceVersion: '0' })
  const rounds = []
  for (let i = 0; i < 5; i++) {
    rounds.push(
      await timed(async () => {
        const session = await openReplay(recording)
        await session.playToEnd()
        await session.close()
      }),
    )
  }
  const ms = median(rounds)
  console.log('replay: a recording to its end, with all its operations')
  row(
    'replay',
    `${log.lines} lines`,
    `${ms.toFixed(0)} ms, ${Math.round((log.lines / ms) * 1000)} a second`,
    '1,000,000 a second',
  )
  rmSync(dirname(log.file), { recursive: true })
}
