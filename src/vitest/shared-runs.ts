import { afterAll } from 'vitest'
import type { Finished, Run } from '../fixture/run.js'

/** One run for all tests of a file: opened by the first that needs it, ended after the last. */
export class SharedRuns {
  readonly #runs = new Map<string, { run: Promise<Run>; passed: boolean }>()

  constructor() {
    afterAll(() => this.#finish())
  }

  take(file: string, open: () => Promise<Run>): Promise<Run> {
    let shared = this.#runs.get(file)
    if (!shared) {
      shared = { run: open(), passed: true }
      this.#runs.set(file, shared)
    }
    return shared.run
  }

  /** One failed test spoils the file's recording. */
  result(file: string, passed: boolean): Finished | null {
    const shared = this.#runs.get(file)
    if (shared && !passed) shared.passed = false
    return null
  }

  async #finish(): Promise<void> {
    for (const [file, { run, passed }] of this.#runs) {
      this.#runs.delete(file)
      const { problem } = await (await run).finish(passed)
      if (problem) process.stderr.write(`fusetrace: ${problem}; try: npx fusetrace clean\n`)
    }
  }
}
