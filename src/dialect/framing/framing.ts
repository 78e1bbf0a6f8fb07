import type { Line, Raw } from '../../line/line.js'
import type { OwnTime } from '../../line/own-time.js'
import type { Dialect } from '../core/dialect.js'
import { decodersFor } from './decoders.js'
import { Endings } from './endings.js'
import { factsIn } from './facts.js'
import { type Layer, together } from './layer.js'
import { csvLayers, messageLayers, recordLayers } from './messages.js'
import { carriageReturn, colours, noColours, outerColour, pastedBefore, pastedLayers, wholeColour } from './pasted.js'
import {
  betweenTimes,
  likePrefix,
  messageStarts,
  PREFIXES,
  SURE,
  secondTimes,
  TIME,
  WIDE_TIME,
  wordStarts,
} from './prefixes.js'

/** Lines that are held against everything that may stand around them until one shows what does. */
const MAX_TRIED = 5000
/** Of these, those that are tried at each of their words. */
const MAX_WORDS_TRIED = 300
/** A log daemon's line in a container's file, quoted in an issue: no more stands around any. */
const MAX_DEPTH = 3

/** Lines after which what was found around them is believed. */
const MAX_CHECKED = 200
/** Logs put together from more kinds of logs than this are not. */
const MAX_FOUND = 4
/** Prefixes that wait for another line that has one of them. */
const MAX_PROPOSED = 8
/** Lines that wait, at most, until another begins as they do. */
const MAX_HELD_BACK = 64
/** Lines after which a line is no longer asked whether it is written in another way than the daemon wrote it. */
const MAX_DECODED = 300

/** What only a string's escapes leave behind. */
const ESCAPED = /\\["']/

/** A line, what stands around it (null: nothing that is known), and the line without. */
interface Unwrapped {
  readonly raw: Raw
  readonly at: number
  readonly inner: Raw
}

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
 * prefix, JSON or `msg="…"`, indentation, quoting marks, trailing blanks, a carriage return; and undoes how characters are
 * written. What it is shows at the first line that a dialect surely knows, as it stands or without that; it is then the same
 * for all lines, and depends on the lines alone.
 */
export class Framing {
  readonly #candidates: readonly Dialect[]
  /** What stands around lines, each the layers from the outermost on; several in a log put together from several. */
  #found: (readonly Layer[])[] = []
  /** Prefixes of lines that no dialect knows, until another line has one too. */
  #proposed: (readonly Layer[])[] = []
  #tried = 0
  /** Of what was found: what a dialect surely knew a line without. */
  readonly #enough = new WeakSet<readonly Layer[]>()
  #seen = 0
  /** Lines that were inspected although something stands around them. */
  #checked = 0
  readonly #endings = new Endings()
  /** The line that was unwrapped last: each is inspected first, and read then. */
  #last: Unwrapped | null = null

  constructor(candidates: readonly Dialect[]) {
    this.#candidates = candidates
  }

  /** It is clear that nothing stands around the lines: they need not be unwrapped any more. */
  get plain(): boolean {
    return this.#bare && this.settled && this.#seen > MAX_DECODED
  }

  /** False while the next lines, few, show whether all end in the same way or width, or begin as one of them does. */
  get settled(): boolean {
    const mayBegin = this.#found.length === 0 && this.#proposed.length > 0 && this.#seen <= MAX_HELD_BACK
    return !this.#endings.holds && !mayBegin
  }

  /** Nothing stands around the lines, but for how characters are written. */
  get #bare(): boolean {
    return this.#found.at(-1)?.length === 0
  }

  /** Inspects the next line, until it is clear what stands around the lines. */
  observe({ raw }: Line): void {
    if (this.plain) return
    this.#seen++
    const head = raw.length > 20_000 ? raw.slice(0, 20_000) : raw
    this.#take(this.#endings.layer, this.#endings.push(head))
  }

  /** Inspects lines of which it has become clear how they end. */
  #take(before: Layer | null, decided: readonly Raw[]): void {
    const { layer } = this.#endings
    if (layer !== null && before === null) this.#change(this.#found.map((layers) => [layer, ...layers]))
    for (const raw of decided) this.#inspect(raw)
  }

  /** The log ended: what few lines showed is believed. True when something stands around them that was not known before. */
  end(): boolean {
    const before = this.#found.length
    this.#take(this.#endings.layer, this.#endings.end())
    const [only] = this.#proposed
    if (this.#found.length === 0 && only !== undefined) this.#change([...this.#found, only])
    return this.#found.length > before && !this.#bare
  }

  #inspect(raw: Raw): void {
    if (this.#found.length > 0) this.#observeDecoded(raw)
    if (this.#bare || this.#tried > MAX_TRIED || this.#found.length >= MAX_FOUND) return
    const { at, inner } = this.#unwrapped(raw)
    if (at >= 0 && !this.#spoils(at, inner, raw)) {
      this.#deepen(at, inner, raw)
      return
    }
    this.#tried++
    const layers = this.#around(raw) ?? this.#decoded(raw) ?? this.#confirmed(raw)
    if (layers === null || (layers.length === 0 && this.#found.length > 0)) return
    this.#change([...this.#found, layers])
    this.#observeDecoded(raw)
  }

  /** What was taken off lines that a dialect may know is not all that stands around them where it surely knows them without more. */
  #deepen(at: number, inner: Raw, raw: Raw): void {
    const layers = this.#found[at] ?? []
    if (this.#enough.has(layers)) return
    this.#tried++
    const surely = this.#knows(inner, 2)
    const ways = [this.#around(raw), surely ? null : this.#confirmed(raw)]
    const deeper = ways.find((one) => one && (!surely || one.length > layers.length) && this.#knows(peel(one, raw), 2))
    if (!deeper && !surely) return
    if (deeper) this.#change(this.#found.with(at, deeper))
    this.#enough.add(deeper ?? layers)
  }

  #around(raw: Raw): Layer[] | null {
    const { layer } = this.#endings
    if (layer === null) return this.#search(raw, 0)
    const inner = layer(raw)?.raw ?? raw
    const found = inner === raw ? this.#search(raw, 0) : this.#search(inner, 1)
    return found ? [layer, ...found] : this.#search(raw, 0)
  }

  /** The first line that says more once its characters are written as a daemon writes them. */
  #observeDecoded(raw: Raw): void {
    if (this.#seen > MAX_DECODED || this.#found.length >= MAX_FOUND) return
    const { at: around, inner } = this.#unwrapped(raw)
    const layers = this.#found[around] ?? []
    const ways = [
      ...decodersFor(inner).map(({ decode, certain }) => ({
        way: [...layers, ...this.#behind(decode, inner)],
        certain,
      })),
      ...decodersFor(raw).map(({ decode, certain }) => ({
        way: this.#behind(decode, raw),
        certain: certain && ESCAPED.test(inner),
      })),
    ]
    const better = ways.find(({ way, certain }) => this.#says(peel(way, raw), inner, certain))?.way
    if (better === undefined) return
    // Lines that do not need it stay as they are.
    if (around < 0) this.#change([...this.#found.slice(0, -1), better, ...this.#found.slice(-1)])
    else this.#change(this.#found.with(around, better))
  }

  /** A way of writing characters, and the record that shows once it is undone. */
  #behind(decode: Layer, raw: Raw): Layer[] {
    const inner = decode(raw)?.raw ?? raw
    return [decode, ...(inner === raw || !this.#knows(inner, 2) ? [] : (this.#recorded(inner, 1) ?? []))]
  }

  #decoded(raw: Raw): Layer[] | null {
    for (const { decode } of decodersFor(raw)) {
      const inner = decode(raw)?.raw ?? raw
      const found = inner === raw ? null : this.#around(inner)
      if (found) return [decode, ...found]
    }
    return null
  }

  /** What a line before proposed, where it stands around this line too; else this line's words propose. */
  #confirmed(raw: Raw): readonly Layer[] | null {
    if (this.#tried > MAX_WORDS_TRIED) return null
    for (const layers of this.#proposed) {
      const inner = peel(layers, raw)
      if (inner !== raw && this.#knows(inner, 2)) return layers
    }
    const { before, bare } = this.#outermost(raw)
    for (const at of wordStarts(bare)) {
      if (!this.#knows(bare.slice(at), 2)) continue
      if (this.#proposed.length < MAX_PROPOSED) this.#proposed.push([...before, likePrefix(bare, at)])
      break
    }
    return null
  }

  /** What surely stands around a line, so that its words may be behind it. */
  #outermost(raw: Raw): { before: Layer[]; bare: Raw } {
    const { layer } = this.#endings
    const colour = raw.includes('\x1b') ? [noColours] : []
    const before: Layer[] = []
    let bare = raw
    for (const one of [...(layer === null ? [carriageReturn] : [layer]), ...SURE, ...colour]) {
      const inner = one(bare)?.raw ?? ''
      if (inner === '' || inner === bare) continue
      before.push(one)
      bare = inner
    }
    return { before, bare }
  }

  /** One odd line may look wrapped: what takes off what a dialect knows a line by is forgotten again. */
  #spoils(at: number, inner: Raw, raw: Raw): boolean {
    if (this.#checked >= MAX_CHECKED) return false
    this.#checked++
    if (this.#knows(inner, 1) || !this.#knows(raw, 2)) return false
    this.#change(this.#found.toSpliced(at, 1))
    return true
  }

  #change(found: (readonly Layer[])[]): void {
    this.#found = found
    this.#last = null
  }

  /** The line without the first of what was found that stands around it. */
  #unwrapped(raw: Raw): Unwrapped {
    if (this.#last?.raw === raw) return this.#last
    let at = 0
    let inner = raw
    for (; at < this.#found.length && inner === raw; at++) inner = peel(this.#found[at] ?? [], raw)
    this.#last = { raw, at: inner === raw ? -1 : at - 1, inner }
    return this.#last
  }

  /** The line as the daemon wrote it; the same object where nothing stands around it. */
  unwrap(line: Line): Line {
    const { inner } = this.#unwrapped(line.raw)
    return inner === line.raw ? line : { ...line, raw: inner, whole: line.raw }
  }

  /** The time in what stands around a line, given as it came. */
  time(whole: Raw): OwnTime | null {
    let raw = whole
    let time: OwnTime | null = null
    for (const layer of this.#found[this.#unwrapped(whole).at] ?? []) {
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
    const coloured = raw.includes('\x1b') ? this.#within(wholeColour, raw, depth, 1) : null
    if (coloured) return coloured
    // A log's own time can look like a prefix.
    const blanks = betweenTimes(raw)
    // The second may have two blanks of its own before it.
    const first = blanks?.length === 2 || blanks?.length === 4 ? WIDE_TIME : TIME
    const two = blanks === null ? null : this.#within(first, raw, depth, 1)
    if (two) return two
    // Within a field's quotes, a line's own are doubled: it may be known as it stands, with wrong names.
    for (const layer of raw.includes('""') ? csvLayers(raw) : []) {
      const found = this.#within(layer, raw, depth, 2)
      if (found) return found
    }
    if (this.#knows(raw, 2)) return this.#recorded(raw, depth) ?? this.#aroundKnown(raw)
    const second = this.#secondTime(raw)
    if (second) return second
    for (const layer of depth < 2 ? pastedLayers(raw) : []) {
      const found = this.#within(layer, raw, depth, 2)
      // An indentation alone is many a line's own: with more behind it, it comes off where that does.
      if (found) return found.length > 1 ? [together(found)] : found
    }
    for (const layer of otherLayers(raw)) {
      const found = this.#within(layer, raw, depth, 2)
      if (found) return found
    }
    for (const at of messageStarts(raw)) {
      const inner = raw.slice(at)
      if (this.#knows(inner, 2)) return [...prefixUpTo(raw, at), ...this.#aroundKnown(inner)]
    }
    // With colours of its own, the prefix is found in their absence.
    return depth === 0 && raw.includes('\x1b') ? this.#within(noColours, raw, depth, 2) : null
  }

  /** A record that a line is known in by a word anywhere, as it is by itself: a name at its end would take in the rest of the record. */
  #recorded(raw: Raw, depth: number): Layer[] | null {
    const by = this.#knowers(raw)
    for (const { layer, rest } of recordLayers(raw)) {
      const inner = layer(raw)?.raw
      if (inner === undefined || inner === raw || this.#knowers(inner) !== by || this.#knows(rest, 1)) continue
      const found = this.#within(layer, raw, depth, 2)
      if (found) return found
    }
    return null
  }

  /** What stands around a line that a dialect knows as it is, but knows better without. */
  #aroundKnown(raw: Raw): Layer[] {
    const second = this.#secondTime(raw)
    if (second) return second
    const before = pastedBefore(raw)
    const without = before?.(raw)?.raw ?? raw
    if (before && this.#knowers(without) === this.#knowers(raw)) return [before, ...this.#aroundKnown(without)]
    for (const layer of PREFIXES) {
      const inner = layer(raw)?.raw
      if (inner !== undefined && this.#says(inner, raw)) return [layer]
    }
    return []
  }

  /** A logger's own time and more before a line that begins with another time. */
  #secondTime(raw: Raw): Layer[] | null {
    for (const at of secondTimes(raw)) if (this.#knows(raw.slice(at), 2)) return prefixUpTo(raw, at)
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

  /** The dialects that surely know a line. */
  #knowers(raw: Raw): string {
    return this.#candidates
      .filter((candidate) => candidate.recognize(raw) === 2)
      .map(({ name }) => name)
      .join()
  }

  /** Whether a line says more than as it stands; where that is certain, as much is enough. */
  #says(inner: Raw, raw: Raw, certain = false): boolean {
    if (inner === raw || !this.#knows(inner, 2)) return false
    return factsIn(inner, this.#candidates) - factsIn(raw, this.#candidates) >= (certain ? 0 : 1)
  }
}

/** A prefix like the one up to `at`; where it is coloured, a colour may end with the line. */
function prefixUpTo(raw: Raw, at: number): Layer[] {
  return [likePrefix(raw, at), ...(raw.slice(0, at).includes('\x1b') ? [colours] : [])]
}

/** What else may stand around a line, made for a line that shows it, the likeliest first. */
function otherLayers(raw: Raw): Layer[] {
  const plain = [...PREFIXES, ...messageLayers(raw)]
  if (!/[\x1b\r]/.test(raw)) return plain
  // A colour behind the first may be the line's own.
  return [...(/^\x1b\[[0-9;]{0,16}m\x1b/.test(raw) ? [outerColour, colours] : [colours]), ...plain]
}
