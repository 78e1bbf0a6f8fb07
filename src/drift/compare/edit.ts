import { diffArrays } from 'diff'
import { fieldsOf } from '../../template/fields.js'
import type { Shape } from '../../template/shape.js'
import { type Example, KIND } from '../../template/tokens.js'
import type { FindingCode } from '../findings/finding.js'

/** How one kind of line became another. */
export interface Edit {
  code: FindingCode
  title: string
  /** Edits of the same key are one finding. */
  key: string
  /** Token numbers that differ. */
  oldTokens: number[]
  newTokens: number[]
  /** It begins the line. */
  leading: boolean
  /** Only beside a value, where a name with odd characters may have been cut wrongly. */
  besideValue: boolean
  /** A value now reads as words: it was a name that nobody knows of in the new log. */
  unmasked: boolean
}

interface Chunk {
  old: number[]
  new: number[]
}

/** Says what changed between two kinds of lines. */
export function editOf(before: Shape, after: Shape): Edit {
  const [a, b] = [before.example, after.example]
  const chunks = chunksOf(a, b)
  const oldTokens = chunks.flatMap((chunk) => chunk.old)
  const newTokens = chunks.flatMap((chunk) => chunk.new)
  const removed = said(a, oldTokens)
  const added = said(b, newTokens)
  const leading = chunks.length === 1 && (chunks[0]?.old[0] ?? 0) === 0 && (chunks[0]?.new[0] ?? 0) === 0
  const rest = {
    oldTokens,
    newTokens,
    leading,
    besideValue: chunks.every((chunk) => beside(a, chunk.old) || beside(b, chunk.new)),
  }
  const unmasked =
    oldTokens.length > 0 &&
    oldTokens.every((i) => (a.kinds[i] ?? 0) >= KIND.slot) &&
    newTokens.some((i) => b.kinds[i] === KIND.word)
  const { code, title, key } = classify(a, b, removed, added, oldTokens, newTokens)
  return { code, title, key: `${code}|${key ?? `${removed}|${added}`}`, unmasked, ...rest }
}

function chunksOf(a: Example, b: Example): Chunk[] {
  const chunks: Chunk[] = []
  let chunk: Chunk | null = null
  let i = 0
  let j = 0
  for (const part of diffArrays([...a.keys], [...b.keys])) {
    if (!part.added && !part.removed) {
      i += part.value.length
      j += part.value.length
      chunk = null
      continue
    }
    chunk ??= { old: [], new: [] }
    if (chunks.at(-1) !== chunk) chunks.push(chunk)
    for (let k = 0; k < part.value.length; k++) {
      if (part.removed) chunk.old.push(i++)
      else chunk.new.push(j++)
    }
  }
  return chunks
}

/** What the differing tokens say, values as `…`. */
function said(example: Example, tokens: readonly number[]): string {
  const parts = new Set<string>()
  let text = ''
  let last = -2
  for (const i of tokens) {
    if (last >= 0 && i !== last + 1) {
      parts.add(text.trim())
      text = ''
    }
    const kind = example.kinds[i] ?? 0
    const quote = example.raw[example.starts[i] ?? 0]
    text += kind === KIND.quoted ? `${quote}…${quote}` : kind > KIND.space ? '…' : utf8(example.keys[i] ?? '')
    last = i
  }
  return [...parts.add(text.trim())].join(' … ')
}

const utf8 = (raw: string): string => Buffer.from(raw, 'latin1').toString()

type Told = Pick<Edit, 'code' | 'title'> & { key?: string }

function classify(
  a: Example,
  b: Example,
  removed: string,
  added: string,
  oldTokens: readonly number[],
  newTokens: readonly number[],
): Told {
  const fields = [...fieldsOf(a), ...fieldsOf(b)]
  const before = fieldsOf(a).map(({ name }) => name)
  const after = fieldsOf(b).map(({ name }) => name)
  // `Write successful: 12 bytes` is a sentence, and `successful` no field of it.
  const sure = (names: string[]): string[] =>
    names.filter((name) => fields.some((one) => one.name === name && one.sure))
  const gone = sure(minus(before, after))
  const come = sure(minus(after, before))
  const list = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ')
  const plural = (names: readonly string[], one: string, more: string): string => (names.length === 1 ? one : more)
  if (gone.length > 0 && gone.length === come.length) {
    const pairs = gone.map((name, i) => `\`${name}\` is now called \`${come[i]}\``).join(', ')
    return { code: 'field-renamed', title: `the field ${pairs}`, key: `${gone}|${come}` }
  }
  if (gone.length > 0 && come.length === 0) {
    return {
      code: 'field-gone',
      title: `${plural(gone, 'the field', 'the fields')} ${list(gone)} ${plural(gone, 'is', 'are')} no longer there`,
      key: `${gone}`,
    }
  }
  if (come.length > 0 && gone.length === 0) {
    return { code: 'field-new', title: `${plural(come, 'a field', 'fields')} ${list(come)} came in`, key: `${come}` }
  }
  const moved = sameBag(a, oldTokens, b, newTokens)
  if (before.length > 0 && (moved || before.join() !== after.join())) {
    const named = moved ? [...new Set(before)] : before.filter((name, i) => name !== after[i])
    return {
      code: 'field-moved',
      title: `${list([...new Set(named)].slice(0, 6))} ${plural(named, 'stands', 'stand')} in another place of the line`,
      key: moved ? 'moved' : `${named}`,
    }
  }
  if (removed === '' && added === '') {
    return { code: 'message-reworded', title: blanksTitle(rawOf(a, oldTokens), rawOf(b, newTokens)) }
  }
  if (onlyValues(a, oldTokens) && onlyValues(b, newTokens)) {
    const what =
      removed === ''
        ? `\`${added}\` came in`
        : added === ''
          ? `\`${removed}\` went`
          : `\`${removed}\` is now \`${added}\``
    return { code: 'value-format-changed', title: `a value is written in another way: ${what}` }
  }
  if (removed === '') return { code: 'message-reworded', title: `\`${added}\` was added to the message` }
  if (added === '') return { code: 'message-reworded', title: `\`${removed}\` was taken out of the message` }
  return { code: 'message-reworded', title: `\`${short(removed)}\` now reads \`${short(added)}\`` }
}

const rawOf = ({ raw, starts, ends }: Example, tokens: readonly number[]): string =>
  tokens.map((i) => raw.slice(starts[i], ends[i])).join('')

/** A change that is nothing but blanks, which nobody would see in quotes. */
function blanksTitle(before: string, after: string): string {
  if (before !== '' && after !== '') return `${blanks(before)} became ${blanks(after)}`
  const verb = (text: string): string => (text.length === 1 ? 'was' : 'were')
  if (before === '') return `${blanks(after)} ${verb(after)} added to the message`
  return `${blanks(before)} ${verb(before)} taken out of the message`
}

function blanks(text: string): string {
  const what = /^ +$/.test(text) ? 'blank' : /^\t+$/.test(text) ? 'tab' : 'white space'
  if (what === 'white space') return what
  return text.length === 1 ? `a ${what}` : `${text.length} ${what}s`
}

const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text)

function minus(a: readonly string[], b: readonly string[]): string[] {
  const left = [...b]
  return a.filter((name) => {
    const at = left.indexOf(name)
    if (at < 0) return true
    left.splice(at, 1)
    return false
  })
}

/** The same words and values were taken out and put in: they moved. Brackets and commas around them do not count. */
function sameBag(a: Example, oldTokens: readonly number[], b: Example, newTokens: readonly number[]): boolean {
  const bag = (example: Example, tokens: readonly number[]): string =>
    tokens
      .filter((i) => (example.kinds[i] ?? 0) !== KIND.space && (example.kinds[i] ?? 0) !== KIND.mark)
      .map((i) => example.keys[i])
      .sort()
      .join(' ')
  const old = bag(a, oldTokens)
  return old !== '' && old === bag(b, newTokens)
}

/** Nothing but values and the signs around them. */
const onlyValues = (example: Example, tokens: readonly number[]): boolean =>
  tokens.every((i) => example.kinds[i] !== KIND.word) &&
  (tokens.length === 0 || tokens.some((i) => (example.kinds[i] ?? 0) > KIND.space || beside(example, [i])))

/** The tokens touch a value, with at most a sign or a space between. */
function beside({ kinds }: Example, tokens: readonly number[]): boolean {
  const first = tokens[0]
  if (first === undefined) return true
  const value = (i: number): boolean => (kinds[i] ?? 0) >= KIND.slot
  const skip = (i: number, step: number): boolean => value(i) || (kinds[i] === KIND.space && value(i + step))
  const last = tokens.at(-1) ?? first
  return tokens.some(value) || skip(first - 1, -1) || skip(last + 1, 1)
}

/** Differing tokens as ranges of the line's bytes, neighbours joined. */
export function rangesOf(example: Example, tokens: readonly number[]): [number, number][] {
  const ranges: [number, number][] = []
  let previous = -2
  for (const i of tokens) {
    const [start, end] = [example.starts[i] ?? 0, example.ends[i] ?? 0]
    const last = ranges.at(-1)
    if (last && i === previous + 1) last[1] = end
    else ranges.push([start, end])
    previous = i
  }
  return ranges
}
