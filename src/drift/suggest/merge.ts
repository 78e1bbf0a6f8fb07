import type { Part, Rewrite, Rewriting } from '../../dialect/text/rewritten.js'

/** A word that is the same before and after. */
const WORD = /[A-Za-z_]{3,}/g

/** Rules that differ in one word, which stays as it is, are one rule for any word: also for those that the log did not show. */
export function merged(rewriting: Rewriting): Rewriting {
  const rules: Rewrite[] = []
  const open = new Map<string, number>()
  for (const rule of rewriting.rules ?? []) {
    const wider = withAnyWord(rule)
    const keys = wider.map(keyOf)
    const at = keys.map((key) => open.get(key)).find((one) => one !== undefined)
    if (at !== undefined) {
      const key = keys.findIndex((one) => open.get(one) === at)
      rules[at] = wider[key] as Rewrite
      continue
    }
    for (const key of keys) if (!open.has(key)) open.set(key, rules.length)
    rules.push(rule)
  }
  return { ...rewriting, rules }
}

const keyOf = ([pattern, parts]: Rewrite): string => `${pattern.source}\n${JSON.stringify(parts)}`

/** The rule for each of its words, with any other in its place. */
function withAnyWord([pattern, parts]: Rewrite): Rewrite[] {
  const found: Rewrite[] = []
  for (const { 0: word, index } of pattern.source.matchAll(WORD)) {
    const at = parts.findIndex(
      (part) => typeof part === 'string' && new RegExp(`(?<![A-Za-z_])${word}(?![A-Za-z_])`).test(part),
    )
    if (at < 0 || pattern.source.split(word).length !== 2) continue
    const text = parts[at] as string
    const start = text.search(new RegExp(`(?<![A-Za-z_])${word}(?![A-Za-z_])`))
    const group = (pattern.source.slice(0, index).match(/(?<!\\)\((?!\?)/g) ?? []).length + 1
    const moved = parts.map((part): Part => {
      if (typeof part === 'number') return part >= group ? part + 1 : part
      return typeof part === 'string' ? part : [part[0] >= group ? part[0] + 1 : part[0], part[1]]
    })
    const split = [text.slice(0, start), group, text.slice(start + word.length)].filter((part) => part !== '')
    moved.splice(at, 1, ...split)
    const source = `${pattern.source.slice(0, index)}([A-Za-z_]+)${pattern.source.slice(index + word.length)}`
    found.push([new RegExp(source, pattern.flags), moved])
  }
  return found
}
