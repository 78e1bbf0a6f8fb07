import { pointAtCaller } from '../errors.js'
import { checkKeys, keysOf } from '../known-keys.js'
import type { WaitContext } from './engine/context.js'
import { runWait } from './engine/driver.js'
import type { Machine, WaitOptions, WaitResult } from './engine/machine.js'
import type { Match } from './engine/match.js'
import { PendingWaits } from './engine/pending.js'
import { deleted } from './machines/deleted.js'
import { dirVisible } from './machines/dir-visible.js'
import { type ExactlyOptions, exactly } from './machines/exactly.js'
import { fileVisible } from './machines/file-visible.js'
import { type IdleOptions, idle } from './machines/idle.js'
import { type LineMatch, logged } from './machines/logged.js'
import { mountReady } from './machines/mount-ready.js'
import { type NeverOptions, never } from './machines/never.js'
import { operation } from './machines/operation.js'
import { type OperationsOptions, operations } from './machines/operations.js'
import { released } from './machines/released.js'
import { renamed } from './machines/renamed.js'
import { unmounted } from './machines/unmounted.js'
import { type Probe, until } from './machines/until.js'
import { writeComplete } from './machines/write-complete.js'
import { xattrRemoved } from './machines/xattr-removed.js'
import { xattrSet } from './machines/xattr-set.js'

/**
 * All waits of a session. Paths are below the mountpoint; `a.txt` and `/a.txt` are the same. Each sees what started
 * after its mark (by default the begin of the latest step), whether that came before or after the call, and is about the
 * end of operations, not their start. Rejections are `WaitError`s, see there.
 */
export interface WaitFor {
  /** The mount is there and has answered a request. */
  mountReady(options?: WaitOptions): Promise<WaitResult>
  /** The mount was taken away as it should be. */
  unmounted(options?: WaitOptions): Promise<WaitResult>
  /** A file was created, made, linked, or renamed to this path. */
  fileVisible(path: string, options?: WaitOptions): Promise<WaitResult>
  /** A directory was made at, or renamed to, this path. */
  dirVisible(path: string, options?: WaitOptions): Promise<WaitResult>
  /** A file was written and released; where no release is logged, after its last write or flush. */
  writeComplete(path: string, options?: WaitOptions): Promise<WaitResult>
  /** What was at this path was unlinked, removed, or renamed away. */
  deleted(path: string, options?: WaitOptions): Promise<WaitResult>
  renamed(from: string, to: string, options?: WaitOptions): Promise<WaitResult>
  /** An open file or directory was released, which `close()` does not wait for. */
  released(path: string, options?: WaitOptions): Promise<WaitResult>
  /** With `value`, a probe must find just that value. */
  xattrSet(path: string, name: string, options?: WaitOptions & { value?: string | Uint8Array }): Promise<WaitResult>
  xattrRemoved(path: string, name: string, options?: WaitOptions): Promise<WaitResult>
  /** An operation that fits has ended, whatever its outcome. */
  operation(match: Match, options?: WaitOptions): Promise<WaitResult>
  /** Several operations have ended. */
  operations(matches: readonly Match[], options?: WaitOptions & OperationsOptions): Promise<WaitResult>
  /** So many and no more, for `forMs` after the last. */
  exactly(count: number, match: Match, options?: WaitOptions & ExactlyOptions): Promise<WaitResult>
  /** None, from the mark until `during` ms after the call. */
  never(match: Match, options?: WaitOptions & NeverOptions): Promise<WaitResult>
  /** A line of the log holds this text, or fits this pattern: for what is no operation. */
  logged(match: LineMatch, options?: WaitOptions): Promise<WaitResult>
  /** Nothing is in flight for `forMs`. */
  idle(options?: WaitOptions & IdleOptions): Promise<WaitResult>
  /** A probe of the user's own says yes; `value` is what it returned. */
  until<T>(probe: Probe<T>, options?: WaitOptions): Promise<WaitResult & { value: T }>
  /** A machine of the user's own, see `defineWait`. */
  custom<S>(machine: Machine<S>, options?: WaitOptions): Promise<WaitResult>
  /** Those that have not ended. */
  readonly pending: PendingWaits
}

const OPTIONS: readonly string[] = keysOf<WaitOptions>({ timeoutMs: true, since: true, signal: true })

/** Builds the waits on a monitor. */
export function createWaitFor(given: Omit<WaitContext, 'pending'> & { pending?: PendingWaits }): WaitFor {
  const context: WaitContext = { ...given, pending: given.pending ?? new PendingWaits() }
  /** Whatever is wrong with what was given is a rejection, so that it is met where the wait is awaited. */
  const run = <S>(
    make: () => Machine<S>,
    options: WaitOptions | undefined,
    caller: (...args: never[]) => unknown,
    own: readonly string[] = [],
  ): Promise<WaitResult> => {
    try {
      checkKeys(`an option of ${caller.name}`, options, [...OPTIONS, ...own])
      return runWait(context, make(), options, caller)
    } catch (error) {
      return Promise.reject(pointAtCaller(error as Error))
    }
  }
  const waitFor: WaitFor = {
    pending: context.pending,
    mountReady: (options) => run(() => mountReady(), options, waitFor.mountReady),
    unmounted: (options) => run(() => unmounted(), options, waitFor.unmounted),
    fileVisible: (path, options) => run(() => fileVisible(path), options, waitFor.fileVisible),
    dirVisible: (path, options) => run(() => dirVisible(path), options, waitFor.dirVisible),
    writeComplete: (path, options) => run(() => writeComplete(path), options, waitFor.writeComplete),
    deleted: (path, options) => run(() => deleted(path), options, waitFor.deleted),
    renamed: (from, to, options) => run(() => renamed(from, to), options, waitFor.renamed),
    released: (path, options) => run(() => released(path), options, waitFor.released),
    xattrSet: (path, name, options) =>
      run(() => xattrSet(path, name, options?.value), options, waitFor.xattrSet, ['value']),
    xattrRemoved: (path, name, options) => run(() => xattrRemoved(path, name), options, waitFor.xattrRemoved),
    operation: (match, options) => run(() => operation(match), options, waitFor.operation),
    operations: (matches, options) =>
      run(() => operations(matches, options), options, waitFor.operations, ['ordered', 'all', 'any']),
    exactly: (count, match, options) => run(() => exactly(count, match, options), options, waitFor.exactly, ['forMs']),
    never: (match, options) => run(() => never(match, options), options, waitFor.never, ['during']),
    logged: (match, options) => run(() => logged(match), options, waitFor.logged),
    idle: (options) => run(() => idle(options), options, waitFor.idle, ['forMs']),
    custom: (machine, options) => run(() => machine, options, waitFor.custom),
    until<T>(probe: Probe<T>, options?: WaitOptions) {
      let taken: T | undefined
      const machine = until(probe, (value) => {
        taken = value
      })
      try {
        checkKeys('an option of until', options, OPTIONS)
      } catch (error) {
        return Promise.reject(pointAtCaller(error as Error))
      }
      return runWait(context, machine, options, waitFor.until, (result) => ({ ...result, value: taken as T }))
    },
  }
  return waitFor
}
