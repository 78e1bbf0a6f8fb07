import { random } from '../random.js'

/** How many more lines come before a caller has its turn: none without a seed, else 0–3, the same for the same seed. */
export function lag(seed: number | undefined): () => number {
  if (seed === undefined) return () => 0
  const draw = random(seed)
  return () => draw(4)
}
