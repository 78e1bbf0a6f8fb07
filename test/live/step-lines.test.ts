import fc from 'fast-check'
import { expect, test } from 'vitest'
import { StepLines } from '../../src/live/step-lines.js'

function read(chunks: readonly Uint8Array[]): { passed: string; told: string[] } {
  const told: string[] = []
  let passed = ''
  const lines = new StepLines({
    onBytes: (bytes) => {
      passed += Buffer.from(bytes).toString('latin1')
    },
    onStep: (name) => told.push(`begin ${name}`),
    onEnd: () => told.push('end'),
  })
  for (const chunk of chunks) lines.push(chunk, 0)
  lines.end(0)
  return { passed, told }
}

const text = (value: string): Buffer => Buffer.from(value, 'utf8')

test('steps are taken out, everything else passes byte for byte', () => {
  const output = text('one\n::step a b \n::\n:: step no\n::stepping\n  ::step indented\n::end\n::end of it\ntail \xff')
  const { passed, told } = read([output])
  expect(told).toEqual(['begin a b', 'end', 'end'])
  expect(passed).toBe(text('one\n::\n:: step no\n::stepping\n  ::step indented\ntail \xff').toString('latin1'))
})

test('names may be in any language, and the last line needs no line feed', () => {
  expect(read([text('::step größer\r\n::end')])).toEqual({ passed: '', told: ['begin größer', 'end'] })
})

test('a step without a name is output', () => {
  expect(read([text('::step \n::step\n')])).toEqual({ passed: '::step \n::step\n', told: [] })
})

test('output that cannot become a step passes at once, also without a line feed', () => {
  let passed = ''
  const lines = new StepLines({
    onBytes: (bytes) => {
      passed += Buffer.from(bytes).toString()
    },
    onStep: () => undefined,
    onEnd: () => undefined,
  })
  lines.push(text('prompt> '), 0)
  expect(passed).toBe('prompt> ')
  lines.push(text('\n::st'), 0)
  expect(passed).toBe('prompt> \n')
  lines.push(text('op\n'), 0)
  expect(passed).toBe('prompt> \n::stop\n')
})

test('however it is cut, it is the same', () => {
  const piece = fc.constantFrom('::step a\n', '::end\n', '::', ':', '\n', 'x', '::step ', 'e', 'nd\n', '\xff', ' ')
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 40 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      (pieces, cuts) => {
        const whole = Buffer.from(pieces.join(''), 'latin1')
        const chunks: Buffer[] = []
        for (let at = 0, i = 0; at < whole.length; i++) {
          const next = at + (cuts[i % cuts.length] ?? 1)
          chunks.push(whole.subarray(at, next))
          at = next
        }
        expect(read(chunks)).toEqual(read([whole]))
      },
    ),
  )
})
