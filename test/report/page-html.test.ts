import { createHash } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { pageHtml } from '../../src/report/page-html.js'

const HOSTILE = '</script><script>alert(1)</script>'
const page = pageHtml({
  title: `"&'${HOSTILE}`,
  script: 'const its = "own"',
  style: 'body { color: red }',
  data: JSON.stringify({ name: HOSTILE }),
  lines: [{ blocks: [HOSTILE, 'second'], times: HOSTILE, streams: '' } as never],
})

test('what comes from a recording stands in the page in a form that is no HTML', () => {
  expect(page).toContain('<title>&#34;&#38;&#39;&#60;/script&#62;&#60;script&#62;alert(1)&#60;/script&#62;</title>')
  expect(page).not.toContain('alert(1)</script>')
  const blocks = [...page.matchAll(/<script type="text\/plain" id="([^"]+)">([A-Za-z0-9+/=]*)<\/script>/g)].map(
    ([, id, packed]) => [id, inflateRawSync(Buffer.from(packed as string, 'base64')).toString()],
  )
  expect(Object.fromEntries(blocks)).toEqual({
    data: JSON.stringify({ name: HOSTILE }),
    'line-facts0': JSON.stringify({ times: HOSTILE, streams: '' }),
    'lines0-0': HOSTILE,
    'lines0-1': 'second',
  })
  // Its own script is the only one that is one.
  expect([...page.matchAll(/<script(?! type="text\/plain")/g)]).toHaveLength(1)
})

test('the browser is told to run nothing else, to load nothing, and to make no HTML of text', () => {
  const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? []
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  expect(policy.split('; ').sort()).toEqual([
    "base-uri 'none'",
    "default-src 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    `script-src ${hash('const its = "own"')}`,
    `style-src ${hash('body { color: red }')}`,
    "trusted-types 'none'",
  ])
})
