import type { Raw } from '../line/line.js'
import type { DialectEvent, NodeId, OperationFacts, ReplyEvent } from './dialect.js'
import { NameBook } from './libfuse-book.js'
import type { OpenRequest } from './libfuse-match.js'

type Emit = (event: DialectEvent) => void

/** An answered unlink whose name is one of several: the node that the kernel forgets next tells which. */
interface Held {
  readonly event: ReplyEvent
  readonly open: OpenRequest
  readonly candidates: readonly (readonly [Raw, NodeId])[]
  /** Requests that may still come before it is given up. */
  patience: number
}

/** The FORGET of an unlinked file comes at once; more requests than this between mean that it has another link. */
const PATIENCE = 6
const MOST_LOOKUPS = 1024

/**
 * Finds the names of requests that a low-level program says nothing about, from the lengths that they tell, from the
 * entries that it did tell, and from what the kernel asks for around them. What stays doubtful stays without a name.
 */
export class Unnamed {
  readonly #book = new NameBook()
  #held: Held[] = []
  /** For each process the entry that its last request looked up in vain. */
  readonly #missed = new Map<number, { readonly parent: NodeId; readonly name: Raw }>()
  readonly #renames = new Map<number, { readonly name: Raw; readonly to: NodeId; readonly newName: Raw }>()

  /** A program's line told an entry's node. */
  entry(parent: NodeId, name: Raw, node: NodeId): void {
    this.#book.bind(parent, name, node)
  }

  /** A request began. Returns what can be said of its names already. */
  request(open: OpenRequest, emit: Emit): OperationFacts | null {
    for (const held of this.#held) held.patience--
    while (this.#held[0] && this.#held[0].patience <= 0) emit((this.#held.shift() as Held).event)
    const missed = open.pid === null ? undefined : this.#missed.get(open.pid)
    if (open.pid !== null) this.#missed.delete(open.pid)
    if (this.#book.empty || open.names === null) return null
    if (open.opcode === 'unlink' || open.opcode === 'rmdir') {
      const [only, ...others] = this.#book.ofLength(open.nodeId, open.names - 1)
      if (only === undefined || others.length > 0) return null
      open.entry = only[0]
      return { entry: only[0] }
    }
    if ((open.opcode !== 'rename' && open.opcode !== 'rename2') || missed === undefined) return null
    // The new name was looked for just before, by the same process; the old one has the rest of the length.
    const [only, ...others] = this.#book.ofLength(open.nodeId, open.names - missed.name.length - 2)
    if (only === undefined || others.length > 0) return null
    this.#renames.set(open.unique, { name: only[0], to: missed.parent, newName: missed.name })
    return { entry: only[0], otherNodeId: missed.parent, otherEntry: missed.name }
  }

  /** A request ended: passes the event on, now or when its name is known. */
  reply(open: OpenRequest, event: ReplyEvent, emit: Emit): void {
    const { opcode, entry, nodeId } = open
    if (opcode === 'lookup' && event.errno === 'ENOENT' && open.pid && entry !== null) {
      if (this.#missed.size > MOST_LOOKUPS) this.#missed.clear()
      this.#missed.set(open.pid, { parent: nodeId, name: entry })
    }
    const rename = this.#renames.get(open.unique)
    this.#renames.delete(open.unique)
    if (event.status === 'ok' && !this.#book.empty) {
      if (rename) this.#book.move(nodeId, rename.name, rename.to, rename.newName, false)
      else if (opcode === 'unlink' || opcode === 'rmdir') {
        if (entry !== null) this.#book.drop(nodeId, entry)
        else if (open.names !== null && !open.told) {
          const candidates = this.#book.ofLength(nodeId, open.names - 1)
          if (candidates.length > 1) {
            this.#held.push({ event, open, candidates, patience: PATIENCE })
            return
          }
        }
      }
    }
    emit(event)
  }

  /** The kernel forgot a node: it was the one that was unlinked. */
  forget(node: NodeId, emit: Emit): void {
    const i = this.#held.findIndex(({ candidates }) => candidates.some(([, id]) => id === node))
    const [held] = i < 0 ? [] : this.#held.splice(i, 1)
    if (held) {
      const name = held.candidates.find(([, id]) => id === node)?.[0] ?? ''
      const { event } = held
      emit({ kind: 'detail', key: event.key, entry: name, atNs: event.atNs, lines: event.lines })
      emit(event)
    }
    this.#book.forget(node)
  }

  end(emit: Emit): void {
    for (const { event } of this.#held) emit(event)
    this.#held = []
  }
}
