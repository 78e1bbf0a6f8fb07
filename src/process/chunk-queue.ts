import type { Raw } from '../line/line.js'

/** Bytes of one stream as they arrived, or the end of that stream. */
export interface Arrived<S> {
  readonly stream: S
  /** Null: the stream has ended. */
  readonly chunk: Raw | null
  readonly atNs: number
  /** Bytes of this stream that had to be dropped before this. */
  readonly lost: number
}

/**
 * Chunks on their way to another thread, which counts those that it has handed on. When more wait than the limit
 * allows, whole lines are dropped and counted; the lines around the gap stay whole.
 *
 * Its source text is run in a thread of its own, so it may use nothing from outside of itself.
 */
export class ChunkQueue<S> {
  readonly #limit: number
  readonly #waiting: Int32Array
  #arrived: Arrived<S>[] = []
  /**
   * Streams of which bytes were dropped: how many have not been reported, whether the line before was handed on without its
   * end, and whether the last byte that was dropped ended a line.
   */
  readonly #gaps = new Map<S, { lost: number; lineOpen: boolean; atLineStart: boolean }>()

  /** @param waiting bytes that have not been handed on; counted down by whoever does */
  constructor(limitBytes: number, waiting: Int32Array) {
    this.#limit = limitBytes
    this.#waiting = waiting
  }

  /** Streams of which bytes were dropped that have not been reported. */
  get gaps(): number {
    return this.#gaps.size
  }

  push(stream: S, chunk: Raw, atNs: number): void {
    if (chunk === '') return
    const gap = this.#gaps.get(stream)
    const full = Atomics.load(this.#waiting, 0) + chunk.length > this.#limit
    if (gap !== undefined) {
      if (full) this.#drop(gap, chunk)
      else this.#resume(stream, chunk, atNs, gap)
    } else if (full) {
      // The line that has begun is completed, so that the gap lies between lines.
      const end = chunk.indexOf('\n') + 1
      if (end > 0) this.#add(stream, chunk.slice(0, end), atNs, 0)
      const fresh = { lost: 0, lineOpen: end === 0, atLineStart: end > 0 }
      this.#gaps.set(stream, fresh)
      this.#drop(fresh, chunk.slice(end))
    } else this.#add(stream, chunk, atNs, 0)
  }

  /** Bytes of a stream are missing here for another reason; what follows is handed on from the next line on. */
  lose(stream: S, bytes: number): void {
    const gap = this.#gaps.get(stream) ?? { lost: 0, lineOpen: true, atLineStart: false }
    gap.lost += bytes
    gap.atLineStart = false
    this.#gaps.set(stream, gap)
  }

  /** The stream ended. */
  end(stream: S, atNs: number): void {
    this.#arrived.push({ stream, chunk: null, atNs, lost: this.#gaps.get(stream)?.lost ?? 0 })
    this.#gaps.delete(stream)
  }

  /** Everything that has not been taken, in the order of arrival. */
  take(): Arrived<S>[] {
    const all = this.#arrived
    this.#arrived = []
    return all
  }

  /** Ends a gap at the first line that begins in this chunk. */
  #resume(stream: S, chunk: Raw, atNs: number, gap: { lost: number; lineOpen: boolean; atLineStart: boolean }): void {
    const start = gap.atLineStart ? 0 : chunk.indexOf('\n') + 1
    if (start === 0 && !gap.atLineStart) {
      this.#drop(gap, chunk)
      return
    }
    this.#gaps.delete(stream)
    // Of a line longer than a chunk the begin was handed on already: it must not run into what follows.
    if (gap.lineOpen) this.#add(stream, '\n', atNs, 0)
    this.#add(stream, chunk.slice(start), atNs, gap.lost + start)
  }

  #add(stream: S, chunk: Raw, atNs: number, lost: number): void {
    this.#arrived.push({ stream, chunk, atNs, lost })
    Atomics.add(this.#waiting, 0, chunk.length)
  }

  #drop(gap: { lost: number; atLineStart: boolean }, bytes: Raw): void {
    if (bytes === '') return
    gap.lost += bytes.length
    gap.atLineStart = bytes.endsWith('\n')
  }
}
