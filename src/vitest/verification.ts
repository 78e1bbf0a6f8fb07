import { existsSync } from 'node:fs'
import { moveTrace } from '../fixture/move-trace.js'
import { NOT_REPEATABLE } from '../fixture/stale.js'
import type { TaskLike } from './task.js'

/** A recording that has not been replayed yet, and where it goes: there when it replays, else beside the traces of failures. */
export interface Unverified {
  readonly unverified: string
  readonly recording: string
  readonly failed: string
}

/** Recordings that have not been replayed yet, by the tests that made them: one for each mount. */
const waiting = new WeakMap<object, readonly Unverified[]>()

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
export function recordedOf(task: TaskLike, all: readonly Unverified[]): void {
  const [own] = all
  if (own && existsSync(own.unverified)) waiting.set(task, all)
}

/**
 * The second turn has ended. A recording that replayed takes its place; one that did not is kept beside the traces of failures.
 *
 * @returns what is to be reported as an error; null when it replayed
 */
export function verified(task: TaskLike, passed: boolean): Error | null {
  const all = waiting.get(task)?.filter(({ unverified }) => existsSync(unverified)) ?? []
  waiting.delete(task)
  for (const { unverified, recording, failed } of all) moveTrace(unverified, passed ? recording : failed)
  if (passed || all.length === 0) return null
  // A mismatch says it already.
  if (task.result?.errors?.some((one) => String((one as Error).message).includes(NOT_REPEATABLE))) return null
  const error = new Error(`the test passed while it was recorded, and fails in replay: ${NOT_REPEATABLE}`)
  error.stack = `${error.name}: ${error.message}`
  return error
}
