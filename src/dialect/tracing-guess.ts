import type { OperationFacts, RequestEvent } from './dialect.js'
import { GuessedNodes } from './guessed-nodes.js'

/** After so many paths in words, if they are not rare, nothing needs to be guessed. */
const MOST_TOLD = 8
/** Rare is one in so many requests. */
const RARE = 8

/** Paths told by which node is used next, in logs whose words tell few or none. */
export class PathGuess {
  #nodes: GuessedNodes | null = new GuessedNodes()
  #requests = 0

  /** Adds what can be told to the event that begins a request. `told`: how many paths words have told so far. */
  add(started: RequestEvent, facts: OperationFacts, told: number): void {
    const nodes = this.#nodes
    if (nodes === null) return
    this.#requests++
    if (told >= MOST_TOLD && told * RARE > this.#requests) {
      this.#nodes = null
      return
    }
    const { path, newPath } = nodes.request(started.opcode, facts)
    if (path !== undefined) started.path = path
    if (newPath !== undefined) started.newPath = newPath
    nodes.answered(started.opcode, facts)
    if (started.forgets) nodes.forget(started.forgets)
  }

  /** A request turned out to have failed. */
  failed(opcode: string, facts: OperationFacts): void {
    this.#nodes?.failed(opcode, facts)
  }
}
