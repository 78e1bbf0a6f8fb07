import type { Raw } from '../../line/line.js'
import type { Dialect } from '../core/dialect.js'

/** How much a line says by itself to the dialect that surely knows it and reads most from it. */
export function factsIn(raw: Raw, dialects: readonly Dialect[]): number {
  let most = 0
  for (const dialect of dialects) {
    if (dialect.recognize(raw) < 2) continue
    // An answer says something even where its request is not there.
    let facts = 1
    const count = (event: object): void => {
      for (const value of Object.values(event)) if (value !== undefined && value !== null && value !== '') facts++
    }
    const parser = dialect.parser({})
    parser.line({ index: 0, atNs: 0, stream: 'stdout', raw, terminated: true }, count)
    parser.end(count)
    most = Math.max(most, facts)
  }
  return most
}
