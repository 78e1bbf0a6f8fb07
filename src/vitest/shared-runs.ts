import { afterAll } from 'vitest'
import { FusetraceError } from '../errors.js'
import { type Mode, settingsFrom } from '../fixture/modes.js'
import type { Finished, Outcome, Run } from '../fixture/run.js'
import { printableLines } from '../line/text.js'
import { leftOut } from './left-out.js'
import { warn } from './say.js'
import { summaryOf } from './summary.js'
import type { TaskLike } from './task.js'
import { removePage, writeReport } from './write-report.js'

interface Shared {
  readonly run: Promise<Run>
  readonly file: TaskLike['file']
  /** Where it is recorded to; null where it is not. */
  readonly recording: string | null
  /** Where its trace goes when a test fails. */
  readonly failed: string
  /** Null: one of its tests failed. */
  passed: boolean
  /** The test that has it just now. */
  test: string | null
}

/** One run for all tests of a file: opened by the first that needs it, ended after the last. */
export class SharedRuns {
  readonly #runs = new Map<string, Shared>()
  readonly #placesOf: (task: TaskLike) => { recording: string; failed: string }

  /** @param placesOf where a file's recording is, and where its trace goes when a test fails */
  constructor(placesOf: (task: TaskLike) => { recording: string; failed: string }) {
    this.#placesOf = placesOf
    afterAll(() => this.#finish())
  }

  /**
   * Gives the file's run to a test.
   *
   * @throws {FusetraceError} `FT_USAGE` while another test has it: what is recorded has to have an order
   */
  async enter(
    task: TaskLike,
    name: string,
    mode: Mode,
    open: () => Promise<Run>,
  ): Promise<{ run: Run; skipped: string | null }> {
    const file = task.file.filepath
    const records = mode === 'record' || mode === 'once' || mode === 'wire,record'
    const places = this.#placesOf(task)
    const recording = records ? places.recording : null
    const shared = this.#runs.get(file) ?? {
      run: open(),
      file: task.file,
      recording,
      failed: places.failed,
      passed: true,
      test: null,
    }
    this.#runs.set(file, shared)
    if (shared.test !== null) {
      throw new FusetraceError('FT_USAGE', `'${name}' runs at the same time as '${shared.test}', on the same mount`, {
        hint: "tests that run concurrently need a mount each: scope: 'test'",
      })
    }
    shared.test = name
    try {
      const run = await shared.run
      return { run, skipped: await run.enter(name) }
    } catch (error) {
      shared.test = null
      shared.passed = false
      throw error
    }
  }

  /** A test is done with it. One that failed spoils the file's recording. */
  leave(task: TaskLike, outcome: Outcome): Finished {
    const shared = this.#runs.get(task.file.filepath)
    if (shared) {
      shared.test = null
      if (outcome === 'failed') shared.passed = false
    }
    return { trace: outcome === 'failed' ? this.#placesOf(task).failed : null, note: null, problem: null }
  }

  async #finish(): Promise<void> {
    for (const [key, { run, file, recording, failed, passed }] of this.#runs) {
      this.#runs.delete(key)
      const opened = await run.catch(() => null)
      if (!opened) continue
      const missing = opened.mount.live && passed && recording !== null ? leftOut(file, recording) : []
      if (missing.length > 0) warn(`${file.name}: its recording stays as it was, '${missing[0]}' did not run`)
      if (settingsFrom(process.env).summary) process.stdout.write(`${printableLines(summaryOf(file.name, opened))}\n`)
      const { trace, problem } = await opened.finish(passed ? (missing.length > 0 ? 'skipped' : 'passed') : 'failed')
      if (passed) removePage(failed)
      else if (trace !== null) {
        const report = await writeReport(opened, trace, failed)
        if (report.problem !== null) warn(`no report of ${trace}: ${report.problem}`)
      }
      if (problem !== null) warn(`${problem}; try: npx fusetrace clean`)
    }
  }
}
