import { expect, test } from 'vitest'
import { Redactor } from '../../src/redact/redactor.js'
import { Restorer } from '../../src/redact/restorer.js'

test('lines behind the begin of a key are taken for it as long as keys are', () => {
  const redactor = new Redactor()
  const line = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj'
  redactor.line('-----BEGIN PRIVATE KEY-----', 'stderr')
  const redacted = Array.from({ length: 402 }, () => redactor.line(line, 'stderr') !== line)
  expect([redacted.slice(0, 400).every(Boolean), redacted.slice(400)]).toEqual([true, [false, false]])
})

test('numbers of stand-ins that a recording has already are not given again', () => {
  const token = `ghp_${'a1B2'.repeat(9)}`
  const named = (used: Record<string, number>): string =>
    new Redactor({ used }).raw(`token ${token}`, 'command').replace(/^token /, '')
  const [first] = [named({})]
  const [, kind = ''] = /^\{([a-z]+)1\}$/.exec(first) ?? []
  expect(named({ [kind]: 3 })).toBe(`{${kind}4}`)
})

test('an escape of what is no character, and a name of one letter, harm nothing', () => {
  const redactor = new Redactor({ patterns: [/secret/dg], texts: [{ name: 'user', text: 'a', kind: 'word' }] })
  expect(redactor.raw('\\u{110000} a secret', 'command')).toBe('\\u{110000} a {redacted1}')
})

test('values within values without measure are left as they are', () => {
  let deep: unknown = '{home}/x'
  for (let i = 0; i < 50_000; i++) deep = [deep]
  const restorer = new Restorer({ redacted: { home: 1 } }, { home: '/h' })
  expect(restorer.value(['{home}/x'])).toEqual(['/h/x'])
  expect(() => restorer.value(deep)).not.toThrow()
  expect(restorer.fits(deep, deep)).toBe(false)
})
