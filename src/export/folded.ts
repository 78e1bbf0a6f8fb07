import { basename } from 'node:path'
import { printable } from '../line/text.js'
import { durationNs } from '../operation/duration.js'
import type { Counts, Exporter } from './exporter.js'
import type { Sink } from './sink.js'
import type { Exported, ExportedOperation } from './source.js'
import { namesOf } from './steps.js'

/**
 * Folded stacks for flame graphs: `recording;step;inner step;pid 7;create 1234` a line, where the weight is the time that such
 * operations took, in whole µs. What took less than half of one is left out.
 */
export class FoldedExporter implements Exporter {
  readonly #sink: Sink
  readonly #stacks = new Map<string, number>()
  readonly #withFile: boolean
  /** Operations whose duration is known. */
  measured = 0

  /** @param withFile the recording's name is the outermost frame: for several of them */
  constructor(sink: Sink, withFile: boolean) {
    this.#sink = sink
    this.#withFile = withFile
  }

  recording(recording: Exported): Counts {
    const counts = { operations: 0, steps: recording.steps.length }
    for (const item of recording.operations()) {
      counts.operations++
      const took = durationNs(item.operation)
      if (took === null) continue
      this.measured++
      const stack = this.#stack(recording, item)
      this.#stacks.set(stack, (this.#stacks.get(stack) ?? 0) + took)
    }
    if (this.#withFile) this.#write()
    return counts
  }

  end(): void {
    this.#write()
  }

  #stack(recording: Exported, { operation, step }: ExportedOperation): string {
    const { pid, opcode } = operation
    const frames = [
      ...(this.#withFile ? [basename(recording.file, '.fusetrace')] : []),
      ...namesOf(step),
      ...(pid === null ? [] : [`pid ${pid}`]),
      opcode,
    ]
    return frames.map(frame).join(';')
  }

  #write(): void {
    for (const [stack, ns] of [...this.#stacks].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const weight = Math.round(ns / 1000)
      if (weight > 0) this.#sink.write(`${stack} ${weight}\n`)
    }
    this.#stacks.clear()
  }
}

/** Frames end at a semicolon, stacks at a line feed. */
const frame = (name: string): string => printable(name).replaceAll(';', ':') || '(no name)'
