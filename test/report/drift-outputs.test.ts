import { expect, test } from 'vitest'
import type { Comparison, Finding } from '../../src/drift/findings/finding.js'
import { annotation } from '../../src/report/annotations.js'
import { subject } from '../../src/report/format.js'
import { junit } from '../../src/report/junit.js'

const finding: Finding = {
  code: 'path-lost',
  severity: 'breaks',
  title: 'a "b" <c> & d: 100%\n::error::x',
  old: { text: 'old <\u001b[31m>', line: 0, ranges: [] },
  new: null,
  lines: 1,
  opcodes: [],
  effects: [],
  consequence: 'it follows',
  waits: Array.from({ length: 7 }, (_, i) => ({ wait: 'w', needs: 'n', before: 1, now: 0, text: `wait ${i}` })),
  tests: [],
}

test('an annotation is one command, whatever is in it', () => {
  const text = annotation('a,b:c%0A::d\n.fusetrace', finding)
  expect(text).toMatch(/^::error file=[^,:\n]*,title=fusetrace path-lost::[^\n\u001b]*$/)
  expect(text).toContain('file=a%2Cb%3Ac%250A%3A%3Ad')
  expect(text).toContain('100%25')
  expect(text).toContain('%0Await 4%0A- old <')
  expect(text).not.toContain('wait 5')
})

test('JUnit has names and texts as XML holds them', () => {
  const comparison = { findings: [finding], notExercised: [] } as unknown as Comparison
  const xml = junit([
    { file: '<"&\u0000\ud800\t>.fusetrace', comparison, failed: true },
    { file: 'fine', comparison: { ...comparison, findings: [] }, failed: false },
    { file: 'seen', comparison, failed: false },
  ])
  expect(xml).toMatch(
    /^<\?xml [^>]*>\n<testsuite name="fusetrace check" tests="3" failures="1" errors="0" skipped="0">\n/,
  )
  // Taken apart as a reader of XML would: tags, and texts between them.
  const texts = xml.split(/<\/?[a-z][^<>]*>|<\?[^<>]*\?>/)
  expect(texts.join('')).not.toMatch(/[<>\u0000-\u0008\u001b]|&(?!(?:amp|lt|gt|quot|#\d+);)/)
  for (const [, value] of xml.matchAll(/ (?:name|message|type)="([^"]*)"/g)) expect(value).not.toMatch(/[<>\n\t]/)
  expect(xml).toContain('message="a &quot;b&quot; &lt;c&gt; &amp; d: 100%')
  expect(xml.match(/<failure /g)).toHaveLength(1)
  expect(xml.match(/<system-out>/g)).toHaveLength(1)
})

test('what an operation is about is printable, name by name', () => {
  const hostile = 'a\u001b[2J\n'
  const shown = ['path', 'newPath', 'target', 'name'].map((field) =>
    subject({ path: '/p', newPath: null, target: null, name: null, [field]: hostile } as never),
  )
  for (const text of [...shown, subject({ path: null, paths: [hostile, '/b'], newPath: null, name: null } as never)])
    expect(text).toMatch(/^[ -~→]+$/)
})
