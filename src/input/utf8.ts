/** What a text in UTF-16 begins with, as a shell on Windows writes it into a file. */
const LITTLE = [0xff, 0xfe]
const BIG = [0xfe, 0xff]
/** The same of UTF-8, which needs none. */
const UTF8 = [0xef, 0xbb, 0xbf]

const begins = (head: Buffer, mark: readonly number[]): boolean => mark.every((byte, i) => head[i] === byte)

/** Which of both a text is: by its mark, or as of ASCII characters every second byte is zero. No log in UTF-8 holds a zero. */
export function utf16Of(bytes: Buffer): 'utf-16le' | 'utf-16be' | null {
  if (begins(bytes, LITTLE)) return 'utf-16le'
  if (begins(bytes, BIG)) return 'utf-16be'
  const sample = bytes.subarray(0, 16 * 1024)
  const zeros = [0, 0]
  for (let i = 0; i < sample.length; i++) if (sample[i] === 0) zeros[i % 2] = (zeros[i % 2] ?? 0) + 1
  const [even = 0, odd = 0] = zeros
  if (Math.max(even, odd) <= sample.length * 0.4 || Math.min(even, odd) >= sample.length * 0.05) return null
  return odd > even ? 'utf-16le' : 'utf-16be'
}

/** The bytes of a log as they are, or in UTF-8 where a mark at their begin says that they are UTF-16; without that mark. */
export async function* utf8(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | null = Buffer.alloc(0)
  let decoder: InstanceType<typeof TextDecoder> | null = null
  for await (const chunk of chunks) {
    let bytes = chunk
    if (head !== null) {
      head = Buffer.concat([head, chunk])
      if (head.length < 3) continue
      const encoding = utf16Of(head)
      decoder = encoding === null ? null : new TextDecoder(encoding)
      bytes = decoder === null && begins(head, UTF8) ? head.subarray(3) : head
      head = null
    }
    // The decoder takes the mark away, and keeps half a character for the next chunk.
    yield decoder === null ? bytes : Buffer.from(decoder.decode(bytes, { stream: true }), 'utf8')
  }
  if (head !== null && head.length > 0) yield head
  else if (decoder !== null) yield Buffer.from(decoder.decode(), 'utf8')
}
