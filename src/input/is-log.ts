import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { FusetraceError } from '../errors.js'
import { isRecording } from '../recording/format.js'
import { encodingOf } from './utf8.js'

/** Looked at, of the first bytes. */
const SAMPLE = 16 * 1024
/** A smaller beginning says nothing. */
const MIN = 64
/** Logs hold names of any bytes, but mostly text. */
const MAX_SHARE = 0.05

/** Whether a regular file begins as a recording does. */
export function beginsAsRecording(path: string): boolean {
  const bytes = Buffer.alloc(16)
  try {
    // What is read of a pipe is gone.
    if (path === '-' || !statSync(path).isFile()) return false
    const file = openSync(path, 'r')
    try {
      return isRecording(bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0)))
    } finally {
      closeSync(file)
    }
  } catch {
    // Whoever reads it says what is wrong with it.
    return false
  }
}

/**
 * Whether these can be the first bytes of a log.
 *
 * @param anyBytes also what does not look like text: somebody has said what it is
 * @throws FT_INPUT when they are a recording's, or no text
 */
export function checkIsLog(first: Uint8Array, anyBytes: boolean): void {
  const bytes = Buffer.from(first.buffer, first.byteOffset, Math.min(first.byteLength, SAMPLE))
  if (isRecording(bytes)) {
    throw new FusetraceError('FT_INPUT', 'this is a recording already', {
      hint: 'fusetrace show and info read it as it is',
    })
  }
  if (anyBytes || bytes.length < MIN || encodingOf(bytes) !== null) return
  let control = 0
  for (const byte of bytes) if ((byte < 0x20 && !isBlank(byte)) || byte === 0x7f) control++
  if (control / bytes.length <= MAX_SHARE) return
  throw new FusetraceError('FT_INPUT', 'this is no log: it is full of bytes that are no text', {
    hint: 'to import it all the same, say what it is with --dialect',
  })
}

/** Tab, line feed, vertical tab, form feed, carriage return, escape. */
const isBlank = (byte: number): boolean => (byte >= 9 && byte <= 13) || byte === 0x1b
