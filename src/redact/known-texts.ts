import type { Raw } from '../line/line.js'
import { encode } from '../line/text.js'
import type { Found } from './shapes.js'

/** A text that is known beforehand, and what it is called where it is replaced. */
export interface KnownText {
  readonly name: string
  readonly text: string
  /** A `word` (a user's, a host's name) is replaced as a whole word; a `secret` anywhere; a `directory` also with what is below. */
  readonly kind: 'directory' | 'word' | 'secret'
  /**
   * It may as well be meant otherwise: `/tmp` in a log can be a directory of the mount. Replaced only in commands and what they
   * printed; of a word elsewhere only as in `user@` and `@host`.
   */
  readonly weak?: boolean
}

/** Finds known texts. */
export interface KnownTexts {
  /** @param all also those that are weak */
  find(text: Raw, all: boolean): Found[]
}

/** Makes one pattern of texts that are known beforehand. */
export function knownTexts(texts: readonly KnownText[]): KnownTexts {
  const usable = texts.filter(({ text }) => text.length > 1)
  const strong = patternOf(usable.flatMap((each) => (each.weak ? inContext(each) : [whole(each)])))
  const every = patternOf(usable.map(whole))
  return {
    find(text, all) {
      const pattern = all ? every : strong
      if (pattern === null) return []
      return [...text.matchAll(pattern.matches)].map((match) => {
        const nth = match.slice(1).findIndex((group) => group !== undefined)
        const [start, end] = match.indices?.[nth + 1] ?? [0, 0]
        return { start, end, kind: pattern.names[nth] as string }
      })
    },
  }
}

interface Part {
  readonly name: string
  readonly source: string
  readonly length: number
}

function patternOf(parts: readonly Part[]): { matches: RegExp; names: string[] } | null {
  if (parts.length === 0) return null
  // The longest first: a mountpoint below /tmp is a mountpoint.
  const sorted = [...parts].sort((a, b) => b.length - a.length)
  return {
    matches: new RegExp(sorted.map(({ source }) => source).join('|'), 'dg'),
    names: sorted.map(({ name }) => name),
  }
}

function whole({ name, text, kind, weak }: KnownText): Part {
  const raw = escaped(text)
  const length = text.length
  if (kind === 'secret') return { name, length, source: `(${raw})` }
  if (kind === 'word') return { name, length, source: `(?<![\\w-])(${raw})(?![\\w-])` }
  // `/tmp` is neither in `/tmpfs` nor in `/var/tmp`.
  return { name, length, source: `${weak ? '(?<![\\w./-])' : ''}(${raw})(?![\\w-])` }
}

function inContext({ name, text, kind }: KnownText): Part[] {
  if (kind !== 'word') return []
  const raw = escaped(text)
  const length = text.length
  return [
    name === 'user'
      ? { name, length, source: `(?<![\\w-])(${raw})(?=@)` }
      : { name, length, source: `(?<=[^\\s@]@)(${raw})(?![\\w-])` },
  ]
}

const escaped = (text: string): string => encode(text).replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
