import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decode, encode, printable } from '../../src/line/text.js'

test('text that is UTF-8 comes back as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
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

test('what is printed can neither break the line nor act on the terminal', () => {
  expect(printable('a\nb\x1b[31mred\x07\u202e')).toBe('a\\nb\\e[31mred\\u{7}\\u{202e}')
})
