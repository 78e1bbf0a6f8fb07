import { expect, test } from 'vitest'
import { globTest, pathTest } from '../src/path-pattern.js'

test.each([
  ['/a.txt', ['/a.txt'], ['/a.txt2', '/d/a.txt']],
  ['a.txt', ['/a.txt'], []],
  ['/d/', ['/d'], ['/d/x']],
  ['/*.txt', ['/a.txt', '/.txt'], ['/d/a.txt']],
  ['/**/a', ['/a', '/d/a', '/d/e/a'], ['/da']],
  ['/d/**', ['/d/', '/d/a', '/d/e/f'], ['/d', '/e/d/a']],
  ['/?[a-c][!x]', ['/1a1', '/?b-'], ['/1d1', '/1ax', '//a1', '/1a/']],
  ['/[a', ['/[a'], ['/a']],
  ['/a[1].txt', ['/a[1].txt', '/a1.txt'], ['/a2.txt']],
  ['/\u{1F600}*', ['/\u{1F600}x'], ['/x']],
])('%s', (pattern, fits, others) => {
  const test = pathTest(pattern)
  expect(fits.filter((path) => !test(path))).toEqual([])
  expect(others.filter(test)).toEqual([])
})

test('one test serves paths of any length, the long before the short', () => {
  const test = globTest('/**/x*y')
  const long = `/${'d/'.repeat(2000)}x1y`
  expect([long, '/x/y', '/xy', `${long}z`, '/a/xy'].map(test)).toEqual([true, false, true, false, true])
})
