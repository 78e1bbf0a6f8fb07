import type { Raw } from '../../line/line.js'
import type { NodeId, ReplyEvent } from '../core/dialect.js'
import type { OpenRequest } from './match.js'

/** A name that a process had looked up. */
export interface Lookup {
  readonly parent: NodeId
  readonly name: Raw
  /** Null when it was not shown. */
  readonly node: NodeId | null
  readonly found: boolean
}

/** Requests between a lookup and what it was for. */
const BETWEEN: ReadonlySet<string> = new Set(['getattr', 'statx', 'access', 'getxattr', 'listxattr', 'readlink'])
const MAX_PROCESSES = 1024
const NONE: readonly Lookup[] = []

/** What each process had looked up just before, and whether the kernel asks for a name every time that it is used. */
export class Lookups {
  readonly #before = new Map<number, readonly Lookup[]>()
  /** Names that were known and looked up again. */
  #again = 0
  /** Names that were used without being looked up. */
  #kept = 0

  /** The kernel keeps no names: what is used was looked up just before. */
  get always(): boolean {
    return this.#again >= 2 && this.#again > 4 * this.#kept
  }

  /** A name that is known to stand for a node was looked up, and stands for it still. */
  again(): void {
    this.#again++
  }

  /** A request began. Returns what its process had looked up just before, the latest last. */
  request({ opcode, nodeId, pid }: OpenRequest): readonly Lookup[] {
    if (pid === null || pid === 0 || opcode === 'lookup') return NONE
    const before = this.#before.size === 0 ? NONE : (this.#before.get(pid) ?? NONE)
    if (BETWEEN.has(opcode)) return before
    if (before !== NONE) this.#before.delete(pid)
    if ((opcode === 'open' || opcode === 'opendir') && nodeId !== '1') {
      const last = before.at(-1)
      if (last === undefined || !last.found || (last.node ?? nodeId) !== nodeId) this.#kept++
    }
    return before
  }

  /** A request was answered. Says whether it asked for a name that there is not. */
  reply({ opcode, nodeId, entry, child, pid }: OpenRequest, { status, errno }: ReplyEvent): boolean {
    if (opcode !== 'lookup' || entry === null) return false
    const found = status !== 'error' && child !== '0'
    const missed = !found && (errno === 'ENOENT' || errno === null)
    if (pid && (found || missed)) {
      if (this.#before.size > MAX_PROCESSES) this.#before.clear()
      const before = this.#before.get(pid) ?? []
      this.#before.set(pid, [...before.slice(-1), { parent: nodeId, name: entry, node: child, found }])
    } else if (pid) this.#before.delete(pid)
    return missed
  }
}
