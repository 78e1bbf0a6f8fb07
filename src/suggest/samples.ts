import { readWith } from '../dialect/core/check-dialect.js'
import type { Dialect, Sample } from '../dialect/core/dialect.js'
import type { Raw } from '../line/line.js'

const MAX_LINES = 500
/** An event may take some lines. */
const MAX_HEIGHT = 8
const MAX_SAMPLES = 3

/** Lines that begin with a request, with what it says: they prove a dialect when it is loaded. */
export function samplesOf(dialect: Dialect, lines: readonly Raw[]): Sample[] {
  const samples: Sample[] = []
  const few = lines.slice(0, MAX_LINES)
  for (let height = 1; height <= MAX_HEIGHT && samples.length === 0; height++) {
    for (let i = 0; i + height <= few.length && samples.length < MAX_SAMPLES; i++) {
      const text = few.slice(i, i + height).join('\n')
      const { events, strange } = readWith(dialect, text)
      const [event] = events
      if (strange.length > 0 || event?.kind !== 'request') continue
      if (samples.some(({ events: [other] }) => other?.opcode === event.opcode)) continue
      if (!text.split('\n').some((raw) => dialect.recognize(raw) > 0)) continue
      const { opcode, unique } = event
      samples.push({
        lines: text,
        events: events.map(({ kind }, k) => (k === 0 ? { kind, opcode, unique } : { kind })),
      })
    }
  }
  return samples
}
