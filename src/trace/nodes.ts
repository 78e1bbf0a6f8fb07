import type { NodeId } from '../dialect/core/dialect.js'
import { effectOf, isRename } from '../dialect/core/effects.js'
import type { Raw } from '../line/line.js'
import type { TraceRequest } from './event.js'

/** The directory that a path is in. */
export const parentOf = (path: Raw): Raw => path.slice(0, path.lastIndexOf('/')) || '/'
/** The last name of a path. */
export const nameOf = (path: Raw): Raw => path.slice(path.lastIndexOf('/') + 1)

/** Which node each path stands for, as a kernel and a daemon would have it. */
export class Nodes {
  readonly #ids = new Map<Raw, NodeId>([['/', '1']])
  /** What paths stood for that were removed: whoever holds them open still means that. */
  readonly #gone = new Map<Raw, NodeId>()
  /** Nodes that ever had several names. */
  readonly #linked = new Set<NodeId>()
  #next = 2
  /** The node that a path of `before` had then. */
  readonly #first = new Map<Raw, NodeId>([['/', '1']])
  /** Paths that were used and nobody had made: they were there before, in the order of their need. */
  readonly before: Raw[] = []

  /** The node of a path that is used: one that was there before, where nothing has made it. */
  use(path: Raw): NodeId {
    const known = this.#ids.get(path) ?? this.#gone.get(path)
    if (known !== undefined) return known
    this.use(parentOf(path))
    const id = this.#make(path)
    this.before.push(path)
    this.#first.set(path, id)
    return id
  }

  /** The node that a path stood for at the beginning. */
  known(path: Raw): NodeId {
    return this.#first.get(path) ?? '1'
  }

  /** How many names a node has. */
  links(id: NodeId | null): number {
    if (id === null || !this.#linked.has(id)) return 1
    let count = 0
    for (const other of this.#ids.values()) if (other === id) count++
    return Math.max(1, count)
  }

  /** The node that a successful request is answered with. */
  made({ opcode, path, newPath }: TraceRequest): NodeId {
    if (opcode === 'link' && newPath !== undefined) {
      const id = this.use(path)
      this.#ids.set(newPath, id)
      this.#linked.add(id)
      return id
    }
    // Of what is made, another node than of what may have been there.
    const known = opcode === 'lookup' ? this.#ids.get(path) : undefined
    return known ?? this.#make(path)
  }

  /** A request went well. */
  done(request: TraceRequest): void {
    const { opcode, path, newPath } = request
    if (isRename(opcode) && newPath !== undefined) this.#move(path, newPath, ((request.values.flags ?? 0) & 2) !== 0)
    else if (effectOf(opcode).removes !== undefined || opcode === 'forget') {
      const id = this.#ids.get(path)
      if (id !== undefined && opcode !== 'forget') this.#gone.set(path, id)
      this.#ids.delete(path)
    }
  }

  #make(path: Raw): NodeId {
    const id = String(this.#next++)
    this.#ids.set(path, id)
    return id
  }

  #move(from: Raw, to: Raw, exchange: boolean): void {
    const moved = this.#take(from)
    const other = this.#take(to)
    for (const [rest, id] of moved) this.#ids.set(to + rest, id)
    if (exchange) for (const [rest, id] of other) this.#ids.set(from + rest, id)
  }

  /** Takes a path and all below it away. */
  #take(path: Raw): [rest: Raw, id: NodeId][] {
    const taken: [Raw, NodeId][] = []
    for (const [known, id] of this.#ids) {
      if (known !== path && !known.startsWith(`${path}/`)) continue
      taken.push([known.slice(path.length), id])
      this.#ids.delete(known)
    }
    return taken
  }
}
