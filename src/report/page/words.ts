import { literalPattern } from '../../literal-pattern.js'
import type { Recording } from './recording.js'

/** Names and values shorter than this stand in too many places to say anything. */
const MIN_NUMBER = 10

/**
 * What of a log line an operation was read from, as far as its words show: opcode, names, ids, error. Null where there is nothing
 * to find.
 */
export function wordsOf(recording: Recording, i: number): RegExp | null {
  const { operations, errnos } = recording.data
  const names = [operations.path[i], operations.newPath?.[i], operations.name?.[i]].map((index) =>
    recording.text(index),
  )
  const texts = names
    .flatMap((name) => [name, name.slice(name.lastIndexOf('/') + 1)])
    .filter((name) => name.length > 0 && name !== '/')
  const words = [recording.opcode(i), recording.errno(i)].filter((word) => word !== '')
  const numbers = [operations.unique[i] ?? -1, recording.pid(i), ...sizes(recording, i)].filter((n) => n >= MIN_NUMBER)
  const errno = errnos[recording.errno(i)]
  const parts = [
    ...texts.sort((a, b) => b.length - a.length).map(literalPattern),
    ...words.map((word) => `(?<![A-Za-z0-9])${opcodePattern(word)}(?![A-Za-z0-9])`),
    ...numbers.map((n) => `(?<![\\w.])(?:${n}|0x0*${n.toString(16)})(?![\\w.])`),
    ...(errno === undefined ? [] : [`(?<![\\w.])-?${errno}(?![\\w.])`]),
  ]
  return parts.length === 0 ? null : new RegExp(parts.join('|'), 'gi')
}

/** `setxattr`, `SETXATTR`, `set_xattr`, `SetXattr`. */
const opcodePattern = (word: string): string => [...word].map(literalPattern).join('_?')

function sizes(recording: Recording, i: number): number[] {
  return recording
    .list('extra', i)
    .filter(([name]) => name === 'size' || name === 'offset')
    .map(([, value]) => Number(value))
}

/** A text in pieces by turns: as it is, found, as it is … */
export function split(text: string, pattern: RegExp | null): string[] {
  if (pattern === null) return [text]
  const out: string[] = []
  let from = 0
  for (const match of text.matchAll(pattern)) {
    if (match[0] === '') continue
    out.push(text.slice(from, match.index), match[0])
    from = match.index + match[0].length
  }
  out.push(text.slice(from))
  return out
}
