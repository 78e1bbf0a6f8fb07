import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { dialects } from '../../.bench/dialect/builtin.js'
import { importLog } from '../../.bench/input/import-log.js'
import { readLog } from '../../.bench/input/log-file.js'
import { openRecording } from '../../.bench/recording/reader.js'
import { openReplay } from '../../.bench/replay/open-replay.js'
import { CAPTURES, heavyLog } from './heavy-log.js'
import { median, pairs, timed } from './measure.js'
import { row } from './table.js'

/** An hour of a libfuse daemon, a request a second. */
function anHour() {
  const lines = []
  for (let second = 0; second < 3600; second++) {
    const unique = 2 * second + 2
    const raws = [
      `unique: ${unique}, opcode: LOOKUP (1), nodeid: 1, insize: 46, pid: 7`,
      'LOOKUP /a.txt',
      '   NODEID: 2',
      `   unique: ${unique}, success, outsize: 144`,
    ]
    for (const raw of raws) lines.push({ kind: 'line', atNs: second * 1e9, stream: 'stderr', raw, terminated: true })
  }
  return lines
}

/** Plays to the end. Says how many requests and replies there were. */
async function playAll(source) {
  const session = await openReplay(source)
  let events = 0
  session.monitor.subscribe(() => events++, { lines: false })
  await session.playToEnd()
  await session.close()
  return events
}

function unpack(recording) {
  const reader = openRecording(recording)
  let rows = 0
  for (const _ of reader.rows({ without: ['operation'] })) rows++
  reader.close()
  return rows
}

/** How much of a recording a replay plays in a second, to its end, and what of that time is unpacking it. */
export async function replayBench() {
  console.log('replay: a recording to its end, with all its operations')
  for (const [dialect, lines] of [
    ['tracing', 168_048],
    ['libfuse', 100_000],
  ]) {
    const log = await heavyLog(lines, CAPTURES[dialect])
    const recording = join(dirname(log.file), 'heavy.fusetrace')
    await importLog(readLog(log.file), { output: recording, candidates: dialects, fusetraceVersion: '0' })
    let events = 0
    const { other: ms, ratio } = await pairs(
      () => unpack(recording),
      async () => {
        events = await playAll(recording)
      },
      { count: 5, warmUp: 1 },
    )
    const [linesEach, eventsEach] = [log.lines, events].map((count) => Math.round((count / ms) * 1000))
    row('replay', `${dialect}, ${log.lines} lines`, `${ms.toFixed(0)} ms, ${linesEach} lines a second`)
    row('replay', `${dialect}, requests and replies`, `${eventsEach} a second`, '1,000,000 a second')
    row('replay', `${dialect}, share that is unpacking`, ratio.toFixed(2))
    rmSync(dirname(log.file), { recursive: true })
  }
  const hour = anHour()
  const rounds = []
  for (let i = 0; i < 5; i++) rounds.push(await timed(() => playAll(hour)))
  row('replay', 'an hour, a request a second', `${median(rounds).toFixed(0)} ms`, '≤ 1000 ms')
}
