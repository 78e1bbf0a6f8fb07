import type { Raw } from '../../line/line.js'
import type { NodeId, OperationFacts } from '../core/dialect.js'
import { effectOf, isEntry, isRemoval, isRename } from '../core/effects.js'

/** A request that was, or may have been, answered with a node: the log does not show with which. */
interface Candidate {
  readonly pid: number | null
  /** It made something: there is a node, if it did not fail. */
  readonly made: boolean
  readonly makes: Kind
  parent: NodeId
  name: Raw
  order: number
}

/** Paths that have become known by a request. */
export type FoundPaths = Pick<OperationFacts, 'path' | 'newPath'>

const NO_PATHS: FoundPaths = {}

type Kind = 'directory' | 'file' | 'symlink' | 'any'

const KINDS: Readonly<Record<string, Kind>> = {
  lookup: 'directory',
  create: 'directory',
  mkdir: 'directory',
  mknod: 'directory',
  symlink: 'directory',
  link: 'directory',
  unlink: 'directory',
  rmdir: 'directory',
  rename: 'directory',
  rename2: 'directory',
  tmpfile: 'directory',
  opendir: 'directory',
  readdir: 'directory',
  readdirplus: 'directory',
  releasedir: 'directory',
  fsyncdir: 'directory',
  open: 'file',
  read: 'file',
  write: 'file',
  flush: 'file',
  release: 'file',
  fsync: 'file',
  fallocate: 'file',
  lseek: 'file',
  readlink: 'symlink',
}

/** What a request can be answered with that gives a name to a node: of those of which a log may not show which node. */
function kindMade(opcode: string): Kind | undefined {
  if (opcode === 'lookup') return 'any'
  const { makes } = effectOf(opcode)
  return makes?.slot === 'path' && makes.type !== 'moved' ? makes.type : undefined
}

/** Requests after which a candidate that nobody has used is let go. */
const MAX_UNUSED = 64
/** A name that is looked up again so soon is one that the kernel does not keep. */
const MAX_REQUESTS_BETWEEN = 40

/**
 * Finds out which node an entry was answered with, in a log that does not show: a node that is used for the first time
 * is what was made, or looked up, just before. What stays doubtful (processes at work at the same time, names that the
 * kernel keeps) stays unknown: no path is better than a wrong one.
 */
export class GuessedNodes {
  readonly #places = new Map<NodeId, { parent: NodeId; name: Raw; order: number }>()
  readonly #names = new Map<NodeId, Map<Raw, NodeId>>()
  /** For each process the order of its last request, and of the last that named an entry. */
  readonly #latest = new Map<number, { any: number; entry: number }>()
  #candidates: Candidate[] = []
  #order = 0
  /** What has been made and never used for so long that nobody waits for it: a strange node can be one of these. */
  readonly #stale = new Set<Kind>()
  /** Nodes without a name that the kernel will forget. */
  #gone = 0
  /** Names are looked up every time: then the last lookup is always what is used next. */
  #uncached = false

  #stopped = false

  /** The log does show nodes: nothing is to be guessed. */
  stop(): void {
    this.#stopped = true
    this.#places.clear()
    this.#names.clear()
    this.#candidates = []
  }

  /** Takes the next request; returns its paths where they become known by it. */
  request(opcode: string, facts: OperationFacts): FoundPaths {
    if (this.#stopped || opcode === 'forget' || opcode === 'batch_forget') return NO_PATHS
    this.#order++
    const oldest = this.#candidates[0]
    if (oldest && this.#order - oldest.order > MAX_UNUSED) {
      this.#candidates = this.#candidates.filter(({ order, made, makes }) => {
        const waits = this.#order - order <= MAX_UNUSED
        if (!waits && made) this.#stale.add(makes)
        return waits
      })
    }
    const pid = facts.pid ?? null
    const found = this.#candidates.length === 0 ? NO_PATHS : this.#find(opcode, facts, pid)
    if (pid !== null) {
      const latest = this.#latestOf(pid)
      latest.any = this.#order
      if (isEntry(opcode)) latest.entry = this.#order
    }
    return found
  }

  #latestOf(pid: number): { any: number; entry: number } {
    const known = this.#latest.get(pid)
    if (known) return known
    if (this.#latest.size > 1024) this.#latest.clear()
    const latest = { any: 0, entry: 0 }
    this.#latest.set(pid, latest)
    return latest
  }

  /** The paths of a request's nodes that it is the first to use. */
  #find(opcode: string, { nodeId, otherNodeId, entry, otherEntry }: OperationFacts, pid: number | null): FoundPaths {
    const found: FoundPaths = {}
    if (nodeId !== undefined && this.#resolve(nodeId, KINDS[opcode] ?? 'any', pid)) {
      const path = this.path(nodeId)
      if (path !== null && opcode === 'link' && entry !== undefined) found.newPath = `${path}/${entry}`
      else if (path !== null && opcode !== 'link') found.path = entry === undefined ? path : `${path}/${entry}`
    }
    if (otherNodeId !== undefined && this.#resolve(otherNodeId, opcode === 'link' ? 'file' : 'directory', pid)) {
      const path = this.path(otherNodeId)
      if (path !== null && opcode === 'link') found.path = path
      else if (path !== null && otherEntry !== undefined) found.newPath = `${path}/${otherEntry}`
    }
    return found
  }

  /** A request was answered well, or may have been. */
  answered(opcode: string, { nodeId: parent, entry: name, otherNodeId, otherEntry, pid }: OperationFacts): void {
    if (this.#stopped || parent === undefined || name === undefined) return
    const known = this.#names.get(parent)?.get(name)
    const makes = kindMade(opcode)
    if (makes !== undefined) {
      const place = known === undefined ? undefined : this.#places.get(known)
      if (place) {
        if (opcode === 'lookup' && this.#order - place.order <= MAX_REQUESTS_BETWEEN) this.#uncached = true
        place.order = this.#order
        return
      }
      const same = this.#candidates.find((one) => one.parent === parent && one.name === name)
      if (same?.made && opcode === 'lookup') {
        same.order = this.#order
        return
      }
      this.#drop(parent, name)
      this.#candidates.push({ pid: pid ?? null, made: opcode !== 'lookup', makes, parent, name, order: this.#order })
    } else if (isRemoval(opcode)) {
      this.#drop(parent, name)
      this.#gone++
      if (known !== undefined) this.#unbind(known)
    } else if (isRename(opcode) && otherNodeId !== undefined && otherEntry !== undefined) {
      this.#drop(otherNodeId, otherEntry)
      const replaced = this.#names.get(otherNodeId)?.get(otherEntry)
      if (replaced !== undefined) {
        this.#gone++
        this.#unbind(replaced)
      }
      for (const candidate of this.#candidates) {
        if (candidate.parent !== parent || candidate.name !== name) continue
        candidate.parent = otherNodeId
        candidate.name = otherEntry
      }
      if (known === undefined) return
      this.#unbind(known)
      this.#bind(known, otherNodeId, otherEntry)
    }
  }

  /** A request turned out to have failed: what it named is not there. */
  failed(opcode: string, { nodeId: parent, entry: name }: OperationFacts): void {
    if (kindMade(opcode) !== undefined && parent !== undefined && name !== undefined) this.#drop(parent, name)
  }

  /** Something in a directory, of a name of these lengths, was renamed: nobody knows what. Returns what it can be. */
  blur(parent: NodeId, from: number, to: number): readonly NodeId[] {
    const fits = ({ length }: Raw): boolean => length >= from && length <= to
    const nodes = [...(this.#names.get(parent) ?? [])].flatMap(([name, node]) => (fits(name) ? [node] : []))
    for (const node of nodes) this.#unbind(node)
    this.removed(parent, from, to)
    return nodes
  }

  /** An entry of a name of these lengths was removed: what was made and is not known yet can be it. */
  removed(parent: NodeId, from: number, to: number): void {
    this.#candidates = this.#candidates.filter((one) => {
      const lost = one.parent === parent && one.name.length >= from && one.name.length <= to
      if (lost && one.made) this.#stale.add(one.makes)
      return !lost
    })
  }

  /** Where a node is, when it is known. */
  place(node: NodeId): { readonly parent: NodeId; readonly name: Raw } | null {
    return this.#places.get(node) ?? null
  }

  /** The kernel forgot nodes. */
  forget(nodes: readonly NodeId[]): void {
    for (const node of nodes) {
      if (!this.#places.has(node) && this.#gone > 0) this.#gone--
      this.#unbind(node)
    }
  }

  /**
   * The kernel forgot so many nodes, and the log does not show which. More than have lost their names: any can be among
   * them, and its number can come again for another. Returns those that are not known any more.
   */
  forgetSome(count: number): readonly NodeId[] {
    if (count <= this.#gone) {
      this.#gone -= count
      return []
    }
    const nodes = [...this.#places.keys()]
    this.#gone = 0
    this.#places.clear()
    this.#names.clear()
    return nodes
  }

  /** The path of a node, without the slash at the end; null when it is not known. */
  path(node: NodeId): Raw | null {
    let path = ''
    let at = node
    for (let depth = 0; at !== '1'; depth++) {
      const place = this.#places.get(at)
      if (place === undefined || depth > 2048) return null
      path = `/${place.name}${path}`
      at = place.parent
    }
    return path
  }

  /** Seeks the path of a node that a request names besides its own. */
  inspect(node: NodeId, kind: Kind, pid: number | null): Raw | null {
    this.#resolve(node, kind, pid)
    return this.path(node)
  }

  /** True when the node has become known just now. */
  #resolve(node: NodeId, kind: Kind, pid: number | null): boolean {
    if (node === '1' || node === '0' || this.#places.has(node)) return false
    const found = this.#choose(kind, pid)
    if (found === null) return false
    this.#candidates = this.#candidates.filter((candidate) => candidate !== found)
    this.#bind(node, found.parent, found.name)
    return true
  }

  #choose(kind: Kind, pid: number | null): Candidate | null {
    let fit = this.#candidates.filter(({ makes }) => makes === 'any' || kind === 'any' || makes === kind)
    if (pid !== null && fit.some((candidate) => candidate.pid === pid)) fit = fit.filter((one) => one.pid === pid)
    const before = this.#order - 1
    const latest = pid === null ? { any: before, entry: before } : this.#latest.get(pid)
    // What was only looked up may never be used: it must have been asked for right before.
    const just = fit.find((one) => one.order === (one.made ? latest?.entry : latest?.any))
    const made = fit.filter((candidate) => candidate.made)
    if (just?.made) return made.length === 1 ? just : null
    if (made.length > 0) return made.length === 1 && !just && !this.#couldBeStale(kind) ? (made[0] ?? null) : null
    return just && (fit.length === 1 || this.#uncached) ? just : null
  }

  #couldBeStale(kind: Kind): boolean {
    return kind === 'any' ? this.#stale.size > 0 : this.#stale.has(kind)
  }

  #drop(parent: NodeId, name: Raw): void {
    this.#candidates = this.#candidates.filter((candidate) => candidate.parent !== parent || candidate.name !== name)
  }

  #bind(node: NodeId, parent: NodeId, name: Raw): void {
    this.#places.set(node, { parent, name, order: this.#order })
    const names = this.#names.get(parent) ?? new Map<Raw, NodeId>()
    this.#names.set(parent, names.set(name, node))
  }

  #unbind(node: NodeId): void {
    const place = this.#places.get(node)
    if (place === undefined) return
    this.#places.delete(node)
    const names = this.#names.get(place.parent)
    if (names?.get(place.name) === node) names.delete(place.name)
    if (names?.size === 0) this.#names.delete(place.parent)
  }
}
