import type { Raw } from '../line/line.js'

/*
 * Whether a text may hold something, found in one pass over its bytes: three characters in a row, from 32 classes of
 * characters, are looked up in a table. Escapes and colours are resolved on the way. Most lines of a log are through with that.
 */

const OTHER = 0
/** Characters by class: letters of either case, the signs that tokens have, digits. */
const CLASS = new Uint8Array(256)
for (let c = 0; c < 26; c++) CLASS[65 + c] = CLASS[97 + c] = c + 1
for (let c = 48; c < 58; c++) CLASS[c] = 30
for (const [sign, code] of [
  ['_', 27],
  ['-', 28],
  [':', 29],
  ['/', 29],
  ['=', 31],
  ['.', 31],
  ['@', 31],
] as const) {
  CLASS[sign.charCodeAt(0)] = code
}
/** Value of a hexadecimal digit, 16 for what is none. */
const HEX = Uint8Array.from({ length: 256 }, (_, c) => {
  const value = Number.parseInt(String.fromCharCode(c), 16)
  return Number.isNaN(value) ? 16 : value
})
const [ESC, BACKSLASH, PERCENT, M] = [0x1b, 0x5c, 0x25, 0x6d]

/** Says of a text whether it is worth a closer look. */
export type Scan = (text: Raw) => boolean

/**
 * Makes a scan for some words.
 *
 * @param words one of them, in either case, is in every text that is wanted
 */
export function scanFor(words: readonly string[]): Scan {
  const wanted = new Uint8Array(1 << 15)
  let always = false
  for (const word of words) {
    const rarest = rarestOf(word)
    if (rarest === null) always = true
    else wanted[rarest] = 1
  }
  return (text) => always || scan(text, wanted)
}

function scan(text: Raw, wanted: Uint8Array): boolean {
  let three = 0
  for (let i = 0; i < text.length; i++) {
    let c = text.charCodeAt(i)
    if (c === BACKSLASH || c === PERCENT || c === ESC) {
      const length = c === ESC ? colour(text, i) : c === PERCENT ? percent(text, i) : backslash(text, i)
      // An escape within an escape, or one that is not worth reading here.
      if (length < 0) return true
      if (length > 0) {
        if (c === ESC) {
          i += length - 1
          continue
        }
        c =
          c === PERCENT
            ? (HEX[text.charCodeAt(i + 1)] as number) * 16 + (HEX[text.charCodeAt(i + 2)] as number)
            : text.charCodeAt(i + 1)
        if (c === BACKSLASH || c === PERCENT || c === ESC) return true
        i += length - 1
      }
    }
    three = ((three << 5) | (CLASS[c] as number)) & 0x7fff
    if (wanted[three] === 1) return true
  }
  return false
}

/** Length of a colour at a place; 0 when there is none. */
function colour(text: Raw, at: number): number {
  for (let i = at + 2; i < at + 20 && i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === M) return i - at + 1
    if (c !== 0x3b && (c < 0x30 || c > 0x39)) return 0
  }
  return 0
}

function percent(text: Raw, at: number): number {
  const [high, low] = [HEX[text.charCodeAt(at + 1)] ?? 16, HEX[text.charCodeAt(at + 2)] ?? 16]
  return high < 16 && low < 16 ? 3 : 0
}

/** Length of an escape that is a sign; 0 for one that is a letter, which may as well begin a word; -1 for one of a number. */
function backslash(text: Raw, at: number): number {
  const c = text.charCodeAt(at + 1)
  if (Number.isNaN(c)) return 0
  if ((c >= 0x30 && c < 0x34) || c === 0x78 || c === 0x75 || c === 0x58 || c === 0x55) return -1
  return CLASS[c] === OTHER || (CLASS[c] as number) > 27 ? 2 : 0
}

/** The three characters in a row of a word that are seldom in logs; null when it has none that could identify it. */
function rarestOf(word: string): number | null {
  let best: number | null = null
  let most = -1
  for (let i = 0; i + 3 <= word.length; i++) {
    const codes = [0, 1, 2].map((k) => CLASS[word.charCodeAt(i + k)] ?? OTHER)
    if (codes.includes(OTHER)) continue
    const rare = codes.reduce((sum, code) => sum + (RARE[code] as number), 0)
    if (rare <= most) continue
    most = rare
    best = codes.reduce((three, code) => (three << 5) | code, 0)
  }
  return best
}

/** How seldom each class is in logs. */
const RARE = Uint8Array.from({ length: 32 }, (_, code) => {
  if (code >= 1 && code <= 26) {
    const letter = String.fromCharCode(96 + code)
    return 'jqxz'.includes(letter) ? 12 : 'kvwybg'.includes(letter) ? 8 : 'etaoinsrl'.includes(letter) ? 2 : 4
  }
  return code === 30 ? 0 : 4
})
