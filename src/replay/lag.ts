/** How many more lines come before a caller has its turn: none without a seed, else 0–3, the same for the same seed. */
export function lag(seed: number | undefined): () => number {
  if (seed === undefined) return () => 0
  let state = (seed >>> 0) ^ 0x9e3779b9 || 1
  return () => {
    // xorshift32
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % 4
  }
}
