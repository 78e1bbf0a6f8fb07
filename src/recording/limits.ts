import { FusetraceError } from '../errors.js'

/** How much of what comes from outside is taken; what is beyond is one error, or a counted loss, and takes no memory. */
export interface Limits {
  /** Bytes kept of one line, of a log, a daemon or a recording's making; what is beyond is lost and counted. @default 16 MiB */
  readonly lineBytes: number
  /** Bytes of one block of a recording, unpacked. @default 80 MiB */
  readonly blockBytes: number
  /** Values (numbers, texts, lists …) in one block of a recording. @default 2,000,000 */
  readonly blockItems: number
  /** Marks of a recording: begins and ends of steps, named moments. @default 1,000,000 */
  readonly marks: number
  /** Steps that are open at one time, each within the one before. @default 10,000 */
  readonly openSteps: number
  /** Different names of requests (opcodes), of probes and of losses in a recording. @default 10,000 */
  readonly names: number
}

const DEFAULT_LIMITS: Limits = {
  lineBytes: 16 * 1024 * 1024,
  blockBytes: 80 * 1024 * 1024,
  blockItems: 2_000_000,
  marks: 1_000_000,
  openSteps: 10_000,
  names: 10_000,
}

/**
 * The limits that hold here: the defaults, what `FUSETRACE_LIMITS` says (`marks=2000000,names=50000`), what the caller says.
 *
 * @throws FT_USAGE when the variable is not of this form
 */
export function limitsHere(given: Partial<Limits> = {}): Limits {
  const text = process.env.FUSETRACE_LIMITS
  if (!text) return { ...DEFAULT_LIMITS, ...given }
  const said: Partial<Record<keyof Limits, number>> = {}
  for (const part of text.split(',')) {
    const [, name = '', value = ''] = /^\s*(\w+)=(\d{1,15})\s*$/.exec(part) ?? []
    if (!Object.hasOwn(DEFAULT_LIMITS, name)) {
      throw new FusetraceError('FT_USAGE', `FUSETRACE_LIMITS: ${part} is no limit`, {
        hint: `it is a list of NAME=NUMBER, with the names ${Object.keys(DEFAULT_LIMITS).join(', ')}`,
      })
    }
    said[name as keyof Limits] = Number(value)
  }
  return { ...DEFAULT_LIMITS, ...said, ...given }
}

/** What is beyond a limit, as an error that says how to raise it. */
export function beyond(name: string, limit: keyof Limits, value: number, what: string): FusetraceError {
  return new FusetraceError('FT_LIMIT', `${name} holds more than ${value} ${what}`, {
    hint: `if that is meant, raise the limit: FUSETRACE_LIMITS=${limit}=NUMBER`,
  })
}
