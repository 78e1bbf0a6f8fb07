import type { Raw } from '../../line/line.js'
import type { NodeId } from '../core/dialect.js'

/**
 * The names in each directory, by their lengths, as far as a low-level program's lines showed them. A request that names an
 * entry without a line about it (unlink, rmdir, rename) still shows the name's length.
 */
export class NameBook {
  readonly #directories = new Map<NodeId, Map<number, Map<Raw, NodeId>>>()
  /** Directories, and the lengths of which names may be gone; with the nodes that are not lost yet. */
  readonly #blurred = new Map<NodeId, Map<number, Set<NodeId>>>()
  /** Names up to this length may be anywhere without having been shown. */
  #unreported = 0
  /** Where each node's names are. */
  readonly #places = new Map<NodeId, [NodeId, Raw][]>()

  get empty(): boolean {
    return this.#directories.size === 0
  }

  /** A name was looked up or made. `0` is a node that is not known. */
  bind(parent: NodeId, name: Raw, node: NodeId): void {
    const names = this.#names(parent, name.length)
    if (node !== '0') this.#blurred.get(parent)?.get(name.length)?.add(node)
    if (names.get(name) === node) return
    names.set(name, node)
    if (node === '0') return
    const places = this.#places.get(node)
    if (places === undefined) this.#places.set(node, [[parent, name]])
    else if (places.length < 4096) places.push([parent, name])
  }

  /** The names of a length in a directory, with their nodes. */
  ofLength(parent: NodeId, length: number): readonly (readonly [Raw, NodeId])[] {
    return [...(this.#directories.get(parent)?.get(length) ?? [])]
  }

  /** What a name stands for; null when it is not known. */
  node(parent: NodeId, name: Raw): NodeId | null {
    return this.#directories.get(parent)?.get(name.length)?.get(name) ?? null
  }

  /** A node's names, with their directories. */
  places(node: NodeId): readonly (readonly [NodeId, Raw])[] {
    return this.#places.get(node) ?? []
  }

  /** The one name of a length in a directory, when there can be no other (but that of `besides`). */
  only(parent: NodeId, length: number, besides?: NodeId): Raw | null {
    const names = this.#directories.get(parent)?.get(length)
    if (names === undefined || names.size > 2 || !this.sure(parent, length)) return null
    const [first, ...others] = [...names].filter(([, node]) => node !== besides)
    return first === undefined || others.length > 0 ? null : first[0]
  }

  /** Whether all names of a length in a directory are known, and known to be there. */
  sure(parent: NodeId, length: number): boolean {
    return length > this.#unreported && this.#blurred.get(parent)?.has(length) !== true
  }

  /** One of the names of a length is gone, nobody knows which. */
  doubt(parent: NodeId, length: number): void {
    const blurred = this.#blurredIn(parent)
    if (blurred.has(length)) return
    blurred.set(length, new Set(this.#directories.get(parent)?.get(length)?.values()))
  }

  /** Something of a name of these lengths has another name now. Returns the nodes that it can be. */
  blur(parent: NodeId, from: number, to: number): NodeId[] {
    const nodes: NodeId[] = []
    const blurred = this.#blurredIn(parent)
    for (const [length, names] of this.#directories.get(parent) ?? []) {
      if (length < from || length > to) continue
      // Those that were lost before need not be lost again.
      nodes.push(...(blurred.get(length) ?? names.values()))
      blurred.set(length, new Set())
    }
    return nodes.filter((node) => node !== '0')
  }

  /** Something was given a name of up to this length, somewhere. */
  unreported(length: number): void {
    this.#unreported = Math.max(this.#unreported, length)
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

  #blurredIn(parent: NodeId): Map<number, Set<NodeId>> {
    const blurred = this.#blurred.get(parent) ?? new Map<number, Set<NodeId>>()
    this.#blurred.set(parent, blurred)
    return blurred
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
