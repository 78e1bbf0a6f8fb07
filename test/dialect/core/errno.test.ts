import { describe, expect, test } from 'vitest'
import { errnoName, errnoOfName, errnoOfWords } from '../../../src/dialect/core/errno.js'

describe('names of one errno', () => {
  test.each([
    ['EWOULDBLOCK', 'EAGAIN'],
    ['EOPNOTSUPP', 'ENOTSUP'],
    ['EDEADLOCK', 'EDEADLK'],
    ['ENOATTR', 'ENODATA'],
    ['enoent', 'ENOENT'],
    ['ENOTSUPP', 'ENOTSUPP'],
    ['EMINE', null],
  ])('%s is %s', (name, canonical) => {
    expect(errnoOfName(name)).toBe(canonical)
  })

  test('an alias and its number have one name', () => {
    for (const [number, name] of [
      [11, 'EWOULDBLOCK'],
      [95, 'EOPNOTSUPP'],
      [35, 'EDEADLOCK'],
      [61, 'ENOATTR'],
    ] as const) {
      expect(errnoName(number)).toBe(errnoOfName(name))
      expect(errnoName(-number)).toBe(errnoOfName(name))
    }
    expect([errnoName(0), errnoName(9999)]).toEqual([null, 'errno_9999'])
  })

  test.each([
    ['Operation not supported', 'ENOTSUP'],
    ['operation would block', 'EAGAIN'],
    ['no such file or directory', 'ENOENT'],
    ['anything (os error 61)', 'ENODATA'],
    ['Unknown error 524', 'ENOTSUPP'],
    ['errno 95', 'ENOTSUP'],
    ['all is well', null],
  ])('%s is %s', (words, name) => {
    expect(errnoOfWords(words)).toBe(name)
  })
})
