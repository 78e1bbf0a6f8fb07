export { replyData, requestData } from './data.js'
export { direntBytes } from './dirents.js'
export type { Extension, SecurityContext } from './extensions.js'
export * from './flags.js'
export {
  REPLY_HEADER_BYTES,
  REQUEST_HEADER_BYTES,
  type ReplyHeader,
  type RequestHeader,
  replyHeader,
  requestHeader,
} from './header.js'
export type {
  Dirent,
  DirentPlus,
  Fields,
  Input,
  NotificationBody,
  NotificationName,
  Opcode,
  ReplyBody,
  RequestBody,
  Struct,
} from './layout-types.js'
export { MESSAGES, NOTIFICATIONS } from './messages.js'
export {
  decodeNotification,
  encodeNotification,
  type Notification,
  type NotificationInput,
  type NotificationOf,
} from './notification.js'
export { isUnanswered, notificationName, requestName, requestNumber } from './opcodes.js'
export { BEFORE_INIT, initFlags, NEWEST_MINOR, type Protocol, protocolOf } from './protocol.js'
export { type Asked, decodeReply, encodeReply, type Reply, type ReplyInput, type ReplyOf } from './reply.js'
export {
  decodeRequest,
  encodeRequest,
  type Request,
  type RequestInput,
  type RequestOf,
  type UnknownRequest,
} from './request.js'
export { WireError, type WireProblem } from './wire-error.js'
