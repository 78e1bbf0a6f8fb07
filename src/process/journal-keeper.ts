import fs from 'node:fs'
import { crc32 } from 'node:zlib'
import type { Stream } from '../line/line.js'
import {
  type Frame,
  JOURNAL_HEAD_BYTES,
  JOURNAL_STREAMS,
  journalFile,
  journalHead,
  readFrames,
} from '../recording/journal-file.js'
import { Journal, JournalPlace } from './journal.js'

/** A segment is followed by the next when it has come to this. */
const SEGMENT_BYTES = 32 * 1024 * 1024

/** A place in the journal. */
export type Position = readonly [segment: number, length: number]

interface Segment {
  readonly number: number
  /** Bytes of each stream up to its end; null while it is written. */
  ends: readonly number[] | null
}

/**
 * The journal of a recording as the thread that parses sees it: makes its segments, removes those whose lines are in the recording
 * by now, and reads back what was put aside while too much waited. Called with the pipes' lock, but for `readBack` and
 * `removeOld`, which may take long.
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
    this.#use(0, this.#open(0))
  }

  /** The next segment's file, when this one is long; null when it is not. Needs no lock. */
  next(): number | null {
    const isLong = (this.shared[JournalPlace.length] as number) >= SEGMENT_BYTES
    return isLong && this.journal.active ? this.#open((this.shared[JournalPlace.segment] as number) + 1) : null
  }

  /** Goes on in a file of `next`. @returns the descriptor of the one before, which nobody writes to any more */
  rotate(file: number): number {
    const old = this.shared[JournalPlace.file] as number
    const current = this.#segments.at(-1) as Segment
    current.ends = JOURNAL_STREAMS.map((_, i) => this.shared[JournalPlace.offsets + i] as number)
    this.#use(current.number + 1, file)
    return old
  }

  /** Segments are removed whose lines are all in the recording. */
  removeOld(written: Readonly<Record<'stdout' | 'stderr', number>>): void {
    const reached = (stream: Stream): number => written[stream === 'stderr' ? 'stderr' : 'stdout']
    for (let first = this.#segments[0]; first?.ends; first = this.#segments[0]) {
      if (this.#unread(first.number)) return
      if (!first.ends.every((end, i) => end <= reached(JOURNAL_STREAMS[i] as Stream))) return
      fs.rmSync(journalFile(this.#path, first.number), { force: true })
      this.#segments.shift()
    }
  }

  /** Whether what was put aside is being read back. */
  get reading(): boolean {
    return this.#cursor !== null
  }

  /** Begins to read back what was put aside. */
  beginReading(): void {
    const { shared } = this
    this.#cursor ??= this.#seek(shared[JournalPlace.spillSegment] as number, shared[JournalPlace.spillAt] as number)
  }

  /**
   * The next frames that were put aside, of about so many bytes; none at their end. Needs no lock: what is before the journal's end
   * is whole, and only this thread begins segments.
   */
  readBack(bytes: number): Frame[] {
    const end = this.shared[JournalPlace.length] as number
    const last = this.shared[JournalPlace.segment] as number
    const frames: Frame[] = []
    for (let got = 0; got < bytes && this.#cursor !== null; ) {
      const cursor = this.#cursor
      if (cursor.segment === last && cursor.at >= end) break
      const next = cursor.frames.next()
      if (!next.done) {
        frames.push(next.value)
        got += 64 + (next.value.bytes?.length ?? 0)
        cursor.at = next.value.end
      } else if (cursor.segment < last) this.#cursor = this.#seek(cursor.segment + 1)
      else break
    }
    return frames
  }

  /** Ends reading back if all was read; false when more has come meanwhile. */
  endReading(): boolean {
    const cursor = this.#cursor
    if (cursor !== null && !this.isPast(this.position)) {
      const { done } = cursor.frames.next()
      // The file does not have what it should: the gap is seen in the streams.
      if (!done) {
        this.#cursor = this.#seek(cursor.segment, cursor.at)
        return false
      }
    }
    this.shared[JournalPlace.spilling] = 0
    cursor?.frames.return(undefined)
    this.#cursor = null
    return true
  }

  /** Where the journal ends at this moment. */
  get position(): Position {
    return [this.shared[JournalPlace.segment] as number, this.shared[JournalPlace.length] as number]
  }

  /** Whether what was put aside has been read back up to a position. */
  isPast([segment, length]: Position): boolean {
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
    const from = at ?? JOURNAL_HEAD_BYTES
    return { segment, at: from, frames: readFrames(journalFile(this.#path, segment), from) }
  }

  #unread(segment: number): boolean {
    if (!this.journal.spilling) return false
    return segment >= (this.#cursor?.segment ?? (this.shared[JournalPlace.spillSegment] as number))
  }

  /** Makes the file of a segment; null where it cannot be made. */
  #open(number: number): number | null {
    try {
      const file = fs.openSync(journalFile(this.#path, number), 'wx', 0o600)
      fs.writeSync(file, journalHead())
      return file
    } catch {
      return null
    }
  }

  #use(number: number, file: number | null): void {
    if (file === null) {
      this.shared[JournalPlace.failed] = 1
      return
    }
    this.shared[JournalPlace.file] = file
    this.shared[JournalPlace.segment] = number
    this.shared[JournalPlace.length] = JOURNAL_HEAD_BYTES
    this.#segments.push({ number, ends: null })
  }

  #closeCurrent(): void {
    const file = this.shared[JournalPlace.file] as number
    if (file === -1) return
    this.shared[JournalPlace.file] = -1
    fs.closeSync(file)
  }
}
