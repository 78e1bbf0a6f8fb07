import { align } from '../diff/align.js'
import { diffOperations } from '../diff/diff-recordings.js'
import type { Operation } from '../operation/operation.js'
import { PAIRS, type PageComparison } from './page-data.js'
import type { Collected } from './page-recording.js'

/** Two recordings side by side, without what fusetrace itself asked. */
export function compareForPage(a: Collected, b: Collected): PageComparison {
  const [left, right] = [testsOwn(a), testsOwn(b)]
  const diff = diffOperations(left, right, { a: a.calls, b: b.calls })
  const onlyA = new Set(diff.onlyA)
  const onlyB = new Set(diff.onlyB)
  const changed = new Set(diff.outcomes.map((change) => change.a))
  const moved = new Set(diff.moved.flatMap((pair) => [pair.a, pair.b]))
  const kindOf = (one: Operation | null, other: Operation | null): (typeof PAIRS)[number] => {
    if (one && other) return changed.has(one) ? 'outcome' : 'same'
    const alone = one ?? other
    if (alone === null) return 'same'
    if (onlyA.has(alone)) return 'only-a'
    if (onlyB.has(alone)) return 'only-b'
    return moved.has(alone) ? 'moved' : 'chance'
  }
  const places = { a: placesOf(a.operations), b: placesOf(b.operations) }
  const pairs = [...align(left, right)]
  const kinds = pairs.map((pair) => kindOf(pair.a, pair.b))
  return {
    a: pairs.map((pair) => (pair.a === null ? -1 : (places.a.get(pair.a) ?? -1))),
    b: pairs.map((pair) => (pair.b === null ? -1 : (places.b.get(pair.b) ?? -1))),
    kind: kinds.map((kind) => PAIRS.indexOf(kind)),
    first: firstOf(kinds),
  }
}

const testsOwn = ({ operations, own }: Collected): Operation[] => operations.filter((one) => !own.has(one))

const placesOf = (operations: readonly Operation[]): Map<Operation, number> =>
  new Map(operations.map((operation, place) => [operation, place]))

/** What says most: an operation or outcome that differs, before one that came in another order. */
function firstOf(kinds: readonly (typeof PAIRS)[number][]): number {
  const real = kinds.findIndex((kind) => kind === 'outcome' || kind === 'only-a' || kind === 'only-b')
  return real >= 0 ? real : kinds.indexOf('moved')
}
