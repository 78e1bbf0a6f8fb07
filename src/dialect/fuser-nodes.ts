import type { Raw } from '../line/line.js'
import type { NodeId, OperationFacts } from './dialect.js'

/** A request that may have been answered with a node: the log does not tell whether, and with which. */
interface Candidate {
  readonly opcode: string
  parent: NodeId
  name: Raw
  readonly order: number
}

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

/** What each request can be answered with. */
const MAKES: Readonly<Record<string, Kind>> = {
  lookup: 'any',
  create: 'file',
  mknod: 'file',
  mkdir: 'directory',
  symlink: 'symlink',
}

/** Requests after which a candidate that nobody has used is let go, and after which a lookup is. */
const PATIENCE = 64
const LOOKUP_PATIENCE = 4

/**
 * Finds out which node an entry was answered with, in a log that shows no answers: a node that is used for the first time
 * is what was made, or looked up, just before. What stays doubtful (processes at work at the same time) stays unknown.
 */
export class GuessedNodes {
  readonly #places = new Map<NodeId, { parent: NodeId; name: Raw }>()
  readonly #names = new Map<NodeId, Map<Raw, NodeId>>()
  #candidates: Candidate[] = []
  #order = 0

  /** Takes the next request; adds paths to its facts for nodes that become known by it. */
  request(opcode: string, facts: OperationFacts): OperationFacts {
    if (opcode === 'forget' || opcode === 'batch_forget') return facts
    this.#order++
    this.#candidates = this.#candidates.filter(({ order }) => this.#order - order <= PATIENCE)
    const told = { ...facts }
    const { nodeId, otherNodeId, entry, otherEntry } = facts
    if (nodeId !== undefined && this.#resolve(nodeId, KINDS[opcode] ?? 'any')) {
      const path = this.#path(nodeId)
      if (path !== null && opcode === 'link') told.newPath = `${path}/${entry ?? ''}`
      else if (path !== null) told.path = entry === undefined ? path : `${path}/${entry}`
    }
    if (otherNodeId !== undefined && this.#resolve(otherNodeId, opcode === 'link' ? 'file' : 'directory')) {
      const path = this.#path(otherNodeId)
      if (path !== null && opcode === 'link') told.path = path
      else if (path !== null && otherEntry !== undefined) told.newPath = `${path}/${otherEntry}`
    }
    if (nodeId !== undefined && entry !== undefined) this.#apply(opcode, nodeId, entry, otherNodeId, otherEntry)
    return told
  }

  /** The kernel forgot nodes. */
  forget(nodes: readonly NodeId[]): void {
    for (const node of nodes) this.#unbind(node)
  }

  /** True when the node has become known just now. */
  #resolve(node: NodeId, kind: Kind): boolean {
    if (node === '1' || node === '0' || this.#places.has(node)) return false
    const fit = this.#candidates.filter((candidate) => {
      const makes = MAKES[candidate.opcode]
      return makes === 'any' || kind === 'any' || makes === kind
    })
    const made = fit.filter(({ opcode }) => opcode !== 'lookup')
    const looked = fit.filter(({ opcode, order }) => opcode === 'lookup' && this.#order - order <= LOOKUP_PATIENCE)
    const just = fit.find(({ order }) => order === this.#order - 1)
    const found =
      made.length > 0 ? made.length === 1 && (just ?? made[0]) : (just ?? (looked.length === 1 && looked[0]))
    if (!found || (made.length === 1 && found.opcode === 'lookup')) return false
    this.#candidates = this.#candidates.filter((candidate) => candidate !== found)
    this.#bind(node, found.parent, found.name)
    return true
  }

  #apply(opcode: string, parent: NodeId, name: Raw, otherParent?: NodeId, otherName?: Raw): void {
    const known = this.#names.get(parent)?.get(name)
    if (MAKES[opcode] !== undefined) {
      this.#drop(parent, name)
      if (known === undefined) this.#candidates.push({ opcode, parent, name, order: this.#order })
    } else if (opcode === 'unlink' || opcode === 'rmdir') {
      this.#drop(parent, name)
      if (known !== undefined) this.#unbind(known)
    } else if (opcode.startsWith('rename') && otherParent !== undefined && otherName !== undefined) {
      this.#drop(otherParent, otherName)
      const replaced = this.#names.get(otherParent)?.get(otherName)
      if (replaced !== undefined) this.#unbind(replaced)
      for (const candidate of this.#candidates) {
        if (candidate.parent !== parent || candidate.name !== name) continue
        candidate.parent = otherParent
        candidate.name = otherName
      }
      if (known === undefined) return
      this.#unbind(known)
      this.#bind(known, otherParent, otherName)
    }
  }

  #drop(parent: NodeId, name: Raw): void {
    this.#candidates = this.#candidates.filter((candidate) => candidate.parent !== parent || candidate.name !== name)
  }

  #bind(node: NodeId, parent: NodeId, name: Raw): void {
    this.#places.set(node, { parent, name })
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

  #path(node: NodeId): Raw | null {
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
}
