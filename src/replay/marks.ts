import type { MarkRow, Row } from '../recording/row.js'
import type { RowFeed } from './row-feed.js'

/** A mark of a recording, and which it is: the first is number 0. */
export interface MarkAt {
  readonly row: MarkRow
  readonly nth: number
}

/** The marks that are still to be played. */
export interface Marks {
  /** The first that is `wanted`, unless one that is `limit` comes before. */
  find(wanted: (row: MarkRow) => boolean, limit?: (row: MarkRow) => boolean): MarkAt | null
}

const never = (): boolean => false

/** Found by looking ahead: what lies between is kept until it is played. */
export class FeedMarks implements Marks {
  readonly #feed: RowFeed

  constructor(feed: RowFeed) {
    this.#feed = feed
  }

  find(wanted: (row: MarkRow) => boolean, limit: (row: MarkRow) => boolean = never): MarkAt | null {
    let nth = this.#feed.marks - 1
    const found = this.#feed.find(
      (row): row is MarkRow => {
        if (row.kind !== 'mark') return false
        nth++
        return wanted(row)
      },
      (row) => row.kind === 'mark' && limit(row),
    )
    return found && { row: found, nth }
  }
}

/** Found in a list of all marks, read when the first is asked for: the rows between need not be kept. */
export class ListedMarks implements Marks {
  readonly #feed: RowFeed
  readonly #read: () => readonly MarkRow[]
  #all: readonly MarkRow[] | null = null

  constructor(feed: RowFeed, read: () => readonly MarkRow[]) {
    this.#feed = feed
    this.#read = read
  }

  find(wanted: (row: MarkRow) => boolean, limit: (row: MarkRow) => boolean = never): MarkAt | null {
    this.#all ??= this.#read()
    for (let nth = this.#feed.marks; nth < this.#all.length; nth++) {
      const row = this.#all[nth] as MarkRow
      if (wanted(row)) return { row, nth }
      if (limit(row)) return null
    }
    return null
  }
}

/** The marks among rows. */
export function marksOf(rows: Iterable<Row>): MarkRow[] {
  const marks: MarkRow[] = []
  for (const row of rows) if (row.kind === 'mark') marks.push(row)
  return marks
}
