import { opcodeOf } from '../dialect/core/opcode.js'
import { chunksOf, VALUE } from './chunks.js'
import { Shape } from './shape.js'
import type { Tokens } from './tokens.js'

const MAX_SHAPES = 3000
const MAX_HASHES = 20_000
/** Longer lines are not compared word by word. */
const MAX_CHUNKS = 64
/** So many lines that differ in one word are one kind of line with a value in that place. */
const VALUES = 5

/**
 * Finds the kinds of lines. Where the dialect knows what varies, a kind is its template. Lines that nobody knows are
 * gathered by their words: what holds a number is a value, and so is a word in whose place many others stand, unless it
 * is the name of an opcode. Memory is bounded.
 */
export class Miner {
  readonly #byHash = new Map<number, Shape>()
  readonly #byId = new Map<string, Shape>()
  /** Kinds of unknown lines by their words. */
  readonly #byWords = new Map<string, Shape>()
  /** By their words with one left out: the kinds that differ in nothing else. */
  readonly #alike = new Map<string, Set<Shape>>()
  readonly #all = new Set<Shape>()

  shapes(): readonly Shape[] {
    return [...this.#all]
  }

  /**
   * The kind of a line; null when there are too many kinds.
   *
   * @param level lines of different levels are never gathered in one kind
   */
  shape(tokens: Tokens, index: number, unknown: boolean, level = ''): Shape | null {
    const hash = tokens.hash(unknown)
    let shape = this.#byHash.get(hash) ?? null
    if (shape === null) {
      shape = this.#new(tokens, index, unknown, level)
      if (shape === null) return null
      if (this.#byHash.size >= MAX_HASHES) this.#byHash.clear()
      this.#byHash.set(hash, shape)
    }
    return shape.kept
  }

  #new(tokens: Tokens, index: number, unknown: boolean, level: string): Shape | null {
    const id = unknown
      ? tokens
          .keys()
          .map((key, i) => tokens.word(i) || key)
          .join('')
      : tokens.keys().join('')
    const known = this.#byId.get(id) ?? null
    if (known) return known
    const shape = unknown ? this.#gathered(tokens, index, id, level) : this.#keep(new Shape(tokens, index, id))
    if (shape !== null && this.#byId.size < 2 * MAX_SHAPES) {
      this.#byId.set(id, shape)
      shape.kept.ids.add(id)
    }
    return shape
  }

  #gathered(tokens: Tokens, index: number, id: string, level: string): Shape | null {
    const chunks = [level, ...chunksOf(tokens)]
    const words = chunks.join(' ')
    let shape = this.#byWords.get(words) ?? null
    if (shape) return shape
    shape = this.#keep(new Shape(tokens, index, id))
    if (shape !== null) {
      this.#byWords.set(words, shape)
      if (chunks.length <= MAX_CHUNKS) this.#compare(shape, chunks)
    }
    return shape
  }

  /** Looks for the place in which it and others have nothing but another word. */
  #compare(shape: Shape, chunks: readonly string[]): void {
    for (let i = 2; i < chunks.length; i++) {
      const chunk = chunks[i] ?? ''
      if (!isWord(chunk)) continue
      const open = chunks.with(i, VALUE + (/[,;]$/.exec(chunk)?.[0] ?? ''))
      const words = open.join(' ')
      const key = `${i} ${words}`
      const others = this.#alike.get(key) ?? new Set()
      others.add(shape)
      this.#alike.set(key, others)
      if (others.size < VALUES) continue
      let kept: Shape | null = null
      for (const other of others) {
        if (kept === null) kept = this.#byWords.get(words)?.kept ?? other.kept
        if (other.kept !== kept) this.#merge(other.kept, kept)
      }
      if (kept === null || this.#byWords.has(words)) return
      this.#byWords.set(words, kept)
      this.#compare(kept, open)
      return
    }
  }

  #merge(shape: Shape, into: Shape): void {
    into.add(shape)
    this.#all.delete(shape)
  }

  #keep(shape: Shape): Shape | null {
    if (this.#all.size >= MAX_SHAPES) return null
    this.#all.add(shape)
    return shape
  }
}

/** May be a value, as far as it looks. */
const isWord = (chunk: string): boolean =>
  chunk !== VALUE &&
  /[A-Za-z]/.test(chunk) &&
  !/\b[A-Z][a-z]+(?:[A-Z][a-z]+)+\W*$/.test(chunk) &&
  opcodeOf(/[A-Za-z_]+/.exec(chunk)?.[0] ?? '') === null
