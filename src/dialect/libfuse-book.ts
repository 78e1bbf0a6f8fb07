import type { Raw } from '../line/line.js'
import type { NodeId } from './dialect.js'

/**
 * The names in each directory, by their lengths, as far as a low-level program's lines told them. A request that names an
 * entry without a line about it (unlink, rmdir, rename) still tells the name's length.
 */
export class NameBook {
  readonly #directories = new Map<NodeId, Map<number, Map<Raw, NodeId>>>()
  /** Where each node's names are. */
  readonly #places = new Map<NodeId, [NodeId, Raw][]>()

  get empty(): boolean {
    return this.#directories.size === 0
  }

  /** A name was looked up or made. */
  bind(parent: NodeId, name: Raw, node: NodeId): void {
    const names = this.#names(parent, name.length)
    if (names.get(name) === node) return
    names.set(name, node)
    const places = this.#places.get(node)
    if (places === undefined) this.#places.set(node, [[parent, name]])
    else if (places.length < 4096) places.push([parent, name])
  }

  /** The names of a length in a directory, with their nodes. */
  ofLength(parent: NodeId, length: number): readonly (readonly [Raw, NodeId])[] {
    return [...(this.#directories.get(parent)?.get(length) ?? [])]
  }

  /** A name is gone. Returns its node. */
  drop(parent: NodeId, name: Raw): NodeId | null {
    const directory = this.#directories.get(parent)
    const names = directory?.get(name.length)
    const node = names?.get(name) ?? null
    names?.delete(name)
    if (names?.size === 0) directory?.delete(name.length)
    if (directory?.size === 0) this.#directories.delete(parent)
    const places = node === null ? undefined : this.#places.get(node)
    if (places && node !== null) {
      const left = places.filter(([p, n]) => p !== parent || n !== name)
      if (left.length > 0) this.#places.set(node, left)
      else this.#places.delete(node)
    }
    return node
  }

  /** A name was moved; what was at the new one is gone, or with `exchange` at the old. */
  move(parent: NodeId, name: Raw, newParent: NodeId, newName: Raw, exchange: boolean): void {
    const node = this.drop(parent, name)
    const there = this.drop(newParent, newName)
    if (node !== null) this.bind(newParent, newName, node)
    if (exchange && there !== null) this.bind(parent, name, there)
  }

  /** The kernel forgot a node: none of its names is in its cache any more. */
  forget(node: NodeId): void {
    for (const [parent, name] of this.#places.get(node) ?? []) this.drop(parent, name)
  }

  #names(parent: NodeId, length: number): Map<Raw, NodeId> {
    let directory = this.#directories.get(parent)
    if (directory === undefined) {
      directory = new Map()
      this.#directories.set(parent, directory)
    }
    let names = directory.get(length)
    if (names === undefined) {
      names = new Map()
      directory.set(length, names)
    }
    return names
  }
}
