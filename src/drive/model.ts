import type { Raw } from '../line/line.js'
import { nameOf, parentOf } from './tree.js'

export type NodeType = 'file' | 'directory' | 'symlink'

/** What a recording's operations show of a node; null where they do not. */
export interface ModelNode {
  type: NodeType | null
  size: bigint | null
  target: Raw | null
  /** Of a directory that was made in the recording: all its names. */
  names: Set<Raw> | null
}

const unknown = (): ModelNode => ({ type: null, size: null, target: null, names: null })

const isLeaf = ({ type }: ModelNode): boolean => type === 'file' || type === 'symlink'

/** A file system as far as the operations of a recording show it. Paths are raw. */
export class Model {
  readonly #nodes = new Map<Raw, ModelNode>()

  /** What is known of a path; of most that was there before, nothing. */
  at(path: Raw): ModelNode | undefined {
    return this.#nodes.get(path)
  }

  /** As `at`, to be filled in. */
  node(path: Raw): ModelNode {
    const node = this.#nodes.get(path) ?? unknown()
    this.#nodes.set(path, node)
    return node
  }

  /** Something has been made there. */
  add(path: Raw, node: Partial<ModelNode>): void {
    if (this.#nodes.has(path)) this.#drop(path)
    this.#nodes.set(path, { ...unknown(), ...node })
    this.#nodes.get(parentOf(path))?.names?.add(nameOf(path))
  }

  /** One more name of the same node. */
  link(from: Raw, to: Raw): void {
    const node = this.node(from)
    this.#nodes.set(to, node)
    this.#nodes.get(parentOf(to))?.names?.add(nameOf(to))
  }

  remove(path: Raw): void {
    this.#drop(path)
    this.#nodes.get(parentOf(path))?.names?.delete(nameOf(path))
  }

  move(from: Raw, to: Raw): void {
    if (from === to) return
    this.#drop(to)
    const one = this.#nodes.get(from)
    const moved: Iterable<[Raw, ModelNode]> = one && isLeaf(one) ? [[from, one]] : [...this.#nodes]
    for (const [path, node] of moved) {
      if (path !== from && !path.startsWith(`${from}/`)) continue
      this.#nodes.delete(path)
      this.#nodes.set(to + path.slice(from.length), node)
    }
    this.#nodes.get(parentOf(from))?.names?.delete(nameOf(from))
    this.#nodes.get(parentOf(to))?.names?.add(nameOf(to))
  }

  /** Whatever was known of a path, of what is below it, and of the names around it, may not hold any more. */
  doubt(path: Raw): void {
    this.#drop(path)
    const parent = this.#nodes.get(parentOf(path))
    if (parent) parent.names = null
  }

  #drop(path: Raw): void {
    const node = this.#nodes.get(path)
    if (node && isLeaf(node)) {
      this.#nodes.delete(path)
      return
    }
    for (const known of [...this.#nodes.keys()]) {
      if (known === path || known.startsWith(`${path}/`)) this.#nodes.delete(known)
    }
  }
}
