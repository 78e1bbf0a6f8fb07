import { decode } from '../../line/text.js'
import type { Shape } from '../../template/shape.js'
import { rangesOf } from '../compare/edit.js'
import type { Side } from './finding.js'

/** A kind's example line with the differing tokens marked: of one opcode, or one that failed, where there is such a line. */
export function sideOf(shape: Shape, tokens: readonly number[], opcode?: string, failing = false): Side {
  const example = (failing ? shape.failing : null) ?? shape.examples.get(opcode ?? '') ?? shape.example
  const { raw } = example
  const at = (byte: number): number => decode(raw.slice(0, byte)).text.length
  return {
    text: decode(raw).text,
    line: example.index,
    ranges: rangesOf(example, tokens).map(([from, to]) => [at(from), at(to)]),
  }
}
