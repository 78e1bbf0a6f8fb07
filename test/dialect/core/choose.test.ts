import { describe, expect, test } from 'vitest'
import { dialects } from '../../../src/dialect/builtin.js'
import { checkDialect } from '../../../src/dialect/core/check-dialect.js'
import { Chooser, none } from '../../../src/dialect/core/choose.js'
import type { Dialect } from '../../../src/dialect/core/dialect.js'
import { linesOf } from '../../../src/line/splitter.js'
import { explain } from '../../../src/operation/explain.js'
import { captureFile, captures, stampedChunks } from '../score.js'

/** Lines that begin with its letter are surely of this dialect, with a space before it possibly. */
const letter = (name: string): Dialect => ({
  ...none,
  name,
  samples: [{ lines: `${name} x`, events: [] }],
  recognize: (raw) => (raw.startsWith(name) ? 2 : raw.startsWith(` ${name}`) ? 1 : 0),
  explain: (raw) => (raw.startsWith(name) ? { matched: 1, expected: 'x' } : { matched: 0, expected: name }),
  parser: () => ({
    line(line, emit) {
      // Behind its letter, `!` is a request.
      if (line.raw.startsWith(` ${name}!`)) {
        emit({ kind: 'request', unique: null, opcode: 'getattr', atNs: 0, lines: [line.index, line.index] })
      }
      return line.raw.startsWith(`${name} x`)
    },
    end: () => undefined,
  }),
})
const [a, b] = [letter('a'), letter('b')]

function choose(text: string): { at: number | null; chosen: string; guess: string } {
  const chooser = new Chooser([a, b])
  for (const line of linesOf(text)) {
    const chosen = chooser.observe(line)
    if (chosen) return { at: line.index, chosen: chosen.name, guess: chooser.guess(linesOf(text)).name }
  }
  return { at: null, chosen: '', guess: chooser.guess(linesOf(text)).name }
}

describe('choosing', () => {
  test('the first sure line decides, whatever prose comes before', () => {
    expect(choose('prose\n\n b\nb1\na1\n')).toEqual({ at: 3, chosen: 'b', guess: 'b' })
  })

  test('prefixes alone decide only at the end, and only when they show requests', () => {
    expect(choose(' a!\n b\n a\n')).toEqual({ at: null, chosen: '', guess: 'a' })
    expect(choose('prose\nprose\nprose\n b!\n').guess).toBe('b')
    expect(choose(' a\n b\n a\n').guess).toBe('none')
    expect(choose('').guess).toBe('none')
  })

  test('a rival’s sure line asks for a lead: eight, and four times as many', () => {
    const rival = (lines: number): string => 'b x\n'.repeat(lines)
    const both: Dialect = { ...letter('both'), recognize: (raw) => (/^[ab]/.test(raw) ? 2 : 0) }
    const at = (text: string): number | null => {
      const chooser = new Chooser([both, b])
      return linesOf(text).find((line) => chooser.observe(line) !== null)?.index ?? null
    }
    expect(at(`${rival(1)}${'a x\n'.repeat(6)}`)).toBe(null)
    expect(at(`${rival(1)}${'a x\n'.repeat(20)}`)).toBe(7)
    expect(at(`${rival(3)}${'a x\n'.repeat(20)}`)).toBe(11)
    expect(at(`${rival(3)}${'a x\n'.repeat(8)}`)).toBe(null)
  })

  test('one that another overrides is chosen only when the other would have come', () => {
    const weak: Dialect = { ...letter('a'), overriddenBy: 'b' }
    const at = (text: string): [number, string] | null => {
      const chooser = new Chooser([weak, b])
      for (const line of linesOf(text)) {
        const chosen = chooser.observe(line)
        if (chosen) return [line.index, chosen.name]
      }
      return null
    }
    expect(at('a x\n'.repeat(5))).toBe(null)
    expect(at('a x\n'.repeat(9))).toEqual([5, 'a'])
    expect(at(`${'a x\n'.repeat(3)}b x\n`)).toEqual([3, 'b'])
  })

  test('of two that are sure of the same lines, neither is taken before the end', () => {
    const chooser = new Chooser([a, { ...a, name: 'c' }])
    for (const line of linesOf('a\na\na\n')) expect(chooser.observe(line)).toBeNull()
    expect(chooser.guess().name).toBe('a')
  })
})

/** Every committed capture and its dialect. */
const CAPTURED = [
  ['bazil-loopback-debug', 'bazil'],
  ['bindfs-d', 'libfuse'],
  ['bindfs-d-pty', 'libfuse'],
  ['fuser-simple-debug', 'fuser'],
  ['gocryptfs-fusedebug', 'go-fuse'],
  ['jacobsa2026-memfs-debug', 'jacobsa'],
  ['libfuse318-passthrough-d', 'libfuse'],
  ['mergerfs-rs-info-nocolor', 'tracing'],
  ['mergerfs-rs-v-compact-nocolor', 'tracing'],
  ['mergerfs-rs-v-json-nocolor', 'tracing-json'],
  ['mergerfs-rs-v-pretty-nocolor', 'tracing-pretty'],
  ['mergerfs242-d', 'mergerfs'],
] as const

test.each(CAPTURED)('%s is taken for %s, from whichever line on it is read', (name, dialect) => {
  const bytes = captureFile(`${captures}/${name}`, 'log.tsv') ?? Buffer.alloc(0)
  const lines = [...stampedChunks(bytes)].map(({ chunk, stream }, index) => ({
    index,
    atNs: 0,
    stream,
    raw: chunk.toString('latin1').replace(/\n$/, ''),
    terminated: true,
  }))
  for (const from of [0, 50, Math.floor(lines.length / 2), Math.max(0, lines.length - 60)]) {
    const chooser = new Chooser(dialects)
    let chosen: Dialect | null = null
    for (const line of lines.slice(from)) chosen ??= chooser.observe(line)
    expect([from, (chosen ?? chooser.guess(lines.slice(from))).name]).toEqual([from, dialect])
  }
})

describe('explaining', () => {
  test('which candidate matched how much, and where a line stops to fit', () => {
    const explained = explain(linesOf('a x1\nprose\nay\na x2\n'), [a, b])
    expect(explained.chosen).toBe('a')
    expect(explained.candidates[0]).toEqual({ dialect: 'a', sure: 3, possible: 3, understood: 2 })
    expect(explained.unmatchedCount).toBe(2)
    expect(explained.unmatched.map(({ line, dialect, matched }) => [line.index, dialect, matched])).toEqual([
      [1, null, 0],
      [2, 'a', 1],
    ])
  })

  test.each([
    ['2026-11-22T19:58:09.352282Z DEBUG fuse::lookup{parent=1 name=a', 'fields and }: target: '],
    ['2026-11-22T19:58:09.352282Z DEBUG fuse::frobnicate{a=1}: x: y', 'the name of a request'],
    ['2026-11-22T19:58:09.352282Z DEBUG fs: Starting', 'a span fuse::<opcode>{…} or a request line of fuser’s'],
    ['what is this', 'a time stamp or a level'],
  ])('%s', (raw, expected) => {
    const dialect = dialects.find(({ name }) => name === 'tracing')
    expect(dialect?.explain?.(raw).expected).toBe(expected)
  })
})

describe('checking a dialect', () => {
  test('one that is sound', () => expect(checkDialect(a)).toEqual([]))

  test.each([
    [null, /a dialect is an object/],
    [{ ...a, name: 'No Name' }, /^name: a name like my-dialect expected/],
    [{ ...a, capabilities: { ...a.capabilities, end: 'never' } }, /^capabilities.end: one of/],
    [{ ...a, samples: [] }, /^samples: there is none/],
    [{ ...a, samples: [{ lines: 'z', events: [] }] }, /^sample 1: line 1 is not understood/],
    [
      { ...a, samples: [{ lines: 'a x', events: [{ kind: 'request' }] }] },
      /^sample 1: event 1: .* expected, none came/,
    ],
    [
      {
        ...a,
        parser: () => ({
          line: () => {
            throw new Error('oh')
          },
          end: () => undefined,
        }),
      },
      /^sample 1: the parser threw oh/,
    ],
  ])('what is wrong is said in a line (%#)', (dialect, message) => {
    expect(checkDialect(dialect)[0]).toMatch(message)
  })
})
