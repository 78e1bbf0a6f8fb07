import type { MarkRow } from '../recording/row.js'

/** A step of a recording, and the step that it is within. */
export interface StepSpan {
  /** Among the steps of its recording, in order of their begins. */
  readonly index: number
  readonly name: string
  readonly parent: StepSpan | null
  readonly beginNs: number
  /** Null when the recording ended first. */
  readonly endNs: number | null
}

/** Which step is under way when. */
export class StepTrack {
  readonly steps: StepSpan[] = []
  readonly #open: { -readonly [Key in keyof StepSpan]: StepSpan[Key] }[] = []
  readonly #changes: { readonly atNs: number; readonly step: StepSpan | null }[] = []

  /** The next mark of the recording. */
  mark({ edge, name, atNs }: MarkRow): void {
    if (edge === 'moment') return
    if (edge === 'begin') {
      const step = { index: this.steps.length, name, parent: this.#open.at(-1) ?? null, beginNs: atNs, endNs: null }
      this.#open.push(step)
      this.steps.push(step)
    } else {
      const at = this.#open.findLastIndex((step) => step.name === name)
      const ended = this.#open.splice(at < 0 ? this.#open.length - 1 : at, 1)[0]
      if (ended) ended.endNs = atNs
    }
    const last = this.#changes.at(-1)?.atNs ?? Number.NEGATIVE_INFINITY
    this.#changes.push({ atNs: Math.max(atNs, last), step: this.#open.at(-1) ?? null })
  }

  /** The innermost step that had begun and not ended at that time. */
  at(atNs: number): StepSpan | null {
    let low = 0
    let high = this.#changes.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#changes[middle]?.atNs ?? 0) <= atNs) low = middle + 1
      else high = middle
    }
    return this.#changes[low - 1]?.step ?? null
  }
}

/** The names of a step and of those that it is within, the outermost first. */
export function namesOf(step: StepSpan | null): string[] {
  const names: string[] = []
  for (let at = step; at !== null; at = at.parent) names.unshift(at.name)
  return names
}
