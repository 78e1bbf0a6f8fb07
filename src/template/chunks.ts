import { opcodeOf } from '../dialect/core/opcode.js'
import { KIND, type Tokens } from './tokens.js'

/** What varies, in a template. */
export const VALUE = '*'

const NAMED_TIME = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec),?$/
/** What stands before a value and names it: brackets, quotes, `key=`, `key:`. */
const LEAD = /^(?:[([{<'"]|[A-Za-z_][\w-]*=|[A-Za-z_]+:(?![\\/]))*/
const FIELD = /([,;(){}[\]"]|\w+[=:])/
/** A host, or a file or attribute: `user.missing`. */
const DOTTED = /\w\.\w+\.\w|^[a-z_]+(?:\.[a-z_]+)+\W*$/
const CLOSES: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{', '>': '<' }

/**
 * A line that nobody knows, as words between blanks, with `*` for what varies: a word with a number in it is a value as a whole
 * (`amd64~6.1`, `host-7:80`), but for the field's name and the signs around it.
 */
export function chunksOf(tokens: Tokens): string[] {
  const chunks: string[] = []
  let text = ''
  for (let i = 0; i < tokens.count; i++) {
    const kind = tokens.kinds[i] ?? 0
    if (kind === KIND.space) {
      chunks.push(generalized(text, chunks.length))
      text = ''
      continue
    }
    text += kind < KIND.space ? tokens.text(i) : tokens.word(i) || '\x01'
  }
  chunks.push(generalized(text, chunks.length))
  return chunks
}

function generalized(chunk: string, place: number): string {
  if (NAMED_TIME.test(chunk) || (place === 0 && /^\w+:\x01$/.test(chunk))) return VALUE
  if (chunk === '()') return '(*)'
  if (!chunk.includes('\x01') && !DOTTED.test(chunk)) return chunk
  // `getattr[NULL]`: the name of an opcode is no value.
  const word = /^[a-zA-Z_]+(?=[[(])/.exec(chunk)?.[0] ?? ''
  const lead = opcodeOf(word) === null ? (LEAD.exec(chunk)?.[0] ?? '') : chunk.slice(0, word.length + 1)
  let end = chunk.length
  for (; end > lead.length; end--) {
    const sign = chunk[end - 1] ?? ''
    const opener = CLOSES[sign]
    if (
      opener
        ? !lead.includes(opener) || chunk.slice(lead.length, end - 1).includes(opener)
        : !',.;:!?"\''.includes(sign)
    )
      break
  }
  const core = chunk.slice(lead.length, end)
  const value = /[="]/.test(core)
    ? core
        .split(FIELD)
        .map((part, i) => (i % 2 === 0 && part.includes('\x01') ? VALUE : part))
        .join('')
    : core && VALUE
  return lead + value + chunk.slice(end)
}
