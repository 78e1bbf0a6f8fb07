import type { Raw } from '../../line/line.js'
import type { OperationValues } from '../core/dialect.js'
import { valuesOf } from '../text/values.js'

const WORD = /^ {0,3}([a-zA-Z]{4,10})(?:\[(\d{1,20})\])? /
/** What stands behind the first word, by that word. */
const FORMS: Readonly<Record<string, RegExp>> = {
  read: /^(?<size>\d{1,12}) bytes from (?<offset>\d{1,20}) flags: (?<flags>0x[0-9a-f]{1,8})$/,
  write: /^(?<size>\d{1,12}) bytes to (?<offset>\d{1,20}) flags: (?<flags>0x[0-9a-f]{1,8})$/,
  open: /^flags: (?<flags>0x[0-9a-f]{1,8})(?= |$)/,
  opendir: /^flags: (?<flags>0x[0-9a-f]{1,8})(?= |$)/,
  release: /^flags: (?<flags>0x[0-9a-f]{1,8})(?= |$)/,
  create: /^flags: (?<flags>0x[0-9a-f]{1,8}) .* 0(?<mode>[0-7]{1,7}) umask=0[0-7]{1,4}$/s,
  mkdir: / 0(?<mode>[0-7]{1,7}) umask=0[0-7]{1,4}$/,
  mknod: / 0(?<mode>[0-7]{1,7}) 0x[0-9a-f]{1,16} umask=0[0-7]{1,4}$/,
  chmod: / (?<mode>[0-7]{1,8})$/,
  truncate: / (?<size>\d{1,20})$/,
  fsync: /^datasync/,
}

/** Requests whose lines hold some. */
const VALUED: ReadonlySet<string> = new Set(
  'read write open opendir release create mkdir mknod setattr fsync'.split(' '),
)
export const hasNumbers = (opcode: string): boolean => VALUED.has(opcode)

/** The numbers in a line of libfuse's high level: sizes, offsets, modes, flags, and the handle in its brackets. */
export function wordValues(raw: Raw): OperationValues | undefined {
  const word = WORD.exec(raw.slice(0, 48))
  const form = word && Object.hasOwn(FORMS, word[1] ?? '') ? FORMS[word[1] ?? ''] : undefined
  if (!word || !form || raw.length > 4600) return undefined
  const groups = form.exec(raw.slice(word[0].length))?.groups
  const fh = word[2]
  return fh === undefined ? valuesOf(groups) : valuesOf({ ...groups, fh })
}
