/** Levenshtein's distance of two words, of their first 200 characters. */
export function editDistance(one: string, other: string): number {
  const a = one.slice(0, 200)
  const b = other.slice(0, 200)
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

/** What somebody may have meant by a word: the known ones near it or beginning with it, nearest first, three at most. */
export function closest(word: string, known: readonly string[]): string[] {
  const lower = word.toLowerCase()
  return known
    .map((name) => ({ name, far: farness(lower, name.toLowerCase()) }))
    .filter(({ name, far }) => far <= Math.max(2.5, Math.floor(word.length / 3)) || isBegin(name, lower))
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ name }) => name)
}

/** A word may be near the begin of a name: `timeuot` is near `timeoutMs`. */
const farness = (word: string, name: string): number =>
  Math.min(editDistance(word, name), word.length > 4 ? editDistance(word, name.slice(0, word.length)) + 0.5 : 99)

/** `timeout` for `timeoutMs`. */
const isBegin = (name: string, word: string): boolean => word.length > 2 && name.toLowerCase().startsWith(word)
