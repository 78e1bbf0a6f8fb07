/** A way in which a text's characters are written, other than UTF-8. */
export type Encoding = 'utf-16le' | 'utf-16be' | 'utf-32le' | 'utf-32be'

/** What a text begins with that is written so, as a shell on Windows puts it into a file. The longer ones first. */
const MARKS: readonly (readonly [encoding: Encoding, mark: readonly number[]])[] = [
  ['utf-32le', [0xff, 0xfe, 0, 0]],
  ['utf-32be', [0, 0, 0xfe, 0xff]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
]
/** The same of UTF-8, which needs none. */
const UTF8 = [0xef, 0xbb, 0xbf]
/** Bytes of a text's begin that show how it is written. */
const SAMPLE = 16 * 1024

const begins = (head: Buffer, mark: readonly number[]): boolean => mark.every((byte, i) => head[i] === byte)
const withoutMark = (head: Buffer): Buffer => (begins(head, UTF8) ? head.subarray(UTF8.length) : head)

/**
 * How a text's characters are written: by its mark, or as of ASCII characters every byte but one is zero. Null for UTF-8: no log
 * in it holds a zero.
 */
export function encodingOf(bytes: Buffer): Encoding | null {
  for (const [encoding, mark] of MARKS) if (begins(bytes, mark)) return encoding
  const sample = bytes.subarray(0, SAMPLE)
  const zeros = [0, 0, 0, 0]
  for (let i = 0; i < sample.length; i++) if (sample[i] === 0) zeros[i % 4] = (zeros[i % 4] ?? 0) + 1
  const all = sample.length / 4
  const zero = zeros.map((count) => (count > all * 0.8 ? 'z' : count < all * 0.1 ? '-' : '?')).join('')
  const found = { '-zzz': 'utf-32le', 'zzz-': 'utf-32be', '-z-z': 'utf-16le', 'z-z-': 'utf-16be' } as const
  return found[zero as keyof typeof found] ?? null
}

/** Characters of 32 bits; what is none becomes U+FFFD. */
class Utf32Decoder {
  readonly #big: boolean
  #rest: Buffer = Buffer.alloc(0)

  constructor(big: boolean) {
    this.#big = big
  }

  decode(chunk: Buffer): string {
    const bytes = Buffer.concat([this.#rest, chunk])
    const whole = bytes.length - (bytes.length % 4)
    let text = ''
    for (let at = 0; at < whole; at += 4) {
      const code = this.#big ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)
      if (code === 0xfeff && text === '') continue
      text += code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? '\ufffd' : String.fromCodePoint(code)
    }
    this.#rest = bytes.subarray(whole)
    return text
  }
}

function decoderOf(encoding: Encoding): (chunk: Buffer) => string {
  if (encoding === 'utf-32le' || encoding === 'utf-32be') {
    const decoder = new Utf32Decoder(encoding === 'utf-32be')
    return (chunk) => decoder.decode(chunk)
  }
  const decoder = new TextDecoder(encoding)
  // The decoder takes the mark away, and keeps half a character for the next chunk.
  return (chunk) => decoder.decode(chunk, { stream: chunk.length > 0 })
}

/** What ends a line where no line feed does: of old Macs, of hosts, of Unicode; a vertical tab. */
const SEPARATORS = ['\r', '\xc2\x85', '\xe2\x80\xa8', '\v']

/** What stands between the lines of a text that has no line feed; null where it has some, or nothing stands there often. */
function separatorOf(head: Buffer): string | null {
  if (head.includes(0x0a)) return null
  const text = head.toString('latin1')
  return SEPARATORS.find((separator) => text.split(separator).length > 2) ?? null
}

/** Line feeds in the place of a separator, which chunks may cut in two. */
async function* separated(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let separator: string | null | undefined
  let rest = ''
  for await (const chunk of chunks) {
    if (separator === undefined) separator = separatorOf(chunk.subarray(0, SAMPLE))
    if (separator === null) {
      yield chunk
      continue
    }
    const parts = (rest + chunk.toString('latin1')).split(separator)
    rest = parts.pop() ?? ''
    for (const part of parts) yield Buffer.from(`${part}\n`, 'latin1')
  }
  if (rest !== '') yield Buffer.from(rest, 'latin1')
}

/**
 * The bytes of a log in UTF-8 with line feeds: as they are, or decoded where a mark or zeros at their begin say that they are UTF-16
 * or UTF-32; without that mark; with line feeds in the place of what another system ends lines with.
 */
export function utf8(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  return separated(decoded(chunks))
}

async function* decoded(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | null = Buffer.alloc(0)
  let decode: ((chunk: Buffer) => string) | null = null
  for await (const chunk of chunks) {
    let bytes = chunk
    if (head !== null) {
      head = Buffer.concat([head, chunk])
      if (head.length < 4) continue
      const encoding = encodingOf(head)
      decode = encoding === null ? null : decoderOf(encoding)
      bytes = decode === null ? withoutMark(head) : head
      head = null
    }
    yield decode === null ? bytes : Buffer.from(decode(bytes), 'utf8')
  }
  if (head !== null && head.length > 0) yield withoutMark(head)
  else if (decode !== null) yield Buffer.from(decode(Buffer.alloc(0)), 'utf8')
}
