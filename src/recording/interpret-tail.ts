import { dialects } from '../dialect/builtin.js'
import { Interpreter } from '../operation/interpreter.js'
import type { Interpret } from './journal-tail.js'

/**
 * For `openRecording` of an unfinished recording: the operations as well that the lines in its journal show. Apart from the
 * reader, which needs no dialect for anything else.
 *
 * @example
 * const reader = openRecording('a.fusetrace.partial', { interpret: interpretTail })
 */
export const interpretTail: Interpret = (header, onEnd) => {
  // While it is being chosen the header says `none`.
  const dialect = dialects.find(({ name }) => name === header.dialect)
  return new Interpreter({ candidates: dialects, onEnd, ...(dialect && { dialect }) })
}
