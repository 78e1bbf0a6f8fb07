import type { Raw } from '../../line/line.js'
import type { OperationFacts } from '../core/dialect.js'
import { RUST, unquote } from '../text/quoted.js'
import { has } from '../text/text.js'

/** Paths that a log's words show. */
export type Paths = Pick<OperationFacts, 'path' | 'newPath'>

/**
 * Paths that were shown in words, held against what is known of the request: an entry's path ends in the entry's name,
 * one in the root is just that; what lies in a branch is not a path of the mount. Null when they do not fit.
 */
export function fitPaths(
  opcode: string,
  known: OperationFacts,
  reported: Paths,
  branches: ReadonlySet<Raw>,
): Paths | null {
  if (reported.path !== undefined && inBranch(reported.path, branches)) return null
  if (reported.newPath !== undefined && inBranch(reported.newPath, branches)) return null
  const [entry, other] = opcode === 'link' ? [undefined, known.entry] : [known.entry, known.otherEntry]
  const two = opcode === 'link' || opcode === 'rename' || opcode === 'rename2'
  if (two !== (reported.newPath !== undefined)) return null
  if (!fits(reported.path, entry, known.nodeId) || !two)
    return fits(reported.path, entry, known.nodeId) ? reported : null
  return fits(reported.newPath, other, opcode === 'link' ? known.nodeId : known.otherNodeId) ? reported : null
}

function fits(path: Raw | undefined, entry: Raw | undefined, parent: string | undefined): boolean {
  if (path === undefined || !path.startsWith('/')) return false
  if (entry === undefined) return true
  const at = path.length - entry.length
  return path.charCodeAt(at - 1) === 47 && (parent !== '1' || at === 1) && has(path, entry, at)
}

function inBranch(path: Raw, branches: ReadonlySet<Raw>): boolean {
  for (const branch of branches) {
    if (branch !== '/' && path.startsWith(branch) && (path.length === branch.length || path[branch.length] === '/')) {
      return true
    }
  }
  return false
}

/**
 * Paths by file handle: `Created file handle 3 for new file "/a.txt"` shows whose the node is that is flushed next with
 * that handle. Said once, then the node is known.
 */
export class Handles {
  readonly #paths = new Map<string, Raw>()

  clear(): void {
    this.#paths.clear()
  }

  learn(opcode: string, message: Raw): void {
    if (opcode === 'rename' || opcode === 'rename2') this.#paths.clear()
    if (opcode !== 'create' && opcode !== 'open') return
    const at = message.indexOf('file handle ')
    if (at < 0) return
    const found = /^(\d{1,20}) for (?:new file|file|path) (?=")/.exec(message.slice(at + 12, at + 60))
    const path = found ? unquote(message, at + 12 + found[0].length, RUST) : null
    if (!found || !path?.value.startsWith('/')) return
    if (this.#paths.size > 4096) this.#paths.clear()
    this.#paths.set(found[1] ?? '', path.value)
  }

  /** The path of a handle that is used for the first time; null when it is not known. */
  use(handle: string | null): Raw | null {
    if (handle === null) return null
    const path = this.#paths.get(handle)
    if (path === undefined) return null
    this.#paths.delete(handle)
    return path
  }
}
