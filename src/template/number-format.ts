import type { Raw } from '../line/line.js'

/** How a value is written: `decimal`, `hex`, `padded decimal of 8`, `number with ms` … Few for any one place. */
export function formatOf(text: Raw): string {
  const quote = text.charCodeAt(0)
  if (quote === 34) return 'quoted'
  if (/^-?\d+$/.test(text)) return /^-?0\d/.test(text) ? 'zero-padded' : 'decimal'
  const hex = /^0[xX]([0-9a-fA-F]+)$/.exec(text)
  if (hex) {
    const digits = hex[1] ?? ''
    const letters = /[a-f]/.test(digits) ? ' lower' : /[A-F]/.test(digits) ? ' upper' : ''
    const width = digits.length > 1 && digits.startsWith('0') ? ' padded' : digits.length < 8 ? ' short' : ''
    return `hex${letters}${width}`
  }
  if (/^0o\d+$/.test(text)) return 'octal'
  const number = /^-?\d+(?:\.(\d+))?([a-zA-Z%\x80-\xff]{0,4})$/.exec(text)
  if (number) return `${number[1] === undefined ? 'number' : 'fraction'}${number[2] ? ` in ${number[2]}` : ''}`
  if (/^[0-9a-fA-F]{6,}$/.test(text)) return 'bare hex'
  return 'other'
}

/** What a class of formats is called in a finding. */
export function formatName(format: string): string {
  if (format === 'decimal') return 'a decimal number'
  if (format === 'zero-padded') return 'a number padded with zeros'
  if (format.startsWith('hex')) {
    const how = [
      format.includes('lower') ? 'in lower case' : format.includes('upper') ? 'in upper case' : '',
      format.includes('padded') ? 'padded with zeros' : '',
    ].filter(Boolean)
    return `a hexadecimal number${how.length > 0 ? ` ${how.join(', ')}` : ''}`
  }
  if (format === 'octal') return 'an octal number'
  if (format === 'bare hex') return 'hexadecimal digits without 0x'
  if (format === 'quoted') return 'text in quotes'
  if (format === 'other') return 'text without quotes'
  const [kind, unit] = format.split(' in ')
  return `${kind === 'fraction' ? 'a number with a fraction' : 'a number'}${unit ? ` in ${Buffer.from(unit, 'latin1').toString()}` : ''}`
}

const COUNTED = /^(decimal|zero-padded|hex|octal|bare hex|number|fraction)/

/**
 * How a place's values changed their writing, or null when the values seen could have been the same writing: a few
 * values say little, and what the run put there may look like anything.
 */
export function formatChange(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): [string, string] | null {
  const old = strongest(before)
  const now = strongest(after)
  if (old === null || now === null || old === now) return null
  if (!COUNTED.test(old)) return null
  if (!COUNTED.test(now)) return before.has(now) || after.has(old) ? null : [old, now]
  for (const format of before.keys()) if (after.has(format) && format !== 'number' && format !== 'decimal') return null
  if (family(old) !== family(now)) return [old, now]
  // Digits alone may be decimal, hex without letters, or not need padding: only a writing that excludes the other counts.
  if (family(old) === 'hex') {
    const cases = (all: ReadonlyMap<string, number>) => ({
      lower: [...all.keys()].some((f) => f.includes('lower')),
      upper: [...all.keys()].some((f) => f.includes('upper')),
      padded: [...all.keys()].some((f) => f.includes('padded')),
      short: [...all.keys()].some((f) => f.includes('short')),
    })
    const [a, b] = [cases(before), cases(after)]
    const flipped = (a.lower && b.upper && !a.upper && !b.lower) || (a.upper && b.lower && !a.lower && !b.upper)
    const padding = (a.padded && b.short && !a.short && !b.padded) || (b.padded && a.short && !b.short && !a.padded)
    return flipped || padding ? [old, now] : null
  }
  return total(before) >= 3 && total(after) >= 3 ? [old, now] : null
}

const family = (format: string): string => (format.startsWith('hex') ? 'hex' : format)

const total = (formats: ReadonlyMap<string, number>): number => {
  let sum = 0
  for (const count of formats.values()) sum += count
  return sum
}

/** The writing of nearly all values; null when they are mixed. */
function strongest(formats: ReadonlyMap<string, number>): string | null {
  let best: string | null = null
  let most = 0
  for (const [format, count] of formats) {
    if (count > most) {
      best = format
      most = count
    }
  }
  return best
}
