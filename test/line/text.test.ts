import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decode, encode, encodeName, printable, printableJson, printableLines } from '../../src/line/text.js'
import { anyText } from '../any-text.js'

test('text that is UTF-8 comes back as it is', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const sound = Buffer.from(text, 'utf8').toString('utf8')
      expect(decode(encode(sound))).toEqual({ text: sound, bytes: null })
    }),
  )
})

test('bytes that are not UTF-8 appear escaped, and the exact ones beside', () => {
  expect(decode('bad\xff\xfe\xc3\xa9')).toEqual({
    text: 'bad\\xFF\\xFEé',
    bytes: Buffer.from('bad\xff\xfe\xc3\xa9', 'latin1').toString('base64'),
  })
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const shown = decode(Buffer.from(bytes).toString('latin1'))
      if (shown.bytes !== null) expect([...Buffer.from(shown.bytes, 'base64')]).toEqual([...bytes])
      else expect([...Buffer.from(shown.text, 'utf8')]).toEqual([...bytes])
    }),
  )
})

test('halves of surrogates, overlong forms and what is beyond Unicode are no UTF-8', () => {
  const shown = ['\xed\xa0\x80', '\xc0\xaf', '\xe0\x9f\xbf', '\xf4\x90\x80\x80', '\xe2\x82'].map(
    (raw) => decode(`\xc3\xa9${raw}.`).text,
  )
  expect(shown).toEqual([
    'é\\xED\\xA0\\x80.',
    'é\\xC0\\xAF.',
    'é\\xE0\\x9F\\xBF.',
    'é\\xF4\\x90\\x80\\x80.',
    'é\\xE2\\x82.',
  ])
})

test('a name that was shown is turned back into its bytes, and only what was escaped', () => {
  for (const raw of ['bad\xff\xfe\xc3\xa9', 'C:\\x41', 'a\\xfF']) expect(encodeName(decode(raw).text)).toBe(raw)
})

test('what is printed can neither break the line nor act on the terminal', () => {
  expect(printable('a\nb\x1b[31mred\x07\u202e')).toBe('a\\nb\\e[31mred\\u{7}\\u{202e}')
})

/** Characters that act on whoever shows them, or cannot be seen. */
const UNSAFE = [
  ...[
    0, 0x1f, 0x7f, 0x80, 0x9b, 0x9f, 0xad, 0x34f, 0x61c, 0x180e, 0x200b, 0x200d, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e,
  ],
  ...[0x2060, 0x2066, 0x2069, 0x3164, 0xfeff, 0xfff9, 0xd800, 0xdfff, 0xe0000, 0xe0001, 0xe0041, 0xe007f],
].map((code) => String.fromCodePoint(code))

test.each(UNSAFE)('%j is never printed as it is, alone, in lines or in JSON', (c) => {
  for (const text of [
    printable(`a${c}b`),
    printableLines(`a${c}b`),
    printableJson(JSON.stringify({ [c]: `a${c}b` })),
  ]) {
    expect(text).not.toContain(c)
    expect(text).toMatch(/^[\x20-\x7e]*$/)
  }
  expect(JSON.parse(printableJson(JSON.stringify({ [c]: `a${c}b` })))).toEqual({ [c]: `a${c}b` })
})

test('what is printed is no command to a service that reads it', () => {
  expect(printable('::error::x')).toBe('\\u{3a}:error::x')
  expect(printable('  ::error::x')).toBe('  \\u{3a}:error::x')
  expect(printable('a ##[error]x')).toBe('a #\\u{23}[error]x')
  expect(printableLines('one\n::stop-commands::x\n  ::error::')).toBe(
    'one\n\\u{3a}:stop-commands::x\n  \\u{3a}:error::',
  )
  expect(printable('std::fs a:b #1')).toBe('std::fs a:b #1')
})

test('lines keep their feeds and our colours; an escaped piece is not escaped again', () => {
  const text = `\x1b[1m${printable('a\x1b[2J\n')}\x1b[22m\nsecond é 漢`
  expect(printableLines(text)).toBe('\x1b[1ma\\e[2J\\n\x1b[22m\nsecond é 漢')
  expect(printableLines('\x1b]0;title\x07 \x1b[2J')).toBe('\\e]0;title\\u{7} \\e[2J')
})

test('JSON holds no command of a CI service, and means the same', () => {
  const name = '##[error]::x'
  const shown = printableJson(JSON.stringify({ name }))
  expect(shown).not.toContain('##[')
  expect(JSON.parse(shown)).toEqual({ name })
})
