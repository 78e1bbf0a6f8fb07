import type { NodeId } from '../dialect/core/dialect.js'
import type { Raw } from '../line/line.js'
import { detachSlice } from '../line/text.js'
import { type Entry, type NamePlace, NameTree, newEntry } from './name-tree.js'

interface Node {
  readonly id: NodeId
  /** Its living names, in the order in which they were last used. */
  names: Set<Entry<Node>>
  /** The latest of them, or the last one that it had. */
  latest: Entry<Node> | null
  /** How often it was answered to a lookup, as far as the log showed: what FORGET counts down. */
  lookups: number
  /** It got another name, and no lookup has said since which of them is used. */
  doubtful: boolean
}

/** A place for a name: the directory and the name in it. Stays right when the directory moves. */
export type Place = NamePlace<Node>

/** More names than this of one node are taken for a daemon that gives the same id to everything. */
const MAX_NAMES = 4096
/** The kernel seldom has more in its caches; a trace that does not show what it forgets would grow for ever. */
const MAX_NODES = 1_000_000

/**
 * Which path a node id stands for, learnt from what the log shows. Memory is bounded by the nodes that the kernel has
 * not forgotten.
 *
 * A node whose last name was removed keeps that name (an open file that was deleted is still that file)
 * until another object takes it.
 */
export class InodeTable {
  readonly #tree = new NameTree<Node>()
  readonly #nodes = new Map<NodeId, Node>()
  /** Whether any node ever had a second name. */
  #linked = false
  readonly #maxNodes: number

  /** @param maxNodes nodes that are known at once; the oldest files are forgotten beyond */
  constructor(maxNodes: number = MAX_NODES) {
    this.#maxNodes = maxNodes
    const { root } = this.#tree
    root.node = {
      id: '1',
      names: new Set([root]),
      latest: root,
      lookups: Number.POSITIVE_INFINITY,
      doubtful: false,
    }
    this.#nodes.set('1', root.node)
  }

  /** Number of nodes known, the root included. */
  get size(): number {
    return this.#nodes.size
  }

  /** The path of a node, null when it is not known. */
  path(id: NodeId): Raw | null {
    const latest = this.#nodes.get(id)?.latest
    return latest ? this.#tree.pathOf(latest) : null
  }

  /** All paths of a node that has several names, in the order in which they were last used; null for one that has not. */
  names(id: NodeId): readonly Raw[] | null {
    if (!this.#linked) return null
    const names = this.#nodes.get(id)?.names
    if (names === undefined || names.size < 2) return null
    const paths = [...names].flatMap((name) => this.#tree.pathOf(name) ?? [])
    return paths.length < 2 ? null : paths
  }

  /** Whether nobody can say which of a node's several names is used. */
  isDoubtful(id: NodeId): boolean {
    const node = this.#nodes.get(id)
    return (node?.doubtful ?? false) && (node?.names.size ?? 0) > 1
  }

  /** A node got another name: as `bind`, and from now on either may be meant by what names only the node. */
  link(id: NodeId, place: Place, counted = false): void {
    this.bind(id, place, counted)
    const node = this.#nodes.get(id)
    if (node) node.doubtful = true
  }

  /** The path of a name in a directory that is known by its id. */
  pathIn(parent: NodeId, name: Raw): Raw | null {
    const directory = this.path(parent)
    return directory === null ? null : directory === '/' ? `/${name}` : `${directory}/${name}`
  }

  /** The id of what is at a path, null when it is not known. */
  idAt(path: Raw): NodeId | null {
    const place = this.#tree.walk(path, false)
    return place === null ? '1' : (place?.directory.children?.get(place.name)?.node?.id ?? null)
  }

  /** A name in a directory known by its id. `learn` makes a place of an unknown directory too: its path may come later. */
  place(parent: NodeId, name: Raw, learn = false): Place | null {
    const node = this.#nodes.get(parent)
    if (node?.latest) return { directory: node.latest, name }
    if (!learn) return null
    const directory = newEntry<Node>(null, '')
    this.#attach(node ?? this.#add(parent), directory)
    return { directory, name }
  }

  /** The place of a path, null for the root itself. `learn` makes the directories on the way. */
  placeAt(path: Raw, learn = false): Place | null {
    return this.#tree.walk(path, learn) ?? null
  }

  /** The log said that this id is at this place. `counted` when it was answered to a lookup. */
  bind(id: NodeId, place: Place, counted = false): void {
    if (id === '0' || id === '1') return
    const node = this.#nodes.get(id) ?? this.#add(id)
    if (counted) node.lookups++
    node.doubtful = false
    const there = place.directory.children?.get(place.name)
    if (there?.node === node) {
      if (node.latest !== there) this.#attach(node, there)
      return
    }
    const only = node.names.size === 1 ? node.latest : null
    if (only && (only.children !== null || only.parent === null) && !this.#tree.within(place.directory, only)) {
      this.#move(only, place)
      return
    }
    if (there?.node === null && there.children && node.names.size === 0) {
      this.#attach(node, there)
      return
    }
    if (there) this.#remove(there)
    const entry = newEntry(place.directory, detachSlice(place.name))
    this.#tree.put(entry)
    this.#attach(node, entry)
    if (node.names.size <= MAX_NAMES) return
    const [oldest] = node.names
    if (oldest) this.#remove(oldest)
  }

  /** Names of a node other than the one that was seen last are gone, although no line said so. */
  keepLatest(id: NodeId): void {
    const node = this.#nodes.get(id)
    if (node === undefined || node.names.size < 2) return
    for (const name of [...node.names]) if (name !== node.latest) this.#remove(name)
  }

  /** Nothing is known any more but the root. */
  reset(): void {
    const root = this.#nodes.get('1')
    this.#nodes.clear()
    if (root) this.#nodes.set('1', root)
    this.#tree.clear()
  }

  /** The name is gone: unlink, rmdir, or a lookup that found nothing. */
  unbind(place: Place): void {
    const entry = place.directory.children?.get(place.name)
    if (entry) this.#remove(entry)
  }

  /** What is at `from` is now at `to`, and all that is below it. What was at `to` is gone, or with `exchange` at `from`. */
  rename(from: Place, to: Place, exchange = false): void {
    const source = from.directory.children?.get(from.name)
    const target = to.directory.children?.get(to.name)
    if (source !== undefined && source === target) return
    if ((source && this.#tree.within(to.directory, source)) || (target && this.#tree.within(from.directory, target)))
      return
    if (target && exchange) {
      this.#tree.take(target)
      if (source) this.#move(source, to)
      this.#move(target, from)
    } else if (source) this.#move(source, to)
    else if (target && !exchange) this.#remove(target)
  }

  /** The kernel forgot a node. With a count it goes only when all that was answered is given back. */
  forget(id: NodeId, count?: number): void {
    const node = this.#nodes.get(id)
    if (node === undefined || id === '1') return
    node.lookups -= count ?? node.lookups
    if (node.lookups > 0) return
    this.#nodes.delete(id)
    for (const entry of node.names) {
      entry.node = null
      this.#tree.prune(entry)
    }
  }

  /** It is not known any more what a node is called. What is below it stays below it. */
  lose(id: NodeId): void {
    const node = this.#nodes.get(id)
    const latest = node?.latest
    if (!node || !latest?.parent) return
    for (const name of node.names) if (name !== latest) this.#remove(name)
    this.#tree.detach(latest)
  }

  #add(id: NodeId): Node {
    if (this.#nodes.size >= this.#maxNodes) this.#forgetOldest()
    const node: Node = { id, names: new Set(), latest: null, lookups: 0, doubtful: false }
    this.#nodes.set(id, node)
    return node
  }

  /** Makes room where the log does not show what the kernel has forgotten: files go before the directories that they are in. */
  #forgetOldest(): void {
    let first: NodeId | null = null
    let tries = 0
    for (const [id, { latest }] of this.#nodes) {
      if (id === '1') continue
      first ??= id
      if (latest?.children == null || latest.children.size === 0) {
        this.forget(id)
        return
      }
      if (++tries === 64) break
    }
    if (first !== null) this.forget(first)
  }

  #attach(node: Node, entry: Entry<Node>): void {
    node.names.delete(entry)
    node.names.add(entry)
    if (node.names.size > 1) this.#linked = true
    node.latest = entry
    entry.node = node
  }

  #move(entry: Entry<Node>, place: Place): void {
    const there = place.directory.children?.get(place.name)
    if (there && there !== entry) this.#remove(there)
    this.#tree.move(entry, place)
    if (entry.node) this.#attach(entry.node, entry)
  }

  #remove(entry: Entry<Node>): void {
    this.#tree.remove(entry)
    const { node } = entry
    if (!node) return
    node.names.delete(entry)
    // The name that still lives; the last one that it had when none does.
    if (node.latest === entry) for (const name of node.names) node.latest = name
  }
}
