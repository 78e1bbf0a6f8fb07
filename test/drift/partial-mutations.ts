import { whole } from './more-mutations.js'
import { type Grammar, type Mutation, replace } from './mutations.js'

const both = (g: Grammar, raw: string): boolean => g.request.test(raw) || g.reply?.test(raw) === true
const isOf = (g: Grammar, raw: string): boolean => g.request.test(raw) && g.opcode[0].test(raw)
const mixed = [...whole, 'line-gone', 'operation-doubled', 'colour-changed', 'level-changed']

/** A change that counts the lines it is about. */
const counting = (
  is: (g: Grammar, raw: string) => boolean,
  change: (g: Grammar, raw: string, number: number) => string[],
): Pick<Mutation, 'of' | 'whole'> => ({
  of: () => null,
  whole: (g, lines) => {
    let number = 0
    return lines.flatMap((raw) => (is(g, raw) ? change(g, raw, number++) : [raw]))
  },
})

const isReply = (g: Grammar, raw: string): boolean => g.reply?.test(raw) === true

/** Changes of a part of the lines, and what those who collect logs do to them. */
export const partialMutations: readonly Mutation[] = [
  {
    name: 'every tenth request not logged',
    codes: mixed,
    ...counting(
      (g, raw) => g.request.test(raw),
      (_, raw, i) => (i % 10 === 9 ? [] : [raw]),
    ),
  },
  {
    name: 'every tenth reply not logged',
    codes: mixed,
    ...counting(isReply, (_, raw, i) => (i % 10 === 9 ? [] : [raw])),
  },
  { name: 'every second reply not logged', codes: mixed, ...counting(isReply, (_, raw, i) => (i % 2 ? [] : [raw])) },
  {
    name: 'a field renamed from the middle of the log on',
    codes: mixed,
    of: () => null,
    whole: (g, lines) =>
      lines.map((raw, i) => (i > lines.length / 2 && g.request.test(raw) ? raw.replace(g.field[0], g.field[1]) : raw)),
  },
  {
    name: 'opcodes spelled differently in the second half',
    codes: mixed,
    of: () => null,
    whole: (g, lines) => lines.map((raw, i) => (i > lines.length / 2 ? raw.replace(g.opcode[0], g.opcode[1]) : raw)),
  },
  {
    name: 'a word before requests of one opcode',
    codes: mixed,
    of: (g) => (raw) => (isOf(g, raw) ? `(slow) ${raw}` : raw),
  },
  {
    name: 'lines of one opcode cut short',
    codes: mixed,
    of: (g) => (raw) => (isOf(g, raw) ? raw.slice(0, Math.ceil(raw.length * 0.6)) : raw),
  },
  {
    name: 'the newest line first',
    codes: mixed,
    of: () => null,
    whole: (_, lines) => [...lines].reverse(),
  },
  {
    name: 'request and reply on one line',
    codes: mixed,
    of: () => null,
    whole: (g, lines) => {
      const out: string[] = []
      for (const raw of lines) {
        if (isReply(g, raw) && g.request.test(out.at(-1) ?? '')) out.push(`${out.pop()} => ${raw.trimStart()}`)
        else out.push(raw)
      }
      return out
    },
  },
  {
    name: 'lines wrapped at 72 columns',
    codes: mixed,
    of: () => null,
    whole: (_, lines) => lines.flatMap((raw) => raw.match(/.{1,72}/gs) ?? [raw]),
  },
  {
    name: 'two lines joined',
    codes: mixed,
    of: () => null,
    whole: (_, lines) =>
      lines.flatMap((raw, i) => (i % 2 ? [] : [i + 1 < lines.length ? `${raw} ${lines[i + 1]}` : raw])),
  },
  { name: 'a mark on every line', codes: mixed, of: () => (raw) => `\xef\xbb\xbf${raw}` },
  { name: 'no-break spaces', codes: mixed, of: (g) => (raw) => (both(g, raw) ? raw.replaceAll(' ', '\xc2\xa0') : raw) },
  { name: 'words coloured', codes: mixed, of: () => (raw) => raw.replace(/\b[A-Za-z]+\b/g, '\x1b[1m$&\x1b[0m') },
  { name: 'zero bytes between the lines', codes: mixed, of: () => (raw) => `\0${raw}` },
  {
    name: 'opcodes as numbers',
    codes: mixed,
    of: (g) => (raw) =>
      g.request.test(raw)
        ? raw.replace(/(opcode: )\w+ \((\d+)\)/, '$1$2').replace(/\b(?:CREATE|Create|create)\b/, '35')
        : raw,
  },
  {
    name: 'errors as names',
    codes: mixed,
    of: (g) => g.failure && ((raw) => (g.failure?.test(raw) ? raw.replace(/-?\b2\b(?=\D|$)/, '-ENOENT') : raw)),
  },
  {
    name: 'request ids all zero',
    codes: mixed,
    of: (g) => g.id && ((raw) => (both(g, raw) ? raw.replace(g.id as RegExp, (id) => id.replace(/\d/g, '0')) : raw)),
  },
  {
    name: 'request ids cut to two digits',
    codes: mixed,
    of: () => null,
    whole: (g, lines) =>
      lines.map((raw) => (both(g, raw) && g.id ? raw.replace(g.id, (id) => id.replace(/\d+(?=\d\d\D*$)/, '')) : raw)),
  },
  {
    name: 'the field names abbreviated',
    codes: mixed,
    of: (g) => replace(g.request, [/\b([a-z])[a-z]{3,}(?=[:=] ?[\w"])/g, '$1']),
  },
  {
    name: 'a statistics line of many numbers now and then',
    codes: mixed,
    of: () => null,
    whole: (_, lines) =>
      lines.flatMap((raw, i) =>
        i % 40 === 39 ? [raw, `stats: ops=${i} errors=2 lookup=17 create: 3 read 12 (4 ms)`] : [raw],
      ),
  },
  {
    name: 'a warning with a name now and then',
    codes: mixed,
    of: () => null,
    whole: (_, lines) =>
      lines.flatMap((raw, i) =>
        i % 40 === 39 ? [raw, `warning: lookup of "file ${i}.txt" took ${i} ms, unique ${i}`] : [raw],
      ),
  },
]
