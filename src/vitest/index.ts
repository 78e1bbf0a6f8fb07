export type { FaultSpec } from '../faults/fault.js'
export { type Exec, ExecError, type ExecOptions, type ExecResult } from '../fixture/exec.js'
export type { MountFileHandle } from '../fixture/file-handle.js'
export type { Mode } from '../fixture/modes.js'
export type { MountFs, XattrFs } from '../fixture/mount-fs.js'
export type { Branch, DaemonCommand, DaemonContext, FuseTestOptions, SetupContext } from '../fixture/options.js'
export type { Mount } from '../fixture/run.js'
export type { FaultHandle, FiredRequest, Gate } from '../live/faults.js'
export type { WireOptions } from '../live/wire-side.js'
export { defineWait } from '../wait/engine/define-wait.js'
export {
  MountLostError,
  StreamEndedError,
  WaitAbortedError,
  WaitError,
  WaitFailedError,
  WaitTimeoutError,
} from '../wait/engine/errors.js'
export {
  done,
  ended,
  type Machine,
  type View,
  type WaitEvent,
  type WaitOptions,
  type WaitResult,
} from '../wait/engine/machine.js'
export type { ErrnoName, Match, OpcodeName, OperationMatch } from '../wait/engine/match.js'
export type { ExactlyOptions } from '../wait/machines/exactly.js'
export type { IdleOptions } from '../wait/machines/idle.js'
export type { LineMatch } from '../wait/machines/logged.js'
export type { NeverOptions } from '../wait/machines/never.js'
export type { OperationsOptions } from '../wait/machines/operations.js'
export type { Probe } from '../wait/machines/until.js'
export type { WaitFor } from '../wait/wait-for.js'
export type { FixturesOfMount, FuseFixtures } from './fixtures.js'
export { type FuseTest, fuseTest } from './fuse-test.js'
// Installs the matchers and the serializer when it is loaded.
export { matchers, type TraceMatchers } from './install.js'
export type { FormatOptions } from './match-format-of.js'
export type { AnotherMount } from './more-mounts.js'
export { type OperationSerializer, operationSerializer, type SerializerOptions } from './serializer.js'
