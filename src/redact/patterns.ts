import { FusetraceError } from '../errors.js'
import type { Raw } from '../line/line.js'
import { encode } from '../line/text.js'
import type { Found } from './shapes.js'

/**
 * A pattern of the user's, for texts of bytes.
 *
 * @param source a regular expression, or its source; with a group, the group alone is replaced
 * @throws FT_USAGE when it is none, or matches the empty text
 */
export function redactPattern(source: string | RegExp): RegExp {
  const [text, flags] = typeof source === 'string' ? [source, ''] : [source.source, source.flags]
  let pattern: RegExp
  try {
    // Names in logs are bytes.
    pattern = new RegExp(encode(text), `dg${flags.includes('i') ? 'i' : ''}${flags.includes('s') ? 's' : ''}`)
  } catch (error) {
    throw new FusetraceError(
      'FT_USAGE',
      `--redact ${text} is no regular expression: ${(error as Error).message.replace(/^.*: /, '')}`,
      {
        hint: 'for example --redact "customer-\\d+"; with a group only the group is replaced',
      },
    )
  }
  if (pattern.test('')) {
    throw new FusetraceError(
      'FT_USAGE',
      `--redact ${text || '""'} matches the empty text, so it would replace everything`,
      {
        hint: 'write + for *',
      },
    )
  }
  pattern.lastIndex = 0
  return pattern
}

/** Where the user's patterns match. */
export function findPatterns(text: Raw, patterns: readonly RegExp[]): Found[] {
  const found: Found[] = []
  for (const pattern of patterns) {
    for (const match of text.matchAll(pattern)) {
      const [start, end] = match.indices?.[match[1] === undefined ? 0 : 1] ?? [0, 0]
      if (end > start) found.push({ start, end, kind: 'redacted' })
    }
  }
  return found
}
