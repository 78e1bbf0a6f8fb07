import type { Dialect } from '../dialect/core/dialect.js'
import type { Part, Rewrite, Rewriting } from '../dialect/text/rewritten.js'

/** A rewriting as a file for `--dialect`. */
export function moduleText(dialect: Dialect, rewriting: Rewriting, why: readonly string[]): string {
  const { around = [], once = false, drop = [], rules = [], samples } = rewriting
  const list = (key: string, what: string, items: readonly string[]): string[] =>
    items.length === 0 ? [] : [`  // ${what}`, `  ${key}: [`, ...items.map((item) => `    ${item},`), '  ],']
  return [
    '// Save as my-dialect.js and use it with --dialect ./my-dialect.js',
    ...why.map((one) => `// ${one}`),
    "import { dialects, rewritten } from 'fusetrace'",
    '',
    `const base = dialects.find(({ name }) => name === ${text(dialect.name)})`,
    '',
    'export default rewritten(base, {',
    ...list('around', 'What stands around lines now.', around.map(rewrite)),
    ...(once ? ['  // Lines are repeated now.', '  once: true,'] : []),
    ...list('drop', 'Lines that stand between others now.', drop.map(regex)),
    ...list('rules', 'How lines are written now, and what they were.', rules.map(rewrite)),
    ...list('samples', 'Lines of the new log, held against it when it is loaded.', samples.map(ascii)),
    '})',
  ].join('\n')
}

const rewrite = ([pattern, parts]: Rewrite): string => `[${regex(pattern)}, [${parts.map(part).join(', ')}]]`

const part = (one: Part): string =>
  typeof one === 'string' ? text(one) : typeof one === 'number' ? `${one}` : `[${one[0]}, ${ascii(one[1])}]`

const text = (one: string): string => {
  const double = ascii(one)
  return double.includes("'") || double.includes('\\') ? double : `'${double.slice(1, -1)}'`
}

/** JSON of ASCII only. */
const ascii = (value: unknown): string =>
  JSON.stringify(value).replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** As a literal: control characters and what ends a line are escaped, and text that is not ASCII. */
const regex = ({ source, flags }: RegExp): string =>
  `/${source.replace(/[^\x20-\x7e]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)}/${flags}`
