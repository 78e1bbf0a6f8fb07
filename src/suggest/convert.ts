import { CONVERSIONS, type Conversion } from '../dialect/text/conversions.js'
import type { Raw } from '../line/line.js'
import type { Kind } from './kinds.js'
import { isAny } from './pieces.js'

/** Colour is taken off whole lines only. */
const ALL = (Object.keys(CONVERSIONS) as Conversion[]).filter((how) => how !== 'uncoloured')

/**
 * How values of new lines are written as those of a kind at one place: null as they are, undefined when it is not known. Of the
 * ways that give the old writing it is the one that gives most of the old values; where the old writing may be anything,
 * values stay as they are unless none of them was there before and in another writing most were.
 */
export function howToWrite(kind: Kind, piece: number, values: ReadonlySet<Raw>): Conversion | null | undefined {
  const writing = kind.writings[piece] ?? ''
  const fits = new RegExp(`^(?:${writing})$`, 's')
  const old = kind.values[piece] ?? new Set()
  const all = [...values]
  const known = (texts: readonly Raw[]): number => texts.filter((text) => old.has(text)).length
  const same = known(all)
  const sort = kind.pieces[piece]?.sort
  if (sort === 'level' && !fits.test(all[0] ?? ''))
    return all.every((text) => old.has(text.toUpperCase())) ? 'upper' : undefined
  if (sort !== 'value') return null
  let best: Conversion | null | undefined = all.every((value) => fits.test(value)) ? null : undefined
  let most = best === null ? Math.max(same, isAny(writing) ? all.length / 2 : 0) : -1
  for (const how of ALL) {
    const written = all.map(CONVERSIONS[how])
    if (!written.every((value) => fits.test(value))) continue
    const found = known(written)
    // What looks as before is written otherwise only if nearly all of it is known then, and was not.
    const isSure = best !== null || (found >= all.length * 0.8 && same < all.length * (isAny(writing) ? 0.01 : 0.5))
    if (found > most && isSure) {
      best = how
      most = found
    }
  }
  return best
}
