/** What aligning two lists costs. */
export interface Costs<A, B> {
  /** Of taking them for one; infinite when they cannot be. */
  pair(a: A, b: B): number
  /** Of leaving one of the first list, or of the second, without a partner. */
  readonly aloneA: number
  readonly aloneB: number
}

export interface Alignment {
  /** Indices into both lists, in order; they do not cross. */
  readonly pairs: readonly (readonly [a: number, b: number])[]
}

/** How far the best alignment may stray from the shortest way, beyond the difference of the lengths. */
const SLACK = 24
/** Cells of the table that may be filled. */
const MAX_CELLS = 4_000_000

/**
 * The cheapest alignment of two lists that keeps the order of both. Costs time and memory by the longer list and by how far
 * their lengths differ.
 *
 * @returns null when that would be too much
 */
export function align<A, B>(as: readonly A[], bs: readonly B[], costs: Costs<A, B>): Alignment | null {
  const [n, m] = [as.length, bs.length]
  const low = Math.min(0, m - n) - SLACK
  const width = Math.abs(m - n) + 2 * SLACK + 1
  if ((n + 1) * width > MAX_CELLS) return null
  // Cell (i, d): the first i of one list and the first i + low + d of the other have been dealt with.
  const cost = new Float64Array((n + 1) * width).fill(Number.POSITIVE_INFINITY)
  const from = new Uint8Array((n + 1) * width)
  const at = (i: number, j: number): number => i * width + (j - i - low)
  const within = (i: number, j: number): boolean => i >= 0 && j >= 0 && j - i >= low && j - i < low + width
  cost[at(0, 0)] = 0
  for (let i = 0; i <= n; i++) {
    for (let j = Math.max(0, i + low); j <= Math.min(m, i + low + width - 1); j++) {
      const here = at(i, j)
      const take = (i0: number, j0: number, more: number, how: number): void => {
        if (!within(i0, j0)) return
        const total = (cost[at(i0, j0)] as number) + more
        if (total >= (cost[here] as number)) return
        cost[here] = total
        from[here] = how
      }
      if (i > 0 && j > 0) take(i - 1, j - 1, costs.pair(as[i - 1] as A, bs[j - 1] as B), PAIR)
      if (i > 0) take(i - 1, j, costs.aloneA, ALONE_A)
      if (j > 0) take(i, j - 1, costs.aloneB, ALONE_B)
    }
  }
  const pairs: (readonly [number, number])[] = []
  for (let i = n, j = m; i > 0 || j > 0; ) {
    const how = from[at(i, j)]
    if (how === PAIR) pairs.push([--i, --j])
    else if (how === ALONE_A) i--
    else j--
  }
  return { pairs: pairs.reverse() }
}

const PAIR = 1
const ALONE_A = 2
const ALONE_B = 3
