import { styleText } from 'node:util'
import { printable } from '../line/text.js'
import type { Operation } from '../operation/operation.js'

type Style = Parameters<typeof styleText>[0]

/** Colours text for a terminal, or leaves it. */
export type Paint = (style: Style, text: string) => string

/** Colours where stdout is a terminal that wants them (NO_COLOR and FORCE_COLOR are heeded). */
export function painter(stream: NodeJS.WriteStream): Paint {
  const colours = stream.isTTY === true && stream.hasColors?.() !== false && !process.env.NO_COLOR
  return colours ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text
}

export { duration } from './duration.js'

const AGES = [
  [31_557_600, 'year'],
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const

/** How long ago something was, in words for people: `3 days ago`. */
export function ago(seconds: number): string {
  const [size, unit] = AGES.find(([each]) => seconds >= each * 2) ?? [1, 'second']
  const count = Math.max(0, Math.floor(seconds / size))
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`
}

/** Time since the origin, `   1.234567`. */
export function offset(ns: number): string {
  return (ns / 1e9).toFixed(6).padStart(11)
}

/** What an operation is about: its path, and what else it names. Escaped for a terminal. */
export function subject(operation: Operation): string {
  const { path, paths, newPath, target, name } = operation
  // Of a file with several names nobody can say which one was used.
  let text = path !== null ? printable(path) : paths ? paths.map(printable).join(' | ') : '?'
  if (newPath !== null) text += ` → ${printable(newPath)}`
  if (target !== undefined && target !== null) text += ` → ${printable(target)}`
  if (name !== null) text += `  ${printable(name)}`
  return text
}

/** How an operation ended: `ok`, `ENOENT`, `unknown`, with `~` where its end was inferred. */
export function outcome(operation: Operation): string {
  const { status, errno, endedBy, negative } = operation
  const text = status === 'error' ? printable(errno ?? 'error') : negative ? 'ok: no entry' : status
  return endedBy === 'last-event' || endedBy === 'next-request' ? `${text} ~` : text
}

/** Rows as a table: columns as wide as they need to be, numbers to the right. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string[] {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)))
  return [head, ...rows].map((row) =>
    row
      .map((cell, i) => (right.includes(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}
