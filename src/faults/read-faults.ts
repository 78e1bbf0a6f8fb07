import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { FusetraceError } from '../errors.js'
import { checkFault, type FaultSpec } from './fault.js'

/** What a file of faults holds. */
export interface FaultFile {
  readonly faults: readonly FaultSpec[]
  /** Of their probabilities. */
  readonly seed?: number
}

/** Longest file of faults, bytes. */
const MAX_BYTES = 1024 * 1024

/**
 * Reads faults from a file: a list of them, or `{ seed, faults }`, as JSON or as YAML.
 *
 * @throws FT_INPUT when it cannot be read, FT_USAGE when a fault in it is wrong
 */
export async function readFaults(path: string): Promise<FaultFile> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new FusetraceError('FT_INPUT', `cannot read ${path}: ${(cause as Error).message}`, { cause })
  }
  if (text.length > MAX_BYTES) throw new FusetraceError('FT_INPUT', `${path} is too long for a list of faults`)
  const value = await parse(text, path)
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

async function parse(text: string, path: string): Promise<unknown> {
  try {
    if (extname(path) === '.json') return JSON.parse(text)
    // Only whoever has such a file pays for it. Aliases could make a small file large.
    const { parse: parseYaml } = await import('yaml')
    return parseYaml(text, { maxAliasCount: 0 })
  } catch (cause) {
    const message = (cause as Error).message.split('\n')[0]
    throw new FusetraceError('FT_INPUT', `${path} is neither JSON nor YAML: ${message}`, { cause })
  }
}
