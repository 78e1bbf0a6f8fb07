import type { DialectEvent } from '../dialect/core/dialect.js'
import type { Stream } from '../line/line.js'
import { formatOf } from './number-format.js'
import { type Example, exampleOf, KIND, type Tokens } from './tokens.js'

/** What a line may tell of an operation. */
export const TOLD = [
  'request',
  'reply',
  'name',
  'newName',
  'target',
  'xattr',
  'pid',
  'unique',
  'node',
  'child',
  'status',
  'errno',
] as const
export type Told = (typeof TOLD)[number]

const ERRNO = 1 << TOLD.indexOf('errno')

/** What an event tells, as bits of `TOLD`. */
export function toldBy(event: DialectEvent): number {
  let bits = 0
  const set = (told: Told, yes: boolean): void => {
    if (yes) bits |= 1 << TOLD.indexOf(told)
  }
  if (event.kind === 'reply') {
    set('reply', true)
    set('status', event.status !== 'unknown')
    set('errno', event.errno !== null)
    set('child', event.childNodeId !== undefined)
    return bits
  }
  set('request', event.kind === 'request')
  set('unique', event.kind === 'request' && event.unique !== null)
  set('name', event.entry !== undefined || event.path !== undefined)
  set('newName', event.otherEntry !== undefined || event.newPath !== undefined)
  set('target', event.target !== undefined)
  set('xattr', event.xattr !== undefined)
  set('pid', event.pid !== undefined)
  set('node', event.nodeId !== undefined)
  if (event.kind === 'detail') {
    set('status', event.status !== undefined)
    set('errno', (event.errno ?? null) !== null)
  }
  return bits
}

/** How many values of each place are looked at. */
const SAMPLED = 96
const MAX_FORMATS = 8

/** All lines of one template. */
export class Shape {
  readonly example: Example
  readonly id: string
  readonly streams: Record<Stream, number> = { stdout: 0, stderr: 0, tty: 0 }
  readonly levels: Map<string, number> = new Map()
  /** How the values at each place are written, in order of the slots. */
  readonly formats: Map<string, number>[] = []
  /** In how many operations of a context (`create ok`) such a line stands. */
  readonly contexts: Map<string, number> = new Map()
  readonly opcodes: Map<string, number> = new Map()
  readonly told: Uint32Array = new Uint32Array(TOLD.length)
  failing: Example | null = null
  count = 0
  understood = 0
  /** Lines that an event of the dialect spoke of. */
  spoken = 0
  /** Lines before the first request. */
  early = 0

  constructor(tokens: Tokens, index: number) {
    this.example = exampleOf(tokens, index)
    this.id = this.example.keys.join('')
  }

  /** Looks at the values of one line; `tokens` must be of this shape. */
  sample(tokens: Tokens): void {
    if (this.count > SAMPLED) return
    let slot = 0
    for (let i = 0; i < tokens.count; i++) {
      const kind = tokens.kinds[i]
      if (kind !== KIND.slot && kind !== KIND.quoted) continue
      const format = formatOf(tokens.text(i))
      const formats = this.formats[slot] ?? new Map<string, number>()
      this.formats[slot++] = formats
      if (formats.has(format) || formats.size < MAX_FORMATS) formats.set(format, (formats.get(format) ?? 0) + 1)
    }
  }

  /** Counts what a line told; the first that told an error is kept to be shown. */
  tell(bits: number, tokens: Tokens, index: number, weight: number): void {
    if (bits & ERRNO) this.failing ??= exampleOf(tokens, index)
    for (let i = 0; i < TOLD.length; i++) if (bits & (1 << i)) this.told[i] = (this.told[i] ?? 0) + weight
  }

  tells(told: Told): number {
    return this.told[TOLD.indexOf(told)] ?? 0
  }
}

/** Adds some, in a map that does not grow beyond `most` keys. */
export function count(map: Map<string, number>, key: string, most = 64, times = 1): void {
  const before = map.get(key)
  if (before !== undefined || map.size < most) map.set(key, (before ?? 0) + times)
}
