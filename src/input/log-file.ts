import { createReadStream, statSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { FusetraceError } from '../errors.js'
import { printable } from '../line/text.js'
import { utf8 } from './utf8.js'

/**
 * The bytes of a log from its begin to its end: a file, plain or gzip, or standard input (`-`).
 *
 * @throws {FusetraceError} `FT_INPUT` when it cannot be read or its gzip is damaged
 */
export async function* readLog(path: string): AsyncGenerator<Buffer> {
  const name = path === '-' ? 'standard input' : printable(path)
  try {
    if (path !== '-' && statSync(path).isDirectory()) throw new Error('it is a directory')
    yield* utf8(plain(path === '-' ? process.stdin : createReadStream(path)))
  } catch (error) {
    if (error instanceof FusetraceError) throw error
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'there is no such file' : message
    throw new FusetraceError('FT_INPUT', `cannot read ${name}: ${why}`, {
      hint: 'give the path of a log, plain or gzip, or - for standard input',
      cause: error,
    })
  }
}

async function* plain(source: Readable): AsyncGenerator<Buffer> {
  let head = Buffer.alloc(0)
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  while (head.length < 2) {
    const next = await chunks.next()
    if (next.done) break
    head = Buffer.concat([head, next.value])
  }
  const rest = { [Symbol.asyncIterator]: () => chunks }
  if (head[0] !== 0x1f || head[1] !== 0x8b) {
    if (head.length > 0) yield head
    yield* rest
    return
  }
  const gunzip = createGunzip()
  const feeding = (async () => {
    gunzip.write(head)
    for await (const chunk of rest) {
      if (!gunzip.write(chunk)) await new Promise((resolve) => gunzip.once('drain', resolve))
    }
    gunzip.end()
  })()
  feeding.catch((error) => gunzip.destroy(error as Error))
  yield* gunzip as AsyncIterable<Buffer>
  await feeding
}
