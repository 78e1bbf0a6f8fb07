import { existsSync } from 'node:fs'
import { moveTrace } from '../fixture/move-trace.js'
import { NOT_REPEATABLE } from '../fixture/stale.js'
import type { TaskLike } from './task.js'

/** Recordings that have not been replayed yet, by the tests that made them. */
const waiting = new WeakMap<object, string>()

/** Which turn of a test this is: it is recorded, or what was just recorded is replayed to see whether it can be. */
export type Turn = 'first' | 'verify' | 'void'

/**
 * A test that is to be verified runs twice (vitest's `repeats`). `void`: its first turn failed, there is nothing to verify.
 */
export function turnOf(task: TaskLike, verify: boolean): Turn {
  const { result } = task
  if (!verify || (result?.repeatCount ?? 0) % 2 === 0) return 'first'
  if (result?.state === 'fail') return 'void'
  return waiting.has(task) ? 'verify' : 'first'
}

/** The first turn has ended: is there something to verify? */
export function recordedOf(task: TaskLike, unverified: string): void {
  if (existsSync(unverified)) waiting.set(task, unverified)
}

/**
 * The second turn has ended. A recording that replayed takes its place; one that did not is kept beside the traces of failures.
 *
 * @returns what is to be reported as an error; null when it replayed
 */
export function verified(task: TaskLike, passed: boolean, to: { recording: string; failed: string }): Error | null {
  const unverified = waiting.get(task)
  waiting.delete(task)
  if (unverified === undefined || !existsSync(unverified)) return null
  moveTrace(unverified, passed ? to.recording : to.failed)
  if (passed) return null
  // A mismatch says it already.
  if (task.result?.errors?.some((one) => String((one as Error).message).includes(NOT_REPEATABLE))) return null
  const error = new Error(`the test passed while it was recorded, and fails in replay: ${NOT_REPEATABLE}`)
  error.stack = `${error.name}: ${error.message}`
  return error
}
