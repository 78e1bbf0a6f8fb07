import { stripAnsi } from '../../line/colours.js'
import type { Raw } from '../../line/line.js'
import { LENIENT, unquote } from './quoted.js'

/** Names of `CONVERSIONS`. */
export type Conversion =
  | 'decimal'
  | 'fromHex'
  | 'fromOctal'
  | 'toHex'
  | 'toLongHex'
  | 'toOctal'
  | 'octalDigits'
  | 'negative'
  | 'lower'
  | 'upper'
  | 'capitalized'
  | 'fromBase64'
  | 'unescaped'
  | 'uncoloured'

const number = (digits: string, prefix: string): string => BigInt(prefix + digits).toString()

/** Ways to write a value as it was written before. What does not fit is left as it is. */
export const CONVERSIONS: Readonly<Record<Conversion, (x: Raw) => Raw>> = {
  /** `+5`, `1_000`, `5.0`, `5.`, `005`, `5ms` as a plain number. */
  decimal: (x: Raw): Raw =>
    /^[+-]?\d[\d_',]*(?:\.0*)?[a-zA-Z%]{0,4}$/.test(x) && !/^0[xob]/i.test(x)
      ? x.replace(/[_',]/g, '').replace(/^\+?(-?)0*(\d+).*$/, '$1$2')
      : x,
  fromHex: (x: Raw): Raw => (/^(?:0x)?[0-9a-f]+$/i.test(x) ? number(x.replace(/^0x/i, ''), '0x') : x),
  fromOctal: (x: Raw): Raw => (/^0?o?[0-7]+$/.test(x) ? number(x.replace(/^0?o?/, '') || '0', '0o') : x),
  toHex: (x: Raw): Raw => (/^\d+$/.test(x) ? `0x${BigInt(x).toString(16)}` : x),
  toLongHex: (x: Raw): Raw => (/^\d+$/.test(x) ? `0x${BigInt(x).toString(16).padStart(16, '0')}` : x),
  toOctal: (x: Raw): Raw => (/^\d+$/.test(x) ? `0o${BigInt(x).toString(8)}` : x),
  octalDigits: (x: Raw): Raw => (/^[0-7]+$/.test(x) ? `0o${x}` : x),
  negative: (x: Raw): Raw => (/^\d/.test(x) ? `-${x}` : x),
  lower: (x: Raw): Raw => x.toLowerCase(),
  upper: (x: Raw): Raw => x.toUpperCase().replace(/^0X/, '0x'),
  capitalized: (x: Raw): Raw => x.slice(0, 1).toUpperCase() + x.slice(1).toLowerCase(),
  fromBase64: (x: Raw): Raw => (/^[A-Za-z0-9+/]+=*$/.test(x) ? Buffer.from(x, 'base64').toString('latin1') : x),
  /** What stands in a string of JSON or Go, without its quotes. */
  unescaped: (x: Raw): Raw => unquote(`"${x}"`, 0, LENIENT)?.value ?? x,
  uncoloured: stripAnsi,
}
