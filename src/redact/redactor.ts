import type { Raw } from '../line/line.js'
import { encode } from '../line/text.js'
import { resolvedViews } from './escapes.js'
import { type KnownText, type KnownTexts, knownTexts } from './known-texts.js'
import { findPatterns } from './patterns.js'
import { type Scan, scanFor } from './scan.js'
import { type Found, findShapes, KEY_LINE, keyEdge, SHAPE_WORDS } from './shapes.js'
import { filled, NUMBERED } from './stand-in.js'

export interface RedactorOptions {
  /** Texts that are replaced wherever they stand, by their names. @default none */
  texts?: readonly KnownText[]
  /** What else is to be replaced; of a match with a group the group. @default nothing */
  patterns?: readonly RegExp[]
  /** Whether log lines lose known directories too, or only what is a secret. @default false */
  directoriesInLines?: boolean
  /**
   * Stand-ins are as long as what stands there, not as what it says when its escapes are resolved: messages of the kernel hold
   * lengths.
   * @default false
   */
  exactLength?: boolean
  /** How often what was replaced before, in what is read: its stand-ins' numbers are taken. @default nothing was */
  used?: Readonly<Record<string, number>>
}

/** Where a text stands: in the `log` (and what is made of it), or in a `command` or what one printed. */
export type Place = 'log' | 'command'

/** Lines of a private key; none has more. */
const MAX_KEY_LINES = 400

/**
 * Replaces secrets and what identifies a machine by stand-ins (`{home}`, `{token1}`): the same text by the same stand-in, as long
 * as it is used. In logs a stand-in is as long as what it stands for (`{token1~~~~}`): they say how long names are, and are read by
 * that. Pure: what is to be found is given.
 */
export class Redactor {
  readonly #texts: KnownTexts
  readonly #secrets: KnownTexts
  readonly #options: RedactorOptions
  readonly #mayHold: Scan
  readonly #counts = new Map<string, number>()
  /** Names of stand-ins by kind and secret. */
  readonly #names = new Map<string, string>()
  readonly #ordinals = new Map<string, number>()
  /** Lines of a private key that are still expected, by stream. */
  readonly #keys = new Map<string, number>()

  constructor(options: RedactorOptions = {}) {
    this.#options = options
    const { texts = [] } = options
    this.#texts = knownTexts(texts)
    this.#secrets = knownTexts(texts.filter(({ kind }) => kind === 'secret'))
    const anything = (options.patterns ?? []).length > 0
    this.#mayHold = anything ? () => true : scanFor([...SHAPE_WORDS, ...texts.map(({ text }) => encode(text))])
  }

  /** How often what was replaced, by the names of the stand-ins without their numbers. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  /** A log line; private keys may go over several of a stream. */
  line(raw: Raw, stream: string): Raw {
    const left = this.#keys.get(stream) ?? 0
    const edge = keyEdge(raw)
    if (edge === 'begins') this.#keys.set(stream, MAX_KEY_LINES)
    else if (left > 0) {
      this.#keys.set(stream, edge === 'ends' ? 0 : left - 1)
      const inner = edge === 'ends' ? raw.indexOf('-----END') : raw.search(KEY_LINE)
      if (edge === 'ends' && inner > 0) return `${this.#standIn('key', raw.slice(0, inner))}${raw.slice(inner)}`
      if (edge === null && inner >= 0) {
        const end = raw.trimEnd().length
        return `${raw.slice(0, inner)}${this.#standIn('key', raw.slice(inner, end))}${raw.slice(end)}`
      }
    }
    return this.raw(raw, 'log')
  }

  /** A text of bytes. */
  raw(raw: Raw, place: Place): Raw {
    if (!this.#mayHold(raw)) return raw
    const spans = merged([
      ...this.#find(raw, place),
      ...resolvedViews(raw).flatMap(({ text, from, to }) =>
        this.#find(text, place).map(({ start, end, kind }) => ({
          start: from[start] as number,
          end: to[end - 1] as number,
          kind,
          secret: text.slice(start, end),
        })),
      ),
    ])
    if (spans.length === 0) return raw
    const parts: string[] = []
    let at = 0
    for (const { start, end, kind, secret } of spans) {
      const length = place === 'command' ? null : this.#options.exactLength ? end - start : secret?.length
      parts.push(raw.slice(at, start), this.#standIn(kind, secret ?? raw.slice(start, end), length))
      at = end
    }
    return parts.join('') + raw.slice(at)
  }

  /** A text of characters. */
  text(text: string, place: Place): string {
    const raw = encode(text)
    const redacted = this.raw(raw, place)
    return redacted === raw ? text : Buffer.from(redacted, 'latin1').toString('utf8')
  }

  #find(text: Raw, place: Place): Found[] {
    const { patterns = [], directoriesInLines = false } = this.#options
    const known = place === 'command' || directoriesInLines ? this.#texts : this.#secrets
    const found = [...known.find(text, place === 'command'), ...findShapes(text)]
    return patterns.length === 0 ? found : [...findPatterns(text, patterns), ...found]
  }

  /** @param length of what is put in its place, @default that of the secret; null: no longer than its name */
  #standIn(kind: string, secret: string, length: number | null = secret.length): string {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1)
    const key = `${kind}\0${secret}`
    let name = this.#names.get(key)
    if (name === undefined) {
      name = NUMBERED.includes(kind) ? `${kind}${this.#next(kind)}` : kind
      this.#names.set(key, name)
    }
    return length === null ? `{${name}}` : filled(name, length)
  }

  #next(kind: string): number {
    const next = (this.#ordinals.get(kind) ?? this.#options.used?.[kind] ?? 0) + 1
    this.#ordinals.set(kind, next)
    return next
  }
}

interface Span extends Found {
  /** What it says, where that is not what stands there. */
  readonly secret?: string
}

/** Places in order; of those that overlap one, which covers all, and is what the first and longest was. */
function merged(spans: readonly Span[]): Span[] {
  if (spans.length < 2) return [...spans]
  const out: Span[] = []
  for (const span of [...spans].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = out.at(-1)
    if (last === undefined || span.start >= last.end) out.push(span)
    else if (span.end > last.end) out[out.length - 1] = { start: last.start, end: span.end, kind: last.kind }
  }
  return out
}
