import { FusetraceError } from '../errors.js'

/**
 * What `--timeout` says.
 *
 * @throws FT_USAGE when it is no number above 0
 */
export function timeoutOf(text: string): number {
  const ms = Number(text)
  if (!(ms > 0)) throw new FusetraceError('FT_USAGE', `--timeout ${text} is not a number of milliseconds`)
  return ms
}
