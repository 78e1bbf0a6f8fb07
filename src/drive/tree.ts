import type { Raw } from '../line/line.js'
import { Errno, isErrno } from '../vfs/errno.js'
import { ROOT_ID } from '../wire/index.js'
import { count, type Target } from './step.js'

interface Known {
  nodeId: bigint
  nlookup: bigint
}

/** An open file or directory of the driven daemon. */
export interface Handle {
  readonly fh: bigint
  readonly nodeId: bigint
  /** Where the next listing goes on. */
  cookie: bigint
  /** Where the next read and write are, when the recording does not say. */
  position: bigint
}

export const parentOf = (path: Raw): Raw => path.slice(0, Math.max(1, path.lastIndexOf('/')))
export const nameOf = (path: Raw): Raw => path.slice(path.lastIndexOf('/') + 1)

/** The driven daemon's nodes by path, and its open files. */
export class Tree {
  readonly #target: Target
  readonly #nodes = new Map<Raw, Known>([['/', { nodeId: ROOT_ID, nlookup: 0n }]])
  /** Nodes whose names are gone, until they are forgotten. */
  readonly #gone = new Map<Raw, Known>()
  readonly #handles = new Map<Raw, Handle[]>()

  constructor(target: Target) {
    this.#target = target
  }

  /** A path's node. One that is not known yet is looked up, and remarked on. @throws {Errno} */
  async node(path: Raw): Promise<bigint> {
    const known = this.#nodes.get(path)
    if (known) return known.nodeId
    const [open] = this.#handles.get(path) ?? []
    if (open) return open.nodeId
    const parent = await this.node(parentOf(path))
    count(this.#target.remarks.added, 'lookup')
    const { entry } = await this.#target.connection.ask('lookup', parent, { name: Buffer.from(nameOf(path), 'latin1') })
    // Node 0 says that there is nothing: no request may name it.
    if (entry.nodeId === 0n) throw new Errno('ENOENT')
    this.add(path, entry.nodeId)
    return entry.nodeId
  }

  /** As `node`, but null when there is none. */
  async nodeOrNull(path: Raw): Promise<bigint | null> {
    try {
      return await this.node(path)
    } catch (error) {
      if (isErrno(error)) return null
      throw error
    }
  }

  /** The daemon has named a node. */
  add(path: Raw, nodeId: bigint): void {
    if (nodeId === 0n) return
    const known = this.#nodes.get(path)
    if (known?.nodeId === nodeId) known.nlookup++
    else this.#nodes.set(path, { nodeId, nlookup: 1n })
  }

  /** A name is gone. */
  remove(path: Raw): void {
    for (const [known, node] of [...this.#nodes]) {
      if (known !== path && !known.startsWith(`${path}/`)) continue
      this.#nodes.delete(known)
      this.#gone.set(known, node)
    }
  }

  /** What was at one path, and below it, is at another. */
  move(from: Raw, to: Raw): void {
    this.remove(to)
    for (const table of [this.#nodes, this.#handles] as Map<Raw, unknown>[]) {
      for (const [path, what] of [...table]) {
        if (path !== from && !path.startsWith(`${from}/`)) continue
        table.delete(path)
        table.set(to + path.slice(from.length), what)
      }
    }
  }

  /** Takes back all lookups of a path's node. Null when nothing is known of it. */
  forget(path: Raw): Known | null {
    const known = this.#gone.get(path) ?? this.#nodes.get(path) ?? null
    if (known?.nodeId === ROOT_ID) return null
    if (!this.#gone.delete(path)) this.#nodes.delete(path)
    return known
  }

  opened(path: Raw, nodeId: bigint, fh: bigint): void {
    const handles = this.#handles.get(path) ?? []
    handles.push({ fh, nodeId, cookie: 0n, position: 0n })
    this.#handles.set(path, handles)
  }

  /** The file that is open at a path: the latest, or for a release the earliest. */
  handle(path: Raw, release: boolean): Handle | null {
    const handles = this.#handles.get(path) ?? []
    return (release ? handles.shift() : handles.at(-1)) ?? null
  }
}
