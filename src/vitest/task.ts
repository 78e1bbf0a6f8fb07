import type { Outcome } from '../fixture/run.js'

/** What of a vitest task is needed here. */
export interface TaskLike {
  readonly id: string
  readonly name: string
  readonly suite?: { readonly name: string; readonly suite?: TaskLike['suite'] } | undefined
  readonly file: { readonly filepath: string; readonly name: string; readonly projectName?: string | undefined }
  /** Of the test, ms. */
  readonly timeout?: number | undefined
  readonly fails?: boolean | undefined
  result?:
    | {
        state?: string
        pending?: boolean | undefined
        note?: string | undefined
        repeatCount?: number
        errors?: unknown[]
      }
    | undefined
}

/** How a test has ended, as far as it has; of `test.fails` failing is what it should do. */
export function outcomeOf({ result, fails }: TaskLike): Outcome {
  if (result?.pending || result?.state === 'skip') return 'skipped'
  return (result?.state === 'fail') === (fails === true) ? 'passed' : 'failed'
}
