import type { Row } from '../recording/row.js'

/** Rows one by one, with a look ahead that keeps only what lies between. */
export class RowFeed {
  readonly #rows: Iterator<Row>
  readonly #ahead: Row[] = []
  #from = 0
  /** How many marks have been handed out. */
  marks = 0

  constructor(rows: Iterable<Row>) {
    this.#rows = rows[Symbol.iterator]()
  }

  /** The next row; null when there is none. */
  peek(): Row | null {
    return this.#at(0)
  }

  next(): Row | null {
    const row = this.#at(0)
    if (row === null) return null
    this.#from++
    if (row.kind === 'mark') this.marks++
    if (this.#from === this.#ahead.length) {
      this.#ahead.length = 0
      this.#from = 0
    }
    return row
  }

  /** The first row ahead that is `wanted`, unless one that is `limit` comes before. */
  find<R extends Row>(wanted: (row: Row) => row is R, limit?: (row: Row) => boolean): R | null
  find(wanted: (row: Row) => boolean, limit?: (row: Row) => boolean): Row | null
  find(wanted: (row: Row) => boolean, limit: (row: Row) => boolean = () => false): Row | null {
    for (let i = 0; ; i++) {
      const row = this.#at(i)
      if (row === null) return null
      if (wanted(row)) return row
      if (limit(row)) return null
    }
  }

  /** Lets go of the source. */
  close(): void {
    this.#rows.return?.()
  }

  #at(i: number): Row | null {
    while (this.#from + i >= this.#ahead.length) {
      const { done, value } = this.#rows.next()
      if (done) return null
      // The waits of then change nothing: those of now are to find the same.
      if (value.kind !== 'wait') this.#ahead.push(value)
    }
    return this.#ahead[this.#from + i] ?? null
  }
}
