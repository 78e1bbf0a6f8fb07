import { FusetraceError } from '../errors.js'
import { redactPattern } from '../redact/patterns.js'
import type { RedactOption } from '../redact/redaction.js'

export const REDACT_HELP =
  'also replace what this regular expression matches (with a group: the group); may be given several times'

/** Collects an option that may be given several times. */
export const repeated = (value: string, before: readonly string[] | undefined): string[] => [...(before ?? []), value]

/**
 * `--redact` and `--raw` as an option of what records.
 *
 * @throws FT_USAGE for both, and for a pattern that is none
 */
export function redactOption({ redact, raw }: { redact?: readonly string[]; raw?: boolean }): {
  redact?: RedactOption
} {
  if (raw && redact) {
    throw new FusetraceError('FT_USAGE', '--raw and --redact exclude each other', { hint: 'give one of them' })
  }
  for (const pattern of redact ?? []) redactPattern(pattern)
  return raw ? { redact: false } : redact ? { redact } : {}
}
