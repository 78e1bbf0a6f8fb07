/** Numbers from 0 up to a bound, the same for the same seed. */
export function random(seed: number): (below: number) => number {
  let state = (seed >>> 0) ^ 0x9e3779b9 || 1
  return (below) => {
    // xorshift32
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}
