import type { Raw } from '../../line/line.js'
import type { OperationValues } from '../core/dialect.js'

/** A number as logs print it: decimal, `0x1f`, or octal as `0o17`; a decimal string where it passes 2^53. */
export function numberOf(text: string): number | string {
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : BigInt(text).toString()
}

/** What `key` of a request's numbers is called in a log: `size`, or another word for it. */
type Key = 'size' | 'offset' | 'mode' | 'flags' | 'fh'

/**
 * The numbers that a pattern's named groups found: `size`, `offset`, `mode` (octal digits), `flags`, `fh`. Undefined where
 * there is none.
 */
export function valuesOf(
  groups: Readonly<Record<string, string | undefined>> | undefined,
): OperationValues | undefined {
  if (groups === undefined) return undefined
  let values: OperationValues | undefined
  for (const key of ['size', 'offset', 'mode', 'flags', 'fh'] as const) {
    const text = groups[key]
    if (text === undefined) continue
    values ??= {}
    put(values, key, key === 'mode' ? Number.parseInt(text, 8) : numberOf(text))
  }
  return values
}

/** Sets one of a request's numbers, where it is one. */
function put(values: OperationValues, key: Key, value: number | string | undefined): void {
  if (value === undefined) return
  if (key === 'mode' || key === 'flags') {
    if (typeof value === 'number') values[key] = value
  } else values[key] = value
}

const FUSER =
  /(?:^|, )(offset|size|mode|flags|fh)(?: |: Some\()(?:Ok\(|FileHandle\()?(0o[0-7]{1,8}|0x[0-9a-f]{1,16}|\d{1,20})(?=[,) ]|$)/g
const VALUED: ReadonlySet<string> = new Set(
  'create mkdir mknod open opendir read write readdir readdirplus release releasedir flush fsync fsyncdir setattr setxattr listxattr rename2 fallocate lseek tmpfile'.split(
    ' ',
  ),
)

/** The numbers of one of fuser's request lines, behind its name in quotes where it has one. */
export function fuserValues(raw: Raw, from: number, opcode: string): OperationValues | undefined {
  if (!VALUED.has(opcode)) return undefined
  const quote = raw.lastIndexOf('"')
  const tail = raw.slice(quote >= from ? quote + 1 : from + 1, from + 4600)
  let values: OperationValues | undefined
  FUSER.lastIndex = 0
  for (let found = FUSER.exec(tail); found; found = FUSER.exec(tail)) {
    values ??= {}
    put(values, found[1] as Key, numberOf(found[2] ?? ''))
  }
  return values
}

/** What programs call the numbers in the fields of a request's span. */
const FIELDS: Readonly<Record<string, Key>> = {
  size: 'size',
  len: 'size',
  length: 'size',
  data_len: 'size',
  offset: 'offset',
  mode: 'mode',
  flags: 'flags',
  fh: 'fh',
}

/** The numbers among the fields of a request's span. A mode is octal, as all programs print it. */
export function fieldValues(fields: readonly (readonly [key: string, value: Raw])[]): OperationValues | undefined {
  let values: OperationValues | undefined
  for (const [key, value] of fields) {
    const name = Object.hasOwn(FIELDS, key) ? FIELDS[key] : undefined
    const digits =
      name === undefined
        ? null
        : /^(?:Some\()?"?(?:FileHandle\()?(?:0o)?(0x[0-9a-f]{1,16}|\d{1,20})\)?"?\)?$/.exec(value)
    if (name === undefined || digits === null) continue
    const text = digits[1] ?? ''
    values ??= {}
    const octal = name === 'mode' && /^[0-7]{1,7}$/.test(text)
    put(values, name, octal ? Number.parseInt(text, 8) : numberOf(text))
  }
  return values
}
