/** How many of a lane's operations are under way in each column of pixels. */
export class Density {
  readonly width: number
  readonly #changes: Int32Array

  constructor(width: number) {
    this.width = width
    this.#changes = new Int32Array(width + 1)
  }

  /** Adds what lasts from one column to another; both may lie outside. */
  add(from: number, to: number): void {
    const first = Math.max(0, Math.floor(from))
    const last = Math.min(this.width - 1, Math.floor(to))
    if (first >= this.width || last < 0 || last < first) return
    this.#changes[first] = (this.#changes[first] ?? 0) + 1
    this.#changes[last + 1] = (this.#changes[last + 1] ?? 0) - 1
  }

  /** Runs of columns of the same level, 1 to 3 by how much there is; empty ones are left out. */
  *runs(): Generator<readonly [from: number, to: number, level: number]> {
    let sum = 0
    let from = 0
    let level = 0
    for (let x = 0; x <= this.width; x++) {
      sum += this.#changes[x] ?? 0
      const here = x === this.width || sum === 0 ? 0 : sum === 1 ? 1 : sum < 8 ? 2 : 3
      if (here === level) continue
      if (level > 0) yield [from, x, level]
      from = x
      level = here
    }
  }
}
