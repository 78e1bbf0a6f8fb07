import type { Raw } from '../../line/line.js'
import type { OperationFacts } from '../core/dialect.js'
import type { GuessedNodes } from '../nodes/guessed-nodes.js'
import type { OpenRequest } from './match.js'

/** Paths of the names in a program's line, where its directories are known by guess. */
export function guessedPaths(
  guessed: GuessedNodes,
  { opcode, nodeId, pid }: OpenRequest,
  facts: OperationFacts,
  entry: Raw,
): OperationFacts | null {
  const parent = nodeId === '1' ? null : guessed.path(nodeId)
  const { otherNodeId, otherEntry } = facts
  const paths: OperationFacts = {}
  if (opcode === 'link') {
    const old = otherNodeId === undefined ? null : guessed.inspect(otherNodeId, 'file', pid)
    if (old !== null) paths.path = old
    if (parent !== null) paths.newPath = `${parent}/${entry}`
    return paths
  }
  if (parent !== null) paths.path = `${parent}/${entry}`
  if (otherNodeId !== undefined && otherNodeId !== '1' && otherEntry !== undefined) {
    const directory = guessed.inspect(otherNodeId, 'directory', pid)
    if (directory !== null) paths.newPath = `${directory}/${otherEntry}`
  }
  return paths
}
