import { createReadStream } from 'node:fs'
import type { Readable, Transform } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { FusetraceError } from '../errors.js'

/**
 * The bytes of a file, or of stdin for `-`, in chunks; gzip is undone wherever it is found.
 *
 * @throws FT_INPUT when it cannot be read or its gzip is damaged
 */
export async function* inputChunks(path: string): AsyncGenerator<Buffer> {
  const source: Readable = path === '-' ? process.stdin : createReadStream(path)
  const shown = path === '-' ? 'stdin' : path
  try {
    const chunks = source[Symbol.asyncIterator]()
    const first = await chunks.next()
    if (first.done) return
    const begin = first.value as Buffer
    if (begin[0] !== 0x1f || begin[1] !== 0x8b) {
      yield begin
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value as Buffer
      return
    }
    yield* unzipped(begin, chunks)
  } catch (cause) {
    if (cause instanceof FusetraceError) throw cause
    throw new FusetraceError('FT_INPUT', `cannot read ${shown}: ${(cause as Error).message}`, {
      hint: 'check the name; plain files and gzip are read, - is stdin',
      cause,
    })
  } finally {
    if (path !== '-') source.destroy()
  }
}

async function* unzipped(begin: Buffer, chunks: AsyncIterator<unknown>): AsyncGenerator<Buffer> {
  const gunzip: Transform = createGunzip()
  const feed = async (): Promise<void> => {
    gunzip.write(begin)
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
      if (!gunzip.write(next.value)) await new Promise((resolve) => gunzip.once('drain', resolve))
    }
    gunzip.end()
  }
  feed().catch((error) => gunzip.destroy(error as Error))
  for await (const chunk of gunzip) yield chunk as Buffer
}
