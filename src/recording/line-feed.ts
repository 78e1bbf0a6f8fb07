import type { Line } from '../line/line.js'
import { kernelLine, kernelLossLine } from './kernel-line.js'
import { lineOf, type Row } from './row.js'

/**
 * Rows as the lines that operations are read from: those of the log, and where the dialect is `kernel` the kernel's events, in one
 * row of numbers.
 */
export class LineFeed {
  readonly #isKernel: () => boolean
  #index = 0
  #named = false

  /** @param isKernel whether the operations are made of the kernel's events */
  constructor(isKernel: () => boolean) {
    this.#isKernel = isKernel
  }

  /** The line that a row is; null for rows that are none. */
  line(row: Row): Line | null {
    if (row.kind === 'line') return lineOf(row, this.#index++)
    if (!this.#isKernel()) return null
    if (row.kind === 'kernel') {
      this.#named = row.details !== undefined
      return kernelLine(row, this.#index++)
    }
    // Without names there is nothing that a loss could make wrong.
    if (row.kind === 'loss' && row.what === 'kernel-events' && this.#named) return kernelLossLine(row, this.#index++)
    return null
  }
}
