import type { Raw } from '../line/line.js'
import { type Scan, scanFor } from './scan.js'

/** What looks like a secret in a text. */
export interface Found {
  readonly start: number
  readonly end: number
  /** What is put in its place is called so. */
  readonly kind: string
}

/** Nothing that is searched for here is without one of these, in either case. */
export const SHAPE_WORDS: readonly string[] =
  'ssw passphrase ecret token api_key key dential signature sig key= authoriz x-auth bearer kie :// eyj hp_ ho_ hu_ hs_ hr_ ub_ glpat akia asia xox aiza k_l k_t sk- npm_ pypi- hf_ _v1 sg. dckr shp dapi'.split(
    ' ',
  )
const MAY_HOLD: Scan = scanFor(SHAPE_WORDS)

/** Tokens that are known by how they begin. Each is long enough that nothing else looks so. */
const TOKENS =
  /(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{22,255}|glpat-[\w-]{20,64}|(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])|xox[abeoprs]-[A-Za-z0-9-]{10,250}|AIza[\w-]{35}|[sr]k_(?:live|test)_[A-Za-z0-9]{16,128}|sk-(?:[a-z]{2,8}[0-9]{0,2}-)?[\w-]{20,200}|npm_[A-Za-z0-9]{36}|pypi-AgE[\w-]{50,512}|hf_[A-Za-z0-9]{34}|do[opr]_v1_[a-f0-9]{64}|SG\.[\w-]{16,32}\.[\w-]{16,64}|dckr_pat_[\w-]{20,64}|shp(?:at|ca|pa|ss)_[a-f0-9]{32}|dapi[a-f0-9]{32}|AGE-SECRET-KEY-1[A-Z0-9]{50,64}|(?<![\w-])eyJ[\w-]{8,4096}\.eyJ[\w-]{8,4096}(?:\.[\w-]{4,4096}){1,4})/dg

/** A header that says who somebody is, and its value. */
const HEADER =
  /\b(?:authorization|proxy-authorization|x-api-key|x-auth-token)["']?\s*[:=]\s*["']?(?:(?:basic|bearer|token|digest|negotiate)\s+)?([^\s"',;(){}[\]<>\\]{8,4096})/dgi
const COOKIE = /\bcookie["']?:\s*["']?(\w+=[^"'\n\r]{4,4096})/dgi
const BEARER = /\bbearer\s+([A-Za-z0-9._~+/-]{16,4096}={0,2})/dgi

/** `scheme://user:password@host`. */
const URL_USER = /[a-z][a-z0-9+.-]{1,20}:\/\/([^\s/:@"'<>\\]{0,128}:[^\s/@"'<>\\]{1,256})@/dgi

/** What is called a secret, and what it is set to: bare, or in quotes. */
const ASSIGNED =
  /(passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|signature|(?<![a-z0-9])sig|(?<![a-z0-9.])key)[\w-]{0,40}(["']?\s{0,4}(?:=>|[:=])\s{0,4})(?:"([^"\n]{1,512})"|'([^'\n]{1,512})'|([^\s\x00-\x1f"',;&<>(){}[\]\\=][^\s\x00-\x1f"',;&<>(){}[\]\\]{0,511}))/dgi

/** Values that say nothing, or stand for a secret themselves. */
const EMPTY = /^(?:true|false|null|none|nil|undefined|yes|no|on|off|unset|redacted|\*+|x+|<.*>|\$.*|\{.*\}?|\d{1,5})$/i

const KEY_BEGINS = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g
const KEY_ENDS = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g

/** What looks like a secret: where, in no order; places may overlap. */
export function findShapes(text: Raw): Found[] {
  if (!MAY_HOLD(text)) return []
  const found: Found[] = []
  for (const [pattern, kind] of [
    [TOKENS, 'token'],
    [HEADER, 'token'],
    [BEARER, 'token'],
    [COOKIE, 'token'],
    [URL_USER, 'secret'],
  ] as const) {
    for (const match of text.matchAll(pattern)) add(found, match, match[1] === undefined ? 0 : 1, kind)
  }
  for (const match of text.matchAll(ASSIGNED)) {
    const group = [3, 4, 5].find((nth) => match[nth] !== undefined) ?? 5
    if (isSecret(match[1] ?? '', match[2] ?? '', match[group] ?? '')) add(found, match, group, 'secret')
  }
  for (const [start, end] of keys(text)) found.push({ start, end, kind: 'key' })
  return found
}

/** Where the insides of private keys are; of one that does not end here, all that follows. */
function* keys(text: Raw): Generator<[start: number, end: number]> {
  if (!text.includes('PRIVATE KEY')) return
  for (let from = 0; ; ) {
    const begin = next(KEY_BEGINS, text, from)
    if (begin === null) return
    const start = begin.index + begin[0].length
    const end = next(KEY_ENDS, text, start)?.index ?? text.length
    if (end > start) yield [start, end]
    from = end
  }
}

function next(pattern: RegExp, text: Raw, from: number): RegExpExecArray | null {
  const own = new RegExp(pattern)
  own.lastIndex = from
  return own.exec(text)
}

function add(found: Found[], match: RegExpExecArray, group: number, kind: string): void {
  const [start, end] = match.indices?.[group] ?? [0, 0]
  if (end > start) found.push({ start, end, kind })
}

/** Whether what a name is set to is worth hiding: logs and file names say `token: 3`, `key=user.x` and `secret.txt` too. */
function isSecret(name: string, sign: string, value: string): boolean {
  // `password= key=x`: there is none.
  if (EMPTY.test(value) || value.startsWith('/') || /^=\s/.test(sign)) return false
  const mixed = /\d/.test(value) && /[a-z]/i.test(value)
  if (/^(?:key|sig)$/i.test(name)) return value.length >= 20 && mixed && !/[./]/.test(value.replace(/=+$/, ''))
  // In prose: `token: unexpected`. What is in quotes, or set by a sign, is meant.
  const inProse = /^\s*:/.test(sign)
  if (/^(?:token|signature|credential)$/i.test(name)) return value.length >= 8 && (mixed || value.length >= 16)
  return inProse ? (value.length >= 6 && mixed) || value.length >= 16 : value.length >= 4
}

/** A private key goes over many lines: whether one begins in this that does not end in it, or one ends. */
export function keyEdge(text: Raw): 'begins' | 'ends' | null {
  if (!text.includes('PRIVATE KEY')) return null
  const begin = lastOf(KEY_BEGINS, text)
  const end = lastOf(KEY_ENDS, text)
  if (begin > end) return 'begins'
  return end >= 0 ? 'ends' : null
}

const lastOf = (pattern: RegExp, text: Raw): number => [...text.matchAll(pattern)].at(-1)?.index ?? -1

/** What the lines of a key are made of, at the end of a line that may have words before it. */
export const KEY_LINE: RegExp = /[A-Za-z0-9+/=]{4,}[\s"',]*$/
