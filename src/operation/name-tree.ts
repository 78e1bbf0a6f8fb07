import type { Raw } from '../line/line.js'
import { detachSlice } from '../line/text.js'

/** A name in a directory. Directories hang together by these, so that a renamed one takes along all that is below it. */
export interface Entry<Node> {
  parent: Entry<Node> | null
  name: Raw
  /** What has this name, where that is known. */
  node: Node | null
  children: Map<Raw, Entry<Node>> | null
  /** False once the name is gone. */
  attached: boolean
  /** Its path, as long as no name has moved or gone since. */
  path: Raw
  pathAt: number
}

/** A place for a name: the directory and the name in it. Stays right when the directory moves. */
export interface NamePlace<Node> {
  readonly directory: Entry<Node>
  readonly name: Raw
}

/** A name that is in no directory yet, or known to be in one. */
export function newEntry<Node>(parent: Entry<Node> | null, name: Raw): Entry<Node> {
  return { parent, name, node: null, children: null, attached: true, path: '', pathAt: -1 }
}

/** The names of a file system as a tree. Names are raw bytes; a path costs its depth, and nothing while no name moves or goes. */
export class NameTree<Node> {
  readonly root: Entry<Node> = newEntry<Node>(null, '')
  /** How often names have moved or gone: what paths that were made before may not outlast. */
  #changes = 0

  /** Nothing is left but the root. */
  clear(): void {
    this.root.children = null
    this.#changes++
  }

  /** Puts an entry into the directory that is its parent. */
  put(entry: Entry<Node>): void {
    const { parent } = entry
    if (parent) {
      parent.children ??= new Map()
      parent.children.set(entry.name, entry)
    }
    entry.attached = true
  }

  /** Takes an entry out of its directory, to be put elsewhere. */
  take(entry: Entry<Node>): void {
    const { parent } = entry
    if (parent?.children?.get(entry.name) === entry) parent.children.delete(entry.name)
  }

  /** Moves an entry, with all that is below it, to a place where nothing is. */
  move(entry: Entry<Node>, place: NamePlace<Node>): void {
    const before = entry.parent
    this.take(entry)
    this.#changes++
    entry.parent = place.directory
    entry.name = detachSlice(place.name)
    this.put(entry)
    if (before) this.prune(before)
  }

  /** The name is gone. The entry still knows where it was. */
  remove(entry: Entry<Node>): void {
    this.take(entry)
    this.#changes++
    entry.attached = false
    if (entry.parent) this.prune(entry.parent)
  }

  /** It is not known any more where an entry is. What is below it stays below it. */
  detach(entry: Entry<Node>): void {
    const { parent } = entry
    if (!parent) return
    this.take(entry)
    this.#changes++
    entry.parent = null
    entry.name = ''
    this.prune(parent)
  }

  /** Lets go of an entry, and of the directories above it, where they name no node and nothing is below them. */
  prune(entry: Entry<Node>): void {
    for (let at: Entry<Node> | null = entry; at && at !== this.root; at = at.parent) {
      if (at.node || (at.children && at.children.size > 0)) return
      this.take(at)
    }
  }

  /** Whether an entry is `top` or below it. */
  within(entry: Entry<Node>, top: Entry<Node>): boolean {
    for (let at: Entry<Node> | null = entry; at; at = at.parent) if (at === top) return true
    return false
  }

  /** The path of an entry; null where it is not known, or where another object has taken its name. */
  pathOf(entry: Entry<Node>): Raw | null {
    if (entry.pathAt === this.#changes) return entry.path
    if (entry === this.root) return '/'
    let path = ''
    let lasts = true
    let at = entry
    for (; at.parent; at = at.parent) {
      if (!at.attached) {
        if (at.parent.children?.has(at.name)) return null
        // The next object of that name takes it.
        lasts = false
      }
      path = `/${at.name}${path}`
    }
    if (at !== this.root) return null
    if (lasts) {
      entry.path = path
      entry.pathAt = this.#changes
    }
    return path
  }

  /**
   * The place of a path; null for the root, undefined when a directory on the way is not known.
   *
   * @param learn makes the directories on the way
   */
  walk(path: Raw, learn: boolean): NamePlace<Node> | null | undefined {
    let directory = this.root
    let last: Raw | null = null
    for (let from = 0; from < path.length; ) {
      const slash = path.indexOf('/', from)
      const end = slash < 0 ? path.length : slash
      const name = path.slice(from, end)
      from = end + 1
      if (name === '' || name === '.') continue
      if (last !== null) {
        let next = directory.children?.get(last)
        if (!next) {
          if (!learn) return undefined
          next = newEntry(directory, detachSlice(last))
          this.put(next)
        }
        directory = next
      }
      last = name
    }
    return last === null ? null : { directory, name: last }
  }
}
