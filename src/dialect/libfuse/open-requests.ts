import type { Raw } from '../../line/line.js'
import type { NodeId, OperationFacts } from '../core/dialect.js'
import { isEntry, MAKES_NODE } from '../core/effects.js'
import type { Match, OpenRequest } from './match.js'
import { OpenMap } from './open-map.js'
import type { Head } from './words.js'

/** Requests that wait for a reply; what is older was lost. */
const MAX_OPEN = 4096

/** What lines say of an open request (of none, when they only fit). `maybe`: the name in them could go on. */
export interface Said {
  readonly open: OpenRequest | null
  readonly facts: OperationFacts | null
  readonly maybe: boolean
  readonly child: NodeId | undefined
  /** A name that was shown with its node. */
  readonly bound: { readonly parent: NodeId; readonly entry: Raw; readonly node: NodeId } | undefined
  /** The line's begin, where it is one of libfuse's high level. */
  readonly head: Head | undefined
}

/** What is said of a request (of none) by a line that shows no names, or by one that shows these. */
export const said = (
  open: OpenRequest | null,
  head?: Head,
  facts: OperationFacts | null = null,
  maybe = false,
): Said => ({ open, facts, maybe, child: undefined, bound: undefined, head })

const inside = (path: Raw, directory: Raw): boolean =>
  path.slice(0, path.lastIndexOf('/')) === (directory === '/' ? '' : directory)

/** The requests that wait for their replies, and which of them a line speaks of. */
export class OpenRequests {
  readonly #open = new OpenMap()
  /** The last path that a line showed of a node, to distinguish requests that are worked on at the same time. */
  readonly #paths = new Map<NodeId, Raw>([['1', '/']])

  /** In order of their begins. */
  all(): Iterable<OpenRequest> {
    return this.#open.values()
  }

  /** The oldest whose path was shown as this one; `more` where the path of one goes on behind it. */
  shown(path: Raw): OpenRequest | 'more' | null {
    for (const open of this.#open.values()) {
      if (open.path === null) continue
      if (open.path === path) return open
      if (open.path.length > path.length && open.path.startsWith(`${path}\n`)) return 'more'
    }
    return null
  }

  has(unique: number): boolean {
    return this.#open.get(unique) !== undefined
  }

  /** Nothing waits for a reply. */
  get none(): boolean {
    return this.#open.size === 0
  }

  /** No other request of its kind waits: what a line says that names none is of it. */
  isOnly(open: OpenRequest): boolean {
    if (this.#open.size === 1) return true
    for (const other of this.#open.values()) if (other !== open && other.opcode === open.opcode) return false
    return true
  }

  get(unique: number): OpenRequest | undefined {
    return this.#open.get(unique)
  }

  add(open: OpenRequest): void {
    this.#open.add(open)
    if (this.#open.size <= MAX_OPEN) return
    const [oldest] = this.#open.values()
    if (oldest !== undefined) this.#open.delete(oldest)
  }

  clear(): void {
    this.#open.clear()
  }

  /** A request was answered: it waits no more. */
  answered(open: OpenRequest): void {
    this.#open.delete(open)
    if (open.child !== null && open.path !== null) this.#paths.set(open.child, open.path)
  }

  /** A line showed a request's path. */
  learn(open: OpenRequest): void {
    if (!isEntry(open.opcode) && open.path !== null) this.#paths.set(open.nodeId, open.path)
  }

  /** The kernel forgot a node. */
  forget(node: NodeId): void {
    this.#paths.delete(node)
  }

  /** The oldest of these kinds. */
  first(opcodes: readonly string[]): OpenRequest | null {
    for (const open of this.#open.values()) if (opcodes.includes(open.opcode)) return open
    return null
  }

  /** The oldest of these kinds of which a line has said that its entry is not there yet. */
  unfound(opcodes: readonly string[]): OpenRequest | null {
    for (const open of this.#open.values()) if (open.found === false && opcodes.includes(open.opcode)) return open
    return null
  }

  /** `   NODEID: 2` stands in the lines of the request that it answers, also of a READDIRPLUS. Returns the request that it is taken for. */
  answeredWith(node: NodeId, last: OpenRequest | null): OpenRequest | null {
    const waits = (open: OpenRequest): boolean => open.child === null && (open.reported || open.path !== null)
    if (last && MAKES_NODE.has(last.opcode) && waits(last)) {
      last.child = node
      return last
    }
    const makes = [...this.#open.values()].filter(({ opcode }) => MAKES_NODE.has(opcode))
    const open = makes.find(waits) ?? (makes.length === 1 ? makes[0] : undefined)
    if (open) open.child = node
    return open ?? null
  }

  /**
   * Threads write between each other: a record is of the oldest request that it fits and that has not been shown yet, but
   * first of one whose node is known to be there.
   */
  match(opcodes: readonly string[], match: (open: OpenRequest) => Match, head?: Head, lenient = false): Said | 'more' {
    let more = false
    let oldest: Said | null = null
    let unknown = false
    if (lenient && !this.#only(opcodes)) return said(null)
    for (const open of this.#open.values()) {
      if (open.reported || !opcodes.includes(open.opcode)) continue
      const found = match(lenient ? { ...open, names: null } : open)
      if (found === 'more') more = true
      else if (found) {
        const says = said(open, head, found.facts, found.maybe)
        // Where it is the only one, it need not be held against others.
        const agrees = this.#open.size === 1 || this.#agrees(open, found.facts)
        if (agrees) return says
        if (oldest === null || (agrees === null && !unknown)) {
          oldest = says
          unknown = agrees === null
        }
      }
    }
    return oldest ?? (more ? 'more' : said(null))
  }

  /** Whether a shown path is where the request's node was last; null when that is not known. */
  #agrees({ opcode, nodeId }: OpenRequest, { path, newPath }: OperationFacts): boolean | null {
    const known = this.#paths.get(nodeId)
    const reported = opcode === 'link' ? newPath : path
    if (known === undefined || reported === undefined) return null
    return reported === known || (isEntry(opcode) && inside(reported, known))
  }

  /**
   * A request is answered: what it was about must have been shown by now, and its node if it went well, and a line that stands
   * right before is likelier its own than another's. Returns the request that has what was shown of this one, when two that look alike were mixed up.
   */
  mixedUp(open: OpenRequest, last: OpenRequest | null, failed: boolean): OpenRequest | null {
    const alike = (one: OpenRequest): boolean =>
      one !== open &&
      one.reported &&
      one.opcode === open.opcode &&
      one.nodeId === open.nodeId &&
      one.names === open.names
    if (open.names === null || this.#open.size < 2) return null
    const others = [...this.#open.values()].filter(alike)
    const needsNode = open.reported && open.child === null && !failed && MAKES_NODE.has(open.opcode)
    const answered = needsNode ? others.find(({ child }) => child !== null) : undefined
    if (answered) return answered
    if (open.reported) return others.find((one) => one === last) ?? null
    return others.find((one) => one === last) ?? others.at(-1) ?? null
  }

  /** Whether there is just one request that a record of this kind can be of, and it cannot be of a hidden rename. */
  #only(opcodes: readonly string[]): boolean {
    const fit = [...this.#open.values()].filter((open) => !open.reported && opcodes.includes(open.opcode))
    return fit.length === 1 && !fit[0]?.opcode.startsWith('rename')
  }
}
