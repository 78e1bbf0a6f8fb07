/** How a value is written back. The functions stand alone: their source is printed into the suggested dialect. */
export const CONVERSIONS = {
  decimal: (x: string): string =>
    /^[+-]?\d/.test(x) && !/^0[xXo]/.test(x) ? String(Number.parseInt(x.replace(/_/g, ''), 10)) : x,
  fromHex: (x: string): string => (/^(0x)?[0-9a-f]+$/i.test(x) ? BigInt(/^0x/i.test(x) ? x : `0x${x}`).toString() : x),
  fromOctal: (x: string): string => (/^0o[0-7]+$/.test(x) ? BigInt(x).toString() : x),
  toHex: (x: string): string => (/^\d+$/.test(x) ? `0x${BigInt(x).toString(16)}` : x),
  toLongHex: (x: string): string => (/^\d+$/.test(x) ? `0x${BigInt(x).toString(16).padStart(16, '0')}` : x),
  octalDigits: (x: string): string => (/^0o/.test(x) ? x : `0o${x}`),
  unquoted: (x: string): string => x.replace(/^["'<](.*)["'>]$/, '$1'),
  lower: (x: string): string => x.toLowerCase(),
  upper: (x: string): string => x.toUpperCase().replace(/^0X/, '0x'),
}

export type Conversion = keyof typeof CONVERSIONS

type Formats = ReadonlyMap<string, number> | undefined

/** The writing back from one format to another; null when they are the same or it is not known how. */
export function conversionOf(before: Formats, after: Formats): Conversion | null {
  const [was, is] = [usual(before), usual(after)]
  if (was === is || was === '' || is === '') return null
  if (was === 'decimal') {
    if (is.startsWith('hex') || is === 'bare hex') return 'fromHex'
    if (is === 'octal') return 'fromOctal'
    return is === 'other' || is === 'quoted' ? 'unquoted' : 'decimal'
  }
  if (was.startsWith('hex')) {
    if (is.startsWith('hex')) return is.includes('upper') ? 'lower' : was.includes('upper') ? 'upper' : null
    if (is === 'decimal') return was.includes('padded') ? 'toLongHex' : 'toHex'
  }
  if (was === 'octal') return 'octalDigits'
  return is === 'quoted' ? 'unquoted' : null
}

function usual(formats: Formats): string {
  let best = ''
  let most = 0
  for (const [format, count] of formats ?? []) if (count > most) [best, most] = [format, count]
  return best
}
