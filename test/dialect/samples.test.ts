import { expect, test } from 'vitest'
import { dialects } from '../../src/dialect/builtin.js'
import { checkDialect } from '../../src/dialect/core/check-dialect.js'
import { leadingTime } from '../../src/line/own-time.js'

test.each(dialects.map((dialect) => [dialect.name, dialect] as const))('%s reads its samples', (_name, dialect) => {
  expect(checkDialect(dialect)).toEqual([])
})

test.each(
  dialects
    .filter(({ capabilities }) => capabilities.timestamps !== null)
    .map((dialect) => [dialect.name, dialect] as const),
)('%s reads the times that it says it has', (name, { samples, time = leadingTime }) => {
  const timed = samples.flatMap(({ lines }) => lines.split('\n')).filter((line) => time(line) !== null)
  expect(
    timed.length,
    `${name}: no line of its samples has a time; see "Say the time" in src/dialect/README.md`,
  ).not.toBe(0)
})
