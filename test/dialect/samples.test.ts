import { expect, test } from 'vitest'
import { dialects } from '../../src/dialect/builtin.js'
import { checkDialect } from '../../src/dialect/core/check-dialect.js'

test.each(dialects.map((dialect) => [dialect.name, dialect] as const))('%s reads its samples', (_name, dialect) => {
  expect(checkDialect(dialect)).toEqual([])
})
