import { breathe } from './dom.js'
import { textTest } from './filter.js'

/** Lines that are searched before the browser has a turn. */
const SLICE = 4000

/**
 * Finds the lines that hold a text, a slice at a time.
 *
 * @param onFound is given all that has been found so far, the last time with `done`
 * @returns ends the search
 */
export function searchLines(
  lines: readonly string[],
  q: string,
  onFound: (found: readonly number[], done: boolean) => void,
): () => void {
  let ended = false
  const run = async (): Promise<void> => {
    const test = textTest(q)
    const found: number[] = []
    for (let from = 0; from < lines.length; from += SLICE) {
      for (let i = from; i < Math.min(lines.length, from + SLICE); i++) if (test(lines[i] ?? '')) found.push(i)
      await breathe()
      if (ended) return
      onFound(found, false)
    }
    onFound(found, true)
  }
  void run()
  return () => {
    ended = true
  }
}
