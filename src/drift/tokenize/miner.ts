import { Shape } from './shape.js'
import type { Tokens } from './tokens.js'

const MAX_SHAPES = 3000
const MAX_HASHES = 20_000
/** So many different lines of one beginning and length are taken for one kind with another word in it. */
const CROWD = 80
const ALIKE = 0.6

interface Cluster {
  readonly shape: Shape
  readonly keys: string[]
}

/**
 * Finds the kinds of lines. Where the dialect has told what varies, a kind is its template. Lines that nobody knows are
 * gathered as in Drain: a tree of fixed depth (number of pieces, first word), and in its leaves lines that have most of
 * their pieces in common, as soon as there is a crowd of them. Memory is bounded.
 */
export class Miner {
  readonly #byHash = new Map<number, Shape>()
  readonly #shapes = new Map<string, Shape>()
  readonly #leaves = new Map<string, Cluster[]>()
  #dropped = 0

  /** Lines of kinds beyond the limit. */
  get dropped(): number {
    return this.#dropped
  }

  shapes(): readonly Shape[] {
    return [...this.#shapes.values()]
  }

  /** The kind of a line; null when there are too many kinds. */
  shape(tokens: Tokens, index: number, unknown: boolean): Shape | null {
    const hash = tokens.hash()
    let shape = this.#byHash.get(hash)
    if (shape === undefined) {
      shape = this.#new(tokens, index, unknown) ?? undefined
      if (shape === undefined) {
        this.#dropped++
        return null
      }
      if (this.#byHash.size >= MAX_HASHES) this.#byHash.clear()
      this.#byHash.set(hash, shape)
    }
    return shape
  }

  #new(tokens: Tokens, index: number, unknown: boolean): Shape | null {
    const known = this.#shapes.get(tokens.keys().join(''))
    if (known) return known
    if (!unknown) return this.#keep(new Shape(tokens, index))
    const keys = tokens.keys()
    const leaf = `${keys.length} ${keys[0] ?? ''} ${keys[2] ?? ''}`
    let clusters = this.#leaves.get(leaf)
    if (clusters === undefined) {
      clusters = []
      this.#leaves.set(leaf, clusters)
    }
    if (clusters.length >= CROWD) {
      let best: Cluster | null = null
      let most = ALIKE
      for (const cluster of clusters) {
        const alike = likeness(cluster.keys, keys)
        if (alike >= most) {
          most = alike
          best = cluster
        }
      }
      if (best) return best.shape
    }
    const shape = this.#keep(new Shape(tokens, index))
    if (shape) clusters.push({ shape, keys })
    return shape
  }

  #keep(shape: Shape): Shape | null {
    if (this.#shapes.size >= MAX_SHAPES) return null
    this.#shapes.set(shape.id, shape)
    return shape
  }
}

function likeness(a: readonly string[], b: readonly string[]): number {
  let same = 0
  for (let i = 0; i < a.length; i++) if (a[i] === b[i]) same++
  return a.length === 0 ? 1 : same / a.length
}
