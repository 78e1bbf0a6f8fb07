import { FusetraceError } from '../../errors.js'
import type { WaitOptions } from './machine.js'

/** Refuses what is no options of a wait. @throws FT_USAGE */
export function checkOptions({ timeoutMs, since }: WaitOptions): void {
  if (timeoutMs !== undefined && !(timeoutMs >= 0)) {
    throw new FusetraceError('FT_USAGE', `timeoutMs must be a number of milliseconds, not ${timeoutMs}`)
  }
  if (since !== undefined && typeof since?.line !== 'number') {
    throw new FusetraceError('FT_USAGE', 'since must be a mark', {
      hint: 'take one with session.mark() or monitor.mark()',
    })
  }
}
