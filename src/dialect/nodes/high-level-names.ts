import type { Raw } from '../../line/line.js'
import type { OperationFacts } from '../core/dialect.js'
import { isMaking } from '../core/effects.js'

/** After these, where they went well, libfuse asks for the attributes to answer the same request with. */
const asksAttributes = (opcode: string): boolean => isMaking(opcode) || opcode === 'setattr'
/** What libfuse's high level lets the kernel keep a name for, unless it is configured otherwise. */
const KEPT_NS = 1e9
const MAX_KEPT = 8192
/** What an open file becomes when it is unlinked. */
const HIDDEN = /\/\.fuse_hidden[0-9a-f]{16,24}$/

/**
 * Which of the kernel's requests a call of libfuse's high level was made for, in logs of such calls: it looks a name up by
 * asking for the attributes of its path.
 */
export class HighLevelNames {
  readonly #keptNs: number

  /** @param keptNs how long the kernel keeps a name. @default a second, as libfuse has it */
  constructor(keptNs: number = KEPT_NS) {
    this.#keptNs = keptNs
  }

  /** What the program puts before every path: its own directory. Null while no line has shown it. */
  #before: Raw | null = null
  /** When each path was last looked up or made. */
  readonly #seen = new Map<Raw, number>()
  /** Paths whose attributes are asked for next, as part of the request before. */
  readonly #asked = new Map<Raw, number>()

  /** Whether it is known what stands before paths. */
  get settled(): boolean {
    return this.#before !== null
  }

  /** The path below the mountpoint. Only the root's ends in a slash: it shows what stands before. */
  below(path: Raw): Raw {
    if (this.#before === null && path.endsWith('/')) this.#before = path.slice(0, -1)
    const before = this.#before ?? ''
    return before !== '' && path.startsWith(`${before}/`) ? path.slice(before.length) : path
  }

  /** Null where the call is part of a request that has been shown. `handle`: it names an open file as well. */
  opcodeOf(opcode: string, { path = '', newPath }: OperationFacts, handle: boolean, atNs: number): string | null {
    if (HIDDEN.test(path)) return opcode === 'getattr' || opcode === 'unlink' ? null : opcode
    if (opcode === 'rename' && newPath !== undefined && HIDDEN.test(newPath)) return 'unlink'
    if (opcode !== 'getattr') return opcode
    const asked = this.#asked.get(path) ?? 0
    if (asked > 0) {
      if (asked === 1) this.#asked.delete(path)
      else this.#asked.set(path, asked - 1)
      return null
    }
    const seen = this.#seen.get(path)
    return handle || path === '/' || (seen !== undefined && atNs - seen < this.#keptNs) ? 'getattr' : 'lookup'
  }

  /** A call returned. `path`: the first that it named. */
  answered(opcode: string, path: Raw, status: 'ok' | 'error', atNs: number): void {
    const gone = opcode === 'unlink' || opcode === 'rmdir' || opcode === 'rename'
    if (status === 'error' || gone) {
      if (gone || opcode === 'lookup') this.#seen.delete(path)
      return
    }
    if (asksAttributes(opcode)) {
      if (this.#asked.size > 64) this.#asked.clear()
      this.#asked.set(path, (this.#asked.get(path) ?? 0) + 1)
    }
    if (opcode !== 'lookup' && (opcode === 'setattr' || !asksAttributes(opcode))) return
    if (this.#seen.size > MAX_KEPT) this.#seen.clear()
    this.#seen.set(path, atNs)
  }
}
