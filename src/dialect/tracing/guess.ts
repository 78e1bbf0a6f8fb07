import type { OperationFacts, RequestEvent } from '../core/dialect.js'
import { GuessedNodes } from '../nodes/guessed-nodes.js'

/** After so many requests it shows whether words show paths; where they are not rare, nothing needs to be guessed. */
const MIN_REQUESTS = 12
/** Rare is one in so many requests. */
const RARE = 32

/** Paths concluded from which node is used next, in logs whose words show few or none. */
export class PathGuess {
  #nodes: GuessedNodes | null = new GuessedNodes()
  #requests = 0

  /** Adds what can be concluded to the event that begins a request. `reported`: how many paths words have shown so far. */
  add(started: RequestEvent, facts: OperationFacts, reported: number, identified: boolean): void {
    const nodes = this.#nodes
    if (nodes === null) return
    this.#requests++
    if (this.#requests > MIN_REQUESTS && reported * RARE > this.#requests) {
      this.#nodes = null
      return
    }
    const { path = facts.path, newPath = facts.newPath } = nodes.request(started.opcode, facts)
    // A span with an id is of a program that shows no paths.
    if (this.#requests > MIN_REQUESTS || identified) {
      const known = path ?? placeOf(nodes, started.opcode, facts)
      if (known !== undefined) started.path = known
      if (newPath !== undefined) started.newPath = newPath
    }
    nodes.answered(started.opcode, facts)
    if (started.forgets) nodes.forget(started.forgets)
  }

  /** A request turned out to have failed. */
  failed(opcode: string, facts: OperationFacts): void {
    this.#nodes?.failed(opcode, facts)
  }
}

/** The path of a node that became known before paths were shown, or of an entry in it. */
function placeOf(nodes: GuessedNodes, opcode: string, { nodeId, entry }: OperationFacts): string | undefined {
  const path = nodeId === undefined || nodeId === '1' || opcode === 'link' ? null : nodes.path(nodeId)
  return path === null ? undefined : entry === undefined ? path : `${path}/${entry}`
}
