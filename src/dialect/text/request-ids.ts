import { RecentIds } from './recent-ids.js'

/** Ids this far from the last are not taken for its neighbours. */
const NEAR = 4096
/** So many requests show how a kernel counts. */
const MIN_REQUESTS = 8
/** After so many doubtful lines in a row it is the doubt that is wrong: lines were lost, or another mount began. */
const STRIKES = 3
/** As many requests are never open at once where the kernel takes ids from a pool. */
const POOL = 64
/** Ids that are remembered: none comes again so soon. */
const REMEMBERED = 65_536

/**
 * Shows whether a request line can be the kernel's: its ids are even and rise by two (before 2018 by one; some kernels count
 * for each CPU, and then only evenness holds). A second defence against request lines in file names.
 */
export class RequestIds {
  #last: number | null = null
  #seen = 0
  #odd = 0
  #far = 0
  #strikes = 0
  #doubted: number | null = null
  #lastAnswered: number | null = null
  #reuses = false
  /** Ids are of a pool that goes round: a small one that was not seen before, lower than the last, came while nothing was open. */
  #pool = false
  readonly #used = new RecentIds(REMEMBERED)
  /** Doubted because they were used before; and those of them that were answered all the same. */
  readonly #again = new Set<number>()
  readonly #answered = new Set<number>()

  /**
   * `open` says that this id is being worked on; `idle` that nothing is, so that no name can be in print: macOS gives the
   * id that was answered last again.
   */
  accept(unique: number, opcode: string, open: boolean, idle = false): boolean {
    // These carry another request's id, or one of the daemon's.
    if (opcode === 'interrupt' || opcode === 'notify_reply') return true
    if (opcode === 'init' || opcode === 'cuse_init') {
      this.#last = null
      this.#seen = this.#odd = this.#far = 0
      this.#used.clear()
      this.#pool = false
    } else if (idle && this.#reused(unique)) {
      this.#reuses = true
      this.#used.delete(unique)
    } else if (this.#doubt(unique, open)) {
      // The same name is often printed again.
      if (unique !== this.#doubted) this.#strikes++
      this.#doubted = unique
      if (this.#strikes < STRIKES) {
        if (this.#used.has(unique) && !open) this.#again.add(unique)
        return false
      }
      this.#used.clear()
    }
    this.#strikes = 0
    this.#doubted = null
    this.#seen++
    if (unique % 2 === 1) this.#odd++
    if (this.#last !== null && Math.abs(unique - this.#last) > NEAR) this.#far++
    this.#last = unique
    this.#remember(unique)
    return true
  }

  /** Whether it can be one of the next ids: for lines that only look like requests. */
  next(unique: number): boolean {
    const ahead = this.#last === null ? 0 : unique - this.#last
    return this.#odd === 0 && unique % 2 === 0 && ahead > 0 && ahead <= 64 && !this.#used.has(unique)
  }

  /** The id that was answered last comes again, or where that was seen before, the one after it or a small one; or one of a pool. */
  #reused(unique: number): boolean {
    const last = this.#last ?? 0
    // One that was used already may be forged, and so may an odd one among even ones.
    const isNew = !this.#used.has(unique) && (unique % 2 === 0 || this.#odd > 0)
    if (isNew && unique < last && last < POOL) this.#pool = true
    if (this.#pool && !isNew && unique < POOL) return true
    if (this.#lastAnswered === null) return false
    if (unique === this.#lastAnswered) return true
    return this.#reuses && (unique === this.#lastAnswered + 1 || unique < POOL)
  }

  /** A request that was accepted is answered. */
  done(unique: number): void {
    this.#lastAnswered = unique
  }

  /** A request was answered that nobody took for one: macOS gives ids again, and answers show that it does. */
  answered(unique: number): void {
    if (this.#again.delete(unique) && this.#answered.size < STRIKES) this.#answered.add(unique)
  }

  #remember(unique: number): void {
    if (this.#answered.size >= STRIKES) return
    this.#used.add(unique)
  }

  #doubt(unique: number, open: boolean): boolean {
    if (open || (this.#used.has(unique) && this.#answered.size < STRIKES)) return true
    if (this.#seen < MIN_REQUESTS) return unique % 2 === 1 && this.#seen > 2 && this.#odd === 0
    if (unique % 2 === 1 && this.#odd === 0) return true
    return this.#far === 0 && this.#last !== null && Math.abs(unique - this.#last) > NEAR
  }
}
