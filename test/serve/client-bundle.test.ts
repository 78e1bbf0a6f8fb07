import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** A shell calls it again and again: what it loads is paid each time. */
test('the client that is shipped loads nothing but itself and what Node has', () => {
  const code = readFileSync(new URL('../../dist/client.js', import.meta.url), 'utf8')
  const loaded = [...code.matchAll(/\b(?:from|import) ?\(?"([^"]+)"/g)].map(([, name]) => name)
  expect(loaded).toContain('node:net')
  expect(loaded.filter((name) => !name?.startsWith('node:'))).toEqual([])
})
