import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { printable } from '../../src/line/text.js'
import { openRecording } from '../../src/recording/reader.js'
import type { Row } from '../../src/recording/row.js'
import { makeReport } from '../../src/report/page.js'
import { CHROMIUM, IN_CHROMIUM, openReport, rowsOf, startBrowser } from '../report/browser.js'
import { line, operation, recordingOf } from '../report/recordings.js'

const RUN = 'globalThis.ran=1'

/** Names that would be HTML, script, style, an end of either, an address, a template, a format, or something else than they look. */
const NAMES: readonly string[] = [
  `<script>${RUN}</script>`,
  `</script><script>${RUN}</script>`,
  `</SCRIPT ><script>${RUN}//`,
  `<!--<script>${RUN}`,
  '-->',
  '<![CDATA[<script>',
  `<img src=x onerror=${RUN}>`,
  `"><img src=x onerror="${RUN}">`,
  `'><svg onload='${RUN}'>`,
  `<svg><script>${RUN}</script></svg>`,
  `<iframe srcdoc="<script>parent.ran=1</script>">`,
  `<iframe src="javascript:parent.ran=1">`,
  `<a href="javascript:${RUN}">x</a>`,
  `javascript:${RUN}`,
  'data:text/html,<script>globalThis.ran=1</script>',
  `<body onload=${RUN}>`,
  `<style>@import 'http://127.0.0.1:9/x.css'</style>`,
  `</style><script>${RUN}</script>`,
  '<link rel=stylesheet href=http://127.0.0.1:9/x.css>',
  '<meta http-equiv=refresh content="0;url=http://127.0.0.1:9/">',
  '<base href="http://127.0.0.1:9/">',
  '<object data="http://127.0.0.1:9/x">',
  '<form action="http://127.0.0.1:9/"><button autofocus>',
  `<details open ontoggle=${RUN}>`,
  `<input autofocus onfocus=${RUN}>`,
  `<template><script>${RUN}</script></template>`,
  `</noscript><script>${RUN}</script>`,
  `</title><script>${RUN}</script>`,
  `<math><mtext><script>${RUN}</script>`,
  '&lt;script&gt;',
  '&#60;script&#62;',
  '&amp;&quot;&apos;&nbsp;&NotEqualTilde;',
  `\${${RUN}}`,
  `{{${RUN}}}`,
  '`+globalThis.ran+`',
  '");globalThis.ran=1;("',
  "');globalThis.ran=1;('",
  '\\u003cscript\\u003e',
  '\\',
  '\u0000nul\u0000',
  '\u0007\b\u007f',
  'new\nline',
  'carriage\rreturn',
  '\ttab',
  '\u001b[2J\u001b]0;title\u0007',
  '\u0085next',
  '\u2028line\u2029paragraph',
  '\u202egnp.exe',
  '\u2066\u2067isolated\u2069',
  '\u200bzero\u200dwidth\ufeff',
  '\u00adsoft',
  '\u{e0041}\u{e007f}tags',
  Buffer.from('\ud800half').toString(),
  '\u034f\u115f\u3164fillers',
  'ünïcödé-日本-😀',
  '__proto__',
  'constructor',
  'toString',
  '#op=1&tab=log',
  '%3Cscript%3E%00',
  '../../../../etc/passwd',
  'a'.repeat(5000),
  '::error::x',
  '##[error]x',
]

let directory: string
let path: string
let browser: Browser

beforeAll(async () => {
  if (CHROMIUM === null) return
  directory = mkdtempSync(join(tmpdir(), 'fusetrace-hostile-'))
  path = join(directory, 'report.html')
  const all = NAMES.join('')
  const rows: Row[] = NAMES.flatMap((name, i): Row[] => [
    line(i * 1000, `LOOKUP ${name}`),
    { kind: 'mark', atNs: i * 1000, edge: 'begin', name },
    {
      kind: 'operation',
      operation: operation(i, {
        startNs: i * 1000 + 1,
        endNs: i * 1000 + 2,
        path: `/${name}`,
        opcode: 'rename',
        newPath: name,
        name,
        lines: [i, i],
        ...(i % 2 === 1 && { status: 'error', errno: name }),
      }),
    },
    {
      kind: 'wait',
      title: name,
      since: name,
      sinceNs: 0,
      beginNs: i * 1000,
      endNs: i * 1000 + 5,
      end: 'timeout',
      by: null,
      operations: [],
      misses: [{ operation: i, reasons: [name] }],
      note: `${name}\n${name}`,
    },
    {
      kind: 'call',
      beginNs: i * 1000,
      endNs: i * 1000 + 9,
      root: name,
      method: name,
      args: [name],
      result: name,
      error: { code: name, errno: null, syscall: null, message: name },
    },
    { kind: 'probe', atNs: i * 1000, probe: `exists${i}`, args: [name], answer: name, errno: name },
    { kind: 'mount', atNs: i * 1000, event: 'lost', detail: name },
    { kind: 'loss', atNs: i * 1000, what: name, count: 1 },
    { kind: 'fault', atNs: i * 1000, fault: i, text: name, unique: '1', opcode: name, path: name },
    { kind: 'mark', atNs: i * 1000 + 500, edge: 'end', name },
  ])
  const facts = {
    fusetraceVersion: all,
    nodeVersion: all,
    kernel: all,
    dialect: all,
    command: [all],
    mountpoint: all,
    branches: [all],
    daemonVersion: all,
    environment: { RUST_LOG: all },
  }
  const recordings = [recordingOf(directory, 'a', rows, facts), recordingOf(directory, 'b', rows.slice(9), facts)]
  const make = (name: string, of: readonly string[]): void => {
    const readers = of.map((file) => openRecording(file))
    writeFileSync(join(directory, name), makeReport(readers.map((reader) => ({ reader, name: all }))).html)
    for (const reader of readers) reader.close()
  }
  make('report.html', recordings.slice(0, 1))
  make('compared.html', recordings)
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.close()
  if (directory) rmSync(directory, { recursive: true, force: true })
})

describe.skipIf(CHROMIUM === null)(`names that would be something else, in Chromium${IN_CHROMIUM}`, () => {
  test(`none of ${NAMES.length} runs, loads, hides or becomes an element; each is shown as a terminal shows it`, async () => {
    const { page, wrong } = await openReport(browser, path, { height: 3600 })
    const elements = (): Promise<string[]> =>
      page.evaluate(() => [...new Set([...document.querySelectorAll('*')].map((element) => element.localName))].sort())
    const seen = new Set<string>()
    await page.getByLabel('opcode').fill('rename')
    for (let i = 0; i < NAMES.length; i += 7) {
      await page.evaluate((id) => (location.hash = `op=${id}&opcode=rename`), i)
      await page.waitForFunction((id) => document.querySelector('.detail .id')?.textContent === `#${id}`, i)
    }
    for (const row of await rowsOf(page)) seen.add(row[4] ?? '')
    for (const name of NAMES) {
      const shown = printable(name)
      expect(seen).toContain(`${printable(`/${name}`)} → ${shown}  ${shown}`)
    }
    for (const hash of [
      'tab=latency',
      'tab=log',
      'tab=log&line=1&q=script',
      'tab=about',
      'event=3',
      'event=7',
      'q=%3Cscript%3E',
      'own',
    ]) {
      await page.evaluate((to) => (location.hash = to), hash)
      await rowsOf(page)
    }
    expect((await elements()).filter((name) => !OURS.has(name))).toEqual([])
    expect(await page.evaluate(() => (globalThis as { ran?: unknown }).ran)).toBeUndefined()
    expect(await page.locator('script').count()).toBe(1)
    expect(wrong).toEqual([])
  })

  test('nor where two recordings are compared', async () => {
    const { page, wrong } = await openReport(browser, join(directory, 'compared.html'), { width: 400, scheme: 'dark' })
    for (let i = 0; i < 5; i++) await page.keyboard.press('PageDown')
    for (const key of '1234') await page.keyboard.press(key)
    expect(await page.evaluate(() => (globalThis as { ran?: unknown }).ran)).toBeUndefined()
    expect(wrong).toEqual([])
  })

  test('what tries to act all the same is refused by the page itself', async () => {
    const { page } = await openReport(browser, path)
    const tried = await page.evaluate(() => {
      const element = document.createElement('div')
      const script = document.createElement('script')
      try {
        element.innerHTML = '<b>x</b>'
        return 'made HTML of text'
      } catch {}
      try {
        script.text = 'globalThis.ran = 1'
        document.body.append(script)
      } catch {}
      return (globalThis as { ran?: unknown }).ran === undefined ? 'refused' : 'ran'
    })
    expect(tried).toBe('refused')
  })
})

/** Elements that the page makes. */
const OURS: ReadonlySet<string> = new Set(
  'html head meta title style body script noscript div header h1 strong span button canvas nav form input details summary label datalist option output main table caption thead tbody tr th td article h2 p dl dt dd section h3 ul li ol aside dialog kbd i mark pre'.split(
    ' ',
  ),
)

test('in the file nothing of a recording is to be seen but compressed, and the policy names what may run', () => {
  if (CHROMIUM === null) return
  const html = readFileSync(path, 'utf8')
  expect(html.match(/<script/gi)).toHaveLength(4)
  // Rows are shown before the log has been read.
  expect(html.indexOf('id="lines0-0"')).toBeGreaterThan(html.lastIndexOf('<script>'))
  expect(html).not.toContain('RUST_LOG')
  expect(html).toContain("default-src 'none'; script-src 'sha256-")
  expect(html).not.toMatch(/unsafe-inline|unsafe-eval|https?:(?!\/\/127)/)
})
