export type { Clock, Timer } from './clock.js'
export type {
  Capabilities,
  DetailEvent,
  Dialect,
  DialectEvent,
  DialectParser,
  NodeId,
  OperationFacts,
  OperationKey,
  ParserOptions,
  ReplyEvent,
  RequestEvent,
  Sample,
} from './dialect/dialect.js'
export { EXIT, type ErrorCode, FusetraceError, type FusetraceErrorOptions } from './errors.js'
export type { Line, Raw, Stream } from './line/line.js'
export type { EndedBy, Operation, Status } from './operation/operation.js'
export type { RecordingHeader, Row } from './recording/row.js'
