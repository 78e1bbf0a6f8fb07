import type { Line, Raw } from '../../line/line.js'
import type { OwnTime } from '../../line/own-time.js'
import type { Dialect } from '../core/dialect.js'
import { type Layer, together } from './layer.js'
import { messageLayers } from './messages.js'
import { carriageReturn, colours, pastedLayers, trailingBlanks } from './pasted.js'
import { likePrefix, messageStarts, PREFIXES, SURE, TIME, TWO_TIMES } from './prefixes.js'

/** Lines that are held against everything that may stand around them until one shows what does. */
const MAX_TRIED = 5000
/** A log daemon's line in a container's file, quoted in an issue: no more stands around any. */
const MAX_DEPTH = 3

/** Lines after which what was found around them is believed. */
const MAX_CHECKED = 200
/** Logs put together from more kinds of logs than this are not. */
const MAX_FOUND = 4

/** A line without these layers, as far in as they are around it. */
function peel(layers: readonly Layer[], raw: Raw): Raw {
  let inner = raw
  for (const layer of layers) {
    const next = layer(inner)
    if (next === null) return inner
    inner = next.raw
  }
  return inner
}

/**
 * Takes off what stands around every line because another program passed it on or somebody pasted it: a log daemon's
 * prefix, JSON or `msg="…"`, indentation, quoting marks, trailing blanks, a carriage return. What it is shows at the
 * first line that a dialect surely knows, as it stands or without that; it is then the same for all lines, and depends
 * on the lines alone.
 */
export class Framing {
  readonly #candidates: readonly Dialect[]
  /** What stands around lines, each the layers from the outermost on; several in a log put together from several. */
  #found: (readonly Layer[])[] = []
  #tried = 0
  /** Lines that were inspected although something stands around them. */
  #checked = 0
  /** Of these tried, how many ended in blanks. */
  #blankBehind = 0

  constructor(candidates: readonly Dialect[]) {
    this.#candidates = candidates
  }

  /** It is clear that nothing stands around the lines: they need not be unwrapped any more. */
  get plain(): boolean {
    return this.#found[0]?.length === 0
  }

  /** Inspects the next line, until it is clear what stands around the lines. */
  observe({ raw }: Line): void {
    if (this.plain || this.#tried > MAX_TRIED || raw === '' || this.#found.length >= MAX_FOUND) return
    const around = this.#found.find((layers) => peel(layers, raw) !== raw)
    if (around !== undefined && !this.#spoils(around, raw)) return
    this.#tried++
    if (/[ \t]$/.test(raw)) this.#blankBehind++
    const head = raw.length > 20_000 ? raw.slice(0, 20_000) : raw
    // A line may end in a name with a blank at its end; not every line does.
    const padded = this.#tried > 2 && this.#blankBehind === this.#tried
    const layers = padded ? this.#within(trailingBlanks, head, 0, 2) : this.#search(head, 0)
    if (layers !== null && (layers.length > 0 || this.#found.length === 0)) this.#found.push(layers)
  }

  /** One odd line may look wrapped: what takes off what a dialect knows a line by is forgotten again. */
  #spoils(layers: readonly Layer[], raw: Raw): boolean {
    if (this.#checked >= MAX_CHECKED) return false
    this.#checked++
    if (this.#knows(peel(layers, raw), 1) || !this.#knows(raw, 2)) return false
    this.#found = this.#found.filter((one) => one !== layers)
    return true
  }

  /** The line as the daemon wrote it; the same object where nothing stands around it. */
  unwrap(line: Line): Line {
    for (const layers of this.#found) {
      const raw = peel(layers, line.raw)
      if (raw !== line.raw) return { ...line, raw, whole: line.raw }
    }
    return line
  }

  /** The time in what stands around a line, given as it came. */
  time(whole: Raw): OwnTime | null {
    let raw = whole
    let time: OwnTime | null = null
    const layers = this.#found.find((one) => peel(one, whole) !== whole)
    for (const layer of layers ?? []) {
      const inner = layer(raw)
      if (inner === null) break
      raw = inner.raw
      time = inner.time?.() ?? time
    }
    return time
  }

  /** The layers around this line, the outermost first; null when no dialect knows it however it is unwrapped. */
  #search(raw: Raw, depth: number): Layer[] | null {
    if (raw.endsWith('\r')) return this.#within(carriageReturn, raw, depth, 1)
    for (const layer of SURE) {
      const found = this.#within(layer, raw, depth, 1)
      if (found) return found
    }
    // A log's own time can look like a prefix.
    const two = TWO_TIMES.test(raw.slice(0, 240)) ? this.#within(TIME, raw, depth, 1) : null
    if (two) return two
    if (this.#knows(raw, 2)) return []
    if (/[ \t]$/.test(raw)) {
      const found = this.#within(trailingBlanks, raw, depth, 2)
      if (found) return found
    }
    for (const layer of depth < 2 ? pastedLayers(raw) : []) {
      const found = this.#within(layer, raw, depth, 2)
      // An indentation alone is many a line's own: with more behind it, it comes off where that does.
      if (found) return found.length > 1 ? [together(found)] : found
    }
    for (const layer of otherLayers(raw)) {
      const found = this.#within(layer, raw, depth, 2)
      if (found) return found
    }
    for (const at of messageStarts(raw)) if (this.#knows(raw.slice(at), 2)) return [likePrefix(raw, at)]
    return null
  }

  #within(layer: Layer, raw: Raw, depth: number, surely: 1 | 2): Layer[] | null {
    const inner = layer(raw)?.raw
    if (inner === undefined || inner === raw || inner === '') return null
    // What a daemon's line itself may be wrapped in is taken off before the line is believed.
    const deeper = depth + 1 < MAX_DEPTH ? this.#search(inner, depth + 1) : this.#knows(inner, 2) ? [] : null
    if (deeper) return [layer, ...deeper]
    return surely === 1 && this.#knows(inner, 1) ? [layer] : null
  }

  #knows(raw: Raw, surely: 1 | 2): boolean {
    return this.#candidates.some((candidate) => candidate.recognize(raw) >= surely)
  }
}

/** What else may stand around a line, made for a line that shows it, the likeliest first. */
function otherLayers(raw: Raw): Layer[] {
  return [...(raw.includes('\x1b[') ? [colours] : []), ...PREFIXES, ...messageLayers(raw)]
}
