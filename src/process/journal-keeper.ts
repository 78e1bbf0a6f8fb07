import fs from 'node:fs'
import { crc32 } from 'node:zlib'
import type { Stream } from '../line/line.js'
import { type Frame, JOURNAL_STREAMS, journalFile, journalHead, readFrames } from '../recording/journal-file.js'
import { Journal, JournalPlace } from './journal.js'

/** A segment is followed by the next when it has come to this. */
const SEGMENT_BYTES = 32 * 1024 * 1024

interface Segment {
  readonly number: number
  /** Bytes of each stream up to its end; null while it is written. */
  ends: readonly number[] | null
}

/**
 * The journal of a recording as the thread that parses sees it: makes its segments, removes those whose lines are in the recording
 * by now, and reads back what was put aside while too much waited. All but `remove` is to be called with the pipes' lock.
 */
export class JournalKeeper {
  readonly shared: Float64Array = new Float64Array(new SharedArrayBuffer(8 * JournalPlace.size))
  readonly journal: Journal
  #path = ''
  readonly #segments: Segment[] = []
  /** Where reading back has come to, and the frames from there. */
  #cursor: { segment: number; at: number; frames: ReturnType<typeof readFrames> } | null = null

  constructor() {
    this.shared[JournalPlace.file] = -1
    this.journal = new Journal(fs, crc32, this.shared, JournalPlace)
  }

  /** Begins to keep what is read. `path` is the finished name of the recording. */
  begin(path: string): void {
    this.#path = path
    this.#open(0)
  }

  /** The next segment is begun when this one is long, and those are removed whose lines are all in the recording. */
  tidy(written: Readonly<Record<'stdout' | 'stderr', number>>): void {
    if (this.journal.active && (this.shared[JournalPlace.length] as number) >= SEGMENT_BYTES) {
      const current = this.#segments.at(-1) as Segment
      current.ends = JOURNAL_STREAMS.map((_, i) => this.shared[JournalPlace.offsets + i] as number)
      this.#closeCurrent()
      this.#open(current.number + 1)
    }
    const reached = (stream: Stream): number => written[stream === 'stderr' ? 'stderr' : 'stdout']
    for (let first = this.#segments[0]; first?.ends; first = this.#segments[0]) {
      if (this.#unread(first.number)) return
      if (!first.ends.every((end, i) => end <= reached(JOURNAL_STREAMS[i] as Stream))) return
      fs.rmSync(journalFile(this.#path, first.number), { force: true })
      this.#segments.shift()
    }
  }

  /** The next frames that were put aside, of about so many bytes; null when there are no more, and reading is direct again. */
  unspill(bytes: number): Frame[] | null {
    const { shared } = this
    if (!this.journal.spilling) return null
    this.#cursor ??= this.#seek(shared[JournalPlace.spillSegment] as number, shared[JournalPlace.spillAt] as number)
    const frames: Frame[] = []
    for (let got = 0; got < bytes; ) {
      const cursor = this.#cursor
      const next = cursor.frames.next()
      if (!next.done) {
        frames.push(next.value)
        got += 64 + (next.value.bytes?.length ?? 0)
        cursor.at = next.value.end
      } else if (cursor.segment < (shared[JournalPlace.segment] as number)) {
        this.#cursor = this.#seek(cursor.segment + 1)
      } else {
        // All that was put aside has been read (what could not be is missing from the streams, and seen there).
        shared[JournalPlace.spilling] = 0
        this.#cursor = null
        break
      }
    }
    return frames
  }

  /** Where the journal ends at this moment. */
  get position(): readonly [segment: number, length: number] {
    return [this.shared[JournalPlace.segment] as number, this.shared[JournalPlace.length] as number]
  }

  /** Whether what was put aside has been read back up to a position. */
  isPast([segment, length]: readonly [number, number]): boolean {
    if (!this.journal.spilling) return true
    const cursor = this.#cursor
    return cursor !== null && (cursor.segment > segment || (cursor.segment === segment && cursor.at >= length))
  }

  /** Ends the journal; `keep` leaves its files: the recording was not finished. */
  end(keep: boolean): void {
    this.#cursor?.frames.return(undefined)
    this.#closeCurrent()
    if (keep) return
    for (const { number } of this.#segments.splice(0)) fs.rmSync(journalFile(this.#path, number), { force: true })
  }

  #seek(segment: number, at?: number): { segment: number; at: number; frames: ReturnType<typeof readFrames> } {
    return { segment, at: at ?? 0, frames: readFrames(journalFile(this.#path, segment), at) }
  }

  #unread(segment: number): boolean {
    if (!this.journal.spilling) return false
    return segment >= (this.#cursor?.segment ?? (this.shared[JournalPlace.spillSegment] as number))
  }

  #open(number: number): void {
    const head = journalHead()
    try {
      const file = fs.openSync(journalFile(this.#path, number), 'wx', 0o600)
      fs.writeSync(file, head)
      this.shared[JournalPlace.file] = file
      this.shared[JournalPlace.segment] = number
      this.shared[JournalPlace.length] = head.length
      this.#segments.push({ number, ends: null })
    } catch {
      this.shared[JournalPlace.failed] = 1
    }
  }

  #closeCurrent(): void {
    const file = this.shared[JournalPlace.file] as number
    if (file === -1) return
    this.shared[JournalPlace.file] = -1
    fs.closeSync(file)
  }
}
