import type { Raw } from '../../line/line.js'

/** Names with newlines that are remembered; the oldest are let go. */
const MAX_NAMES = 2000

/** How a path stands to the names with newlines that were seen. */
export type Standing = 'whole' | 'could-go-on' | 'begun' | 'strange'

/**
 * Names that hold newlines, and so go on in the next line. A request that names an entry shows the name's length, so the
 * first line that shows a name is read right; later lines with the same name are put together by comparing.
 */
export class LongNames {
  readonly #whole = new Set<Raw>()
  /** Whole names by each of their beginnings that ends before a newline. */
  readonly #begun = new Map<Raw, number>()
  /** The longest of those. */
  #longest = 0

  /** Remembers the last name of a path. */
  learn(path: Raw): void {
    const name = path.slice(path.lastIndexOf('/') + 1)
    if (!name.includes('\n') || this.#whole.has(name)) return
    if (this.#whole.size >= MAX_NAMES) {
      const [oldest] = this.#whole
      if (oldest !== undefined) this.#forget(oldest)
    }
    this.#whole.add(name)
    for (const begin of beginnings(name)) {
      this.#begun.set(begin, (this.#begun.get(begin) ?? 0) + 1)
      this.#longest = Math.max(this.#longest, begin.length)
    }
  }

  /** Whether the text's last name may go on in the next line. */
  begun(text: Raw): boolean {
    if (this.#begun.size === 0) return false
    const from = text.lastIndexOf('/') + 1
    return text.length - from <= this.#longest && this.#begun.has(text.slice(from))
  }

  /** Whether every newline in a path is one of a name that was seen, and whether its last name is a whole one. */
  standing(path: Raw): Standing {
    const begun = this.begun(path)
    if (!path.includes('\n')) return begun ? 'could-go-on' : 'whole'
    const names = path.split('/')
    const last = names.pop() ?? ''
    if (names.some((name) => name.includes('\n') && !this.#whole.has(name))) return 'strange'
    if (last.includes('\n') && !this.#whole.has(last)) return begun ? 'begun' : 'strange'
    return begun ? 'could-go-on' : 'whole'
  }

  #forget(name: Raw): void {
    this.#whole.delete(name)
    for (const begin of beginnings(name)) {
      const left = (this.#begun.get(begin) ?? 1) - 1
      if (left > 0) this.#begun.set(begin, left)
      else this.#begun.delete(begin)
    }
  }
}

function* beginnings(name: Raw): Generator<Raw> {
  for (let at = name.indexOf('\n'); at >= 0; at = name.indexOf('\n', at + 1)) yield name.slice(0, at)
}
