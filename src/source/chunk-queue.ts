import type { Stream } from '../line/line.js'

export interface ChunkQueueOptions {
  /** Takes the next chunk; called outside of the reading of the pipes, so that it never slows the daemon. */
  onChunk(stream: Stream, chunk: Uint8Array, atNs: number): void
  /** Bytes had to be dropped; called where they are missing, before the first chunk after them. */
  onLoss(loss: { what: 'log-bytes'; count: number; atNs: number }): void
  /**
   * Bytes that may wait.
   * @default 256 MiB
   */
  limitBytes?: number
}

interface Waiting {
  stream: Stream
  chunk: Uint8Array
  atNs: number
  /** Bytes of this stream that were dropped before this chunk. */
  lost: number
}

/** Bytes of a stream are being dropped. */
interface Gap {
  /** How many have not been told yet. */
  lost: number
  /** The line before the gap was handed on without its end. */
  lineOpen: boolean
  /** The last byte that was dropped ended a line. */
  atLineStart: boolean
}

/** Bytes handed on before the pipes are looked at again. */
const SLICE = 256 * 1024
const LINE_FEED = 10
const NEW_LINE = Uint8Array.of(LINE_FEED)

/**
 * Between the daemon's pipes and whoever reads them: takes chunks as fast as they come, hands them on in slices between
 * reads. When more wait than the limit allows, whole lines are dropped and counted; the lines around the gap stay whole.
 */
export class ChunkQueue {
  readonly #options: ChunkQueueOptions
  readonly #limit: number
  #waiting: Waiting[] = []
  #bytes = 0
  #scheduled = false
  readonly #gaps = new Map<Stream, Gap>()
  #idle: (() => void)[] = []

  constructor(options: ChunkQueueOptions) {
    this.#options = options
    this.#limit = options.limitBytes ?? 256 * 1024 * 1024
  }

  /** Bytes that wait to be handed on. */
  get bytes(): number {
    return this.#bytes
  }

  push(stream: Stream, chunk: Uint8Array, atNs: number): void {
    if (chunk.byteLength === 0) return
    const gap = this.#gaps.get(stream)
    if (gap === undefined && this.#bytes + chunk.byteLength <= this.#limit) {
      this.#add(stream, chunk, atNs, 0)
    } else if (gap === undefined) {
      // The line that has begun is completed, so that the gap lies between lines.
      const end = chunk.indexOf(LINE_FEED) + 1
      if (end > 0) this.#add(stream, chunk.subarray(0, end), atNs, 0)
      const fresh = { lost: 0, lineOpen: end === 0, atLineStart: end > 0 }
      this.#gaps.set(stream, fresh)
      drop(fresh, chunk.subarray(end))
    } else if (this.#bytes + chunk.byteLength > this.#limit) drop(gap, chunk)
    else this.#resume(stream, chunk, atNs, gap)
  }

  /** Hands on everything that waits, now, and tells of gaps that are still open. */
  flush(atNs: number): void {
    while (this.#waiting.length > 0) this.#slice(Number.POSITIVE_INFINITY)
    for (const gap of this.#gaps.values()) {
      if (gap.lost > 0) this.#options.onLoss({ what: 'log-bytes', count: gap.lost, atNs })
      gap.lost = 0
    }
  }

  /** Resolves when nothing waits. */
  idle(): Promise<void> {
    return this.#waiting.length === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve))
  }

  /** Ends a gap at the first line that begins in this chunk. */
  #resume(stream: Stream, chunk: Uint8Array, atNs: number, gap: Gap): void {
    const start = gap.atLineStart ? 0 : chunk.indexOf(LINE_FEED) + 1
    if (start === 0 && !gap.atLineStart) {
      drop(gap, chunk)
      return
    }
    this.#gaps.delete(stream)
    // Of a line longer than a chunk the begin was handed on already: it must not run into what follows.
    if (gap.lineOpen) this.#add(stream, NEW_LINE, atNs, 0)
    this.#add(stream, chunk.subarray(start), atNs, gap.lost + start)
  }

  #add(stream: Stream, chunk: Uint8Array, atNs: number, lost: number): void {
    this.#waiting.push({ stream, chunk, atNs, lost })
    this.#bytes += chunk.byteLength
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#slice(SLICE)
      if (this.#waiting.length > 0) this.#schedule()
      else for (const resolve of this.#idle.splice(0)) resolve()
    })
  }

  #slice(most: number): void {
    let taken = 0
    let count = 0
    for (const { stream, chunk, atNs, lost } of this.#waiting) {
      if (taken >= most) break
      taken += chunk.byteLength
      this.#bytes -= chunk.byteLength
      count++
      if (lost > 0) this.#options.onLoss({ what: 'log-bytes', count: lost, atNs })
      if (chunk.byteLength > 0) this.#options.onChunk(stream, chunk, atNs)
    }
    this.#waiting = count === this.#waiting.length ? [] : this.#waiting.slice(count)
  }
}

function drop(gap: Gap, bytes: Uint8Array): void {
  if (bytes.byteLength === 0) return
  gap.lost += bytes.byteLength
  gap.atLineStart = bytes[bytes.byteLength - 1] === LINE_FEED
}
