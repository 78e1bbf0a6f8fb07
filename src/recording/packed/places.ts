import { Damaged } from './damaged.js'
import { OPERATION_SHAPE, ROW_SHAPE } from './layout.js'

/** Where the rows of a block are, by what they are. */
export class Places {
  /** By row: its template, and how many of it there were before. */
  readonly ids: Float64Array
  readonly nth: Int32Array
  /** By template: how many rows it has. */
  readonly counts: Int32Array
  /** Rows by their numbers: lines, operations, and all but these. */
  readonly lines: Int32Array
  readonly operations: Int32Array
  readonly timed: Int32Array

  constructor(ids: Float64Array, kinds: Uint8Array) {
    this.ids = ids
    this.nth = new Int32Array(ids.length)
    this.counts = new Int32Array(kinds.length)
    const [lines, operations, timed] = [0, 0, 0].map(() => new Int32Array(ids.length)) as [
      Int32Array,
      Int32Array,
      Int32Array,
    ]
    const { nth, counts } = this
    let [l, o, t] = [0, 0, 0]
    for (let row = 0; row < ids.length; row++) {
      const id = ids[row]!
      if (id >= kinds.length) throw new Damaged()
      nth[row] = counts[id]!
      counts[id]!++
      const kind = kinds[id]!
      if (kind === OPERATION_SHAPE) operations[o++] = row
      else {
        timed[t++] = row
        if (kind < ROW_SHAPE) lines[l++] = row
      }
    }
    this.lines = lines.subarray(0, l)
    this.operations = operations.subarray(0, o)
    this.timed = timed.subarray(0, t)
  }
}
