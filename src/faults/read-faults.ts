import { closeSync, openSync, readSync } from 'node:fs'
import { extname } from 'node:path'
import { FusetraceError } from '../errors.js'
import { checkKeys } from '../known-keys.js'
import { checkFault, type FaultSpec } from './fault.js'

/** What a file of faults holds. */
export interface FaultFile {
  readonly faults: readonly FaultSpec[]
  /** Of their probabilities. */
  readonly seed?: number
}

/** Longest file of faults, bytes. Of longer ones the reader of YAML would make a matter of minutes. */
const MAX_BYTES = 64 * 1024

/**
 * Reads faults from a file: a list of them, or `{ seed, faults }`, as JSON or as YAML.
 *
 * @throws FT_INPUT when it cannot be read, FT_USAGE when a fault in it is wrong
 */
export async function readFaults(path: string): Promise<FaultFile> {
  const value = await parse(readText(path), path)
  if (typeof value === 'object' && !Array.isArray(value)) checkKeys(`a field of ${path}`, value, ['faults', 'seed'])
  const { faults, seed } = Array.isArray(value) ? { faults: value, seed: undefined } : ((value ?? {}) as FaultFile)
  if (!Array.isArray(faults)) {
    throw new FusetraceError('FT_USAGE', `${path} holds no list of faults`, {
      hint: 'for example: [{ "opcode": "write", "nth": 3, "errno": "ENOSPC" }]',
    })
  }
  if (seed !== undefined && !Number.isSafeInteger(seed)) {
    throw new FusetraceError('FT_USAGE', `${path}: "seed" must be a whole number`)
  }
  for (const [i, fault] of faults.entries()) {
    try {
      checkFault(fault)
      // A test opens its gates; nobody would open one of a file.
      if (fault.hold === true) {
        throw new FusetraceError('FT_USAGE', '"hold" is for tests, which open its gate', {
          hint: 'use delayMs, or drop with instead for a request that is never answered',
        })
      }
    } catch (error) {
      if (!(error instanceof FusetraceError)) throw error
      const { hint } = error
      throw new FusetraceError(
        'FT_USAGE',
        `${path}, fault ${i + 1}: ${error.message}`,
        hint === undefined ? {} : { hint },
      )
    }
  }
  return { faults, ...(seed !== undefined && { seed }) }
}

/** A file's text: no more of it than is taken, whatever it is. */
function readText(path: string): string {
  const bytes = Buffer.alloc(MAX_BYTES + 1)
  let length = 0
  try {
    const fd = openSync(path, 'r')
    try {
      for (let more = 1; more > 0 && length < bytes.length; length += more)
        more = readSync(fd, bytes, length, bytes.length - length, null)
    } finally {
      closeSync(fd)
    }
  } catch (cause) {
    throw new FusetraceError('FT_INPUT', `cannot read ${path}: ${(cause as Error).message}`, { cause })
  }
  if (length <= MAX_BYTES) return bytes.toString('utf8', 0, length)
  throw new FusetraceError('FT_INPUT', `${path} is too long for a list of faults`, {
    hint: `at most ${MAX_BYTES / 1024} KiB: write one fault for many requests (opcode, path with *, times, probability)`,
  })
}

async function parse(text: string, path: string): Promise<unknown> {
  try {
    if (extname(path) === '.json') return JSON.parse(text)
    // Only whoever has such a file pays for it. Aliases could make a small file large.
    const { parse: parseYaml } = await import('yaml')
    return parseYaml(text, { maxAliasCount: 0, logLevel: 'error' })
  } catch (cause) {
    const message = (cause as Error).message.split('\n')[0]
    throw new FusetraceError('FT_INPUT', `${path} is neither JSON nor YAML: ${message}`, { cause })
  }
}
