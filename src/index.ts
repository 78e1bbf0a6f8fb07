// Errors and time
export { type Clock, type SystemClock, systemClock, type Timer, type VirtualClock, virtualClock } from './clock.js'
// Bytes to lines, lines to operations
export { dialects } from './dialect/builtin.js'
export { ALL_CAPABILITIES } from './dialect/core/capabilities.js'
export { checkDialect } from './dialect/core/check-dialect.js'
export type {
  Capabilities,
  DetailEvent,
  Dialect,
  DialectEvent,
  DialectParser,
  NodeId,
  OperationFacts,
  OperationKey,
  OperationValues,
  ParserOptions,
  ReplyEvent,
  RequestEvent,
  Sample,
} from './dialect/core/dialect.js'
export { type Errno, errnoName, errnoOf, errnoOfName, errnoOfWords } from './dialect/core/errno.js'
export type { FailedLines } from './dialect/core/failed.js'
export { type Opcode, opcodeName, opcodeOf } from './dialect/core/opcode.js'
export type { EventValues } from './dialect/core/values.js'
export type { DialectWriter, WrittenOutcome, WrittenRequest } from './dialect/core/writer.js'
export type { KernelDetails } from './dialect/kernel/named-line.js'
export type { Conversion } from './dialect/text/conversions.js'
export { linePerRequest, type ReadWhole, type WholeRequest } from './dialect/text/line-per-request.js'
export { type Part, type Rewrite, type Rewriting, rewritten, type Writing } from './dialect/text/rewritten.js'
export { ArgumentTable, type Slots, slots } from './dialect/text/slots.js'
export type { DrivenDifference } from './drive/drive.js'
export { type Driven, type DriveOptions, driveRecording } from './drive/drive-recording.js'
export { type ErrorCode, EXIT, FusetraceError, type FusetraceErrorOptions } from './errors.js'
// Proving a wait
export { type Counterexample, type ExploreReport, explore } from './explore/explore.js'
export type { Deed, FsState, ModelOperation, World } from './explore/fs-state.js'
export type { LegacyScenario, Scenario } from './explore/scenario.js'
export type { FaultSpec } from './faults/fault.js'
export type { Line, Raw, Stream } from './line/line.js'
export { leadingTime, type OwnTime, timeIn } from './line/own-time.js'
export { LineSplitter, type LineSplitterOptions } from './line/splitter.js'
export type { DrivenOptions } from './live/driven-options.js'
export { type DrivenSession, startDriven } from './live/driven-session.js'
export type { FaultBoard, FaultHandle, FiredRequest, Gate } from './live/faults.js'
export type { LiveOptions } from './live/options.js'
export { type LiveSession, startLive } from './live/session.js'
export type { WireOptions } from './live/wire-side.js'
// Watching
export type {
  Exit,
  Fence,
  Mark,
  MarkEdge,
  MonitorEvent,
  MonitorView,
  MountPhase,
  MountRung,
  OperationEvent,
  SubscribeOptions,
} from './monitor/monitor.js'
export { type EventSource, TraceMonitor, type TraceMonitorOptions } from './monitor/trace-monitor.js'
export { AlignedClock } from './operation/aligned-clock.js'
export { durationNs } from './operation/duration.js'
export { Interpreter, type InterpreterOptions } from './operation/interpreter.js'
export { toJson } from './operation/json.js'
export type { EndedBy, Operation, Status } from './operation/operation.js'
export { type LineClock, OwnClock } from './operation/own-clock.js'
export type { WireInterpreter, WireMessage } from './operation/wire-interpreter.js'
// The recording file
export type { Footer } from './recording/footer.js'
export { type HeaderFacts, makeHeader } from './recording/header.js'
export { type OpenOptions, openRecording, type RecordingReader, type RowsOptions } from './recording/reader.js'
export type {
  CallError,
  CallRow,
  ExitRow,
  FaultRow,
  KernelRow,
  LineRow,
  LossRow,
  MarkRow,
  MountRow,
  OperationRow,
  ProbeRow,
  RecordingHeader,
  ReplyRow,
  RequestRow,
  Row,
  WaitRow,
} from './recording/row.js'
export { RecordingWriter, type RowRedaction, type WriterOptions } from './recording/writer.js'
export type { RedactOption } from './redact/redaction.js'
// Replay and live
export { openReplay, type ReplaySource } from './replay/open-replay.js'
export type { ReplayOptions } from './replay/replay-options.js'
export type { ReplaySession } from './replay/replay-session.js'
export { exploreRecording } from './schedule/explore-recording.js'
export type {
  Explored,
  ExploreRecordingOptions,
  ExploreRecordingReport,
  FailingOrder,
  Preemption,
} from './schedule/order.js'
export type { Duration } from './trace/time.js'
// A trace without a recording
export { type TraceOptions, trace } from './trace/trace.js'
export type {
  FinishedTrace,
  OpenTrace,
  ReplyOptions,
  RequestOptions,
  Trace,
  TracePath,
} from './trace/trace-types.js'
export type { Way } from './transport/prepare.js'
export type { WaitContext } from './wait/engine/context.js'
// Waits
export { defineWait } from './wait/engine/define-wait.js'
export {
  MountLostError,
  StreamEndedError,
  WaitAbortedError,
  WaitError,
  WaitFailedError,
  type WaitFailure,
  WaitTimeoutError,
} from './wait/engine/errors.js'
export {
  type By,
  done,
  ended,
  type Machine,
  type Outcome,
  type Step,
  type View,
  type WaitEvent,
  type WaitOptions,
  type WaitResult,
} from './wait/engine/machine.js'
export type { ErrnoName, Match, OpcodeName, OperationMatch, PathMatch } from './wait/engine/match.js'
export type { PendingWaits } from './wait/engine/pending.js'
export type { LegacyProber, ProbeAnswer, ProbeFinding, ProbeQuestion, Prober } from './wait/engine/prober.js'
export type { Session } from './wait/engine/session.js'
export type { ExactlyOptions } from './wait/machines/exactly.js'
export type { IdleOptions } from './wait/machines/idle.js'
export type { LineMatch } from './wait/machines/logged.js'
export type { NeverOptions } from './wait/machines/never.js'
export type { OperationsOptions } from './wait/machines/operations.js'
export type { Probe } from './wait/machines/until.js'
export { createWaitFor, type WaitFor } from './wait/wait-for.js'
