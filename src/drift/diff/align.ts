import { diffArrays } from 'diff'
import type { Operation } from '../../operation/operation.js'

/** Beyond so many operations on either side they are aligned in windows, in linear time. */
const MOST = 5000
const WINDOW = 256

/** The same operation in two recordings, or one that only one of them has. */
export interface Aligned {
  a: Operation | null
  b: Operation | null
}

const keyOf = ({ opcode, path, name, newPath }: Operation): string => `${opcode} ${path} ${name ?? ''} ${newPath ?? ''}`

/** Puts operations side by side by what they do (opcode and path), not by their number. */
export function align(a: readonly Operation[], b: readonly Operation[]): Aligned[] {
  return a.length > MOST || b.length > MOST ? linear(a, b) : exact(a, b)
}

function exact(a: readonly Operation[], b: readonly Operation[]): Aligned[] {
  const out: Aligned[] = []
  let i = 0
  let j = 0
  for (const part of diffArrays(a.map(keyOf), b.map(keyOf))) {
    for (let k = 0; k < part.value.length; k++) {
      if (part.added) out.push({ a: null, b: b[j++] ?? null })
      else if (part.removed) out.push({ a: a[i++] ?? null, b: null })
      else out.push({ a: a[i++] ?? null, b: b[j++] ?? null })
    }
  }
  return out
}

/** Greedy: each operation meets the next of its kind within a window of the other side. */
function linear(a: readonly Operation[], b: readonly Operation[]): Aligned[] {
  const out: Aligned[] = []
  let j = 0
  const keys = b.map(keyOf)
  for (const operation of a) {
    const key = keyOf(operation)
    let found = -1
    for (let k = j; k < Math.min(j + WINDOW, b.length) && found < 0; k++) if (keys[k] === key) found = k
    if (found < 0) {
      out.push({ a: operation, b: null })
      continue
    }
    while (j < found) out.push({ a: null, b: b[j++] ?? null })
    out.push({ a: operation, b: b[j++] ?? null })
  }
  while (j < b.length) out.push({ a: null, b: b[j++] ?? null })
  return out
}
