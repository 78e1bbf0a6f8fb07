import { expect, test } from 'vitest'
import { GuessedNodes } from '../../../src/dialect/nodes/guessed-nodes.js'

const make = (guessed: GuessedNodes, opcode: string, entry: string, parent = '1'): void => {
  guessed.request(opcode, { nodeId: parent, pid: 7 })
  guessed.answered(opcode, { nodeId: parent, entry, pid: 7 })
}
const path = (guessed: GuessedNodes, opcode: string, nodeId: string): string | undefined =>
  guessed.request(opcode, { nodeId, pid: 7 }).path

test('what is used next is what was made just before, also when the directory was asked about in between', () => {
  const guessed = new GuessedNodes()
  make(guessed, 'mkdir', 'd')
  guessed.request('getattr', { nodeId: '1', pid: 7 })
  expect(path(guessed, 'opendir', '20')).toBe('/d')
})

test('of two directories made in a row nobody knows which is used first, nor later', () => {
  const guessed = new GuessedNodes()
  make(guessed, 'mkdir', 'd1')
  make(guessed, 'mkdir', 'd2')
  expect(path(guessed, 'opendir', '21')).toBeUndefined()
  for (let i = 0; i < 100; i++) guessed.request('getattr', { nodeId: '1', pid: 7 })
  expect(path(guessed, 'opendir', '22')).toBeUndefined()
})

test('when more nodes were forgotten than have lost their names, none is known', () => {
  const guessed = new GuessedNodes()
  make(guessed, 'create', 'a')
  path(guessed, 'write', '31')
  make(guessed, 'create', 'b')
  path(guessed, 'write', '32')
  make(guessed, 'unlink', 'a')
  expect(guessed.forgetSome(1)).toEqual([])
  expect(guessed.path('32')).toBe('/b')
  expect(guessed.forgetSome(1)).toEqual(['32'])
  expect(guessed.path('32')).toBeNull()
})

test('a log that shows nodes leaves nothing to guess', () => {
  const guessed = new GuessedNodes()
  make(guessed, 'mkdir', 'd')
  guessed.stop()
  expect(path(guessed, 'opendir', '20')).toBeUndefined()
})

test('what may have been renamed is not known any more', () => {
  const guessed = new GuessedNodes()
  make(guessed, 'create', 'a')
  path(guessed, 'write', '31')
  make(guessed, 'create', 'longer')
  path(guessed, 'write', '32')
  expect(guessed.blur('1', 1, 5)).toEqual(['31'])
  expect([guessed.path('31'), guessed.path('32')]).toEqual([null, '/longer'])
})
