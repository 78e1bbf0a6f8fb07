import type { Opcode } from './layout-types.js'
import { MESSAGES, NOTIFICATIONS } from './messages.js'

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(MESSAGES).map(([name, { number }]) => [number, name]))
const NOTIFIED: ReadonlyMap<number, string> = new Map(
  Object.entries(NOTIFICATIONS).map(([name, { number }]) => [number, name]),
)

/** The name of a request's number: the kernel's in lower case without `FUSE_`; `opcode_N` where the table has none. */
export function requestName(number: number): Opcode | `opcode_${number}` {
  return (NAMES.get(number) as Opcode | undefined) ?? `opcode_${number}`
}

/** The number of a request's name; null when it is none. */
export function requestNumber(name: string): number | null {
  if (Object.hasOwn(MESSAGES, name)) return MESSAGES[name as Opcode].number
  const number = Number(/^opcode_(\d{1,10})$/.exec(name)?.[1] ?? Number.NaN)
  return number <= 0xffff_ffff ? number : null
}

/** Whether the daemon never answers a request of this name. */
export function isUnanswered(name: string): boolean {
  return Object.hasOwn(MESSAGES, name) && MESSAGES[name as Opcode].reply === null
}

/** The name of a notification's number; null where the table has none. */
export function notificationName(number: number): string | null {
  return NOTIFIED.get(number) ?? null
}
