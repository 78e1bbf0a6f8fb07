import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { printable } from '../../src/line/text.js'
import { CHROMIUM, detail, IN_CHROMIUM, openReport, reportsInBrowser, rowsOf } from './browser.js'
import { HOSTILE } from './pages.js'

const opened = reportsInBrowser()

// How it is used (filters, keys, addresses, very many rows): test/slow/page-use.test.ts.
describe.skipIf(CHROMIUM === null)(`a report in Chromium${IN_CHROMIUM}`, () => {
  test('shows what happened, in order, and all that is known of each', async () => {
    const { page, wrong } = await openReport(opened.browser, opened.reports.run)
    const rows = await rowsOf(page)
    expect(rows.map(([, , opcode, , subject]) => `${opcode} ${subject}`)).toEqual([
      'mount spawned: pid 7',
      'mount answered',
      'step ▸ make a file',
      expect.stringMatching(/^call mount\.fs\.writeFile\("dir\/new\.txt"/),
      'create /dir/new.txt',
      'wait waitFor.fileVisible /dir/new.txt',
      'create /dir/new.tmp',
      'rename /dir/new.tmp → /dir/new.txt',
      'lost 3 kernel-events',
      'daemon killed by SIGKILL',
    ])
    await page.getByRole('option', { name: 'EACCES /dir/new.txt' }).click()
    const text = await detail(page)
    for (const known of ['#0', 'EACCES', 'make a file', '101', '4096', 'nearly: failed with EACCES'])
      expect(text).toContain(known)
    // The words that it was read from; the colours of the log are gone.
    expect(await page.locator('.lines mark').allTextContents()).toEqual([
      '12',
      'CREATE',
      'CREATE',
      '/dir/new.txt',
      '12',
      '-13',
    ])
    expect(await page.locator('.lines').textContent()).not.toContain('\\e[')
    expect(wrong).toEqual([])
  })

  test('a wait says from when to when, what satisfied it and what it nearly matched, and leads there', async () => {
    const { page } = await openReport(opened.browser, opened.reports.run)
    await page.getByRole('option', { name: 'waitFor.fileVisible' }).click()
    const text = await detail(page)
    for (const known of [
      '0.001200 s',
      '0.003100 s',
      '1.90 ms',
      "mark 'make a file'",
      'Nearly matched',
      'failed with EACCES',
    ])
      expect(text).toContain(known)
    await page.getByRole('button', { name: /#2 rename/ }).click()
    expect(await detail(page)).toContain('satisfied')
    expect(new URL(page.url()).hash).toBe('#op=2')
  })

  test('two recordings side by side: the first difference is in view, what is only in one is marked', async () => {
    const { page, wrong } = await openReport(opened.browser, opened.reports.compared)
    const first = page.locator('#events [aria-selected="true"]')
    await first.waitFor()
    expect(await first.locator('.mark').getAttribute('aria-label')).toBe('only in the first')
    expect(await first.locator('.left .subject').textContent()).toBe('/f250')
    expect(await first.locator('.right').textContent()).toBe('')
    const [list, row] = [await page.locator('#events').boundingBox(), await first.boundingBox()]
    expect(row?.y).toBeGreaterThanOrEqual(list?.y ?? Number.NaN)
    expect((row?.y ?? 0) + (row?.height ?? 0)).toBeLessThanOrEqual((list?.y ?? 0) + (list?.height ?? 0))
    await page.keyboard.press('d')
    expect(await detail(page)).toContain('another outcome')
    expect(await detail(page)).toContain('ENOENT')
    await page.getByLabel('only these').check()
    expect((await rowsOf(page)).length).toBe(2)
    expect(await page.locator('.count').textContent()).toContain('2 differences')
    expect(wrong).toEqual([])
  })

  test('names that would be something else are text; what tries to act all the same is refused', async () => {
    const { page, wrong } = await openReport(opened.browser, opened.reports.hostile)
    const subjects = (await rowsOf(page)).map((row) => row[4])
    expect(subjects).toEqual(HOSTILE.map((name) => printable(`/${name}`)))
    expect(await page.locator('img').count()).toBe(0)
    expect(await page.locator('script').count()).toBe(1)
    expect(wrong).toEqual([])
    const html = readFileSync(opened.reports.hostile, 'utf8')
    expect(html.match(/<script/gi)).toHaveLength(4)
    expect(html).toContain("default-src 'none'; script-src 'sha256-")
    const tried = await page.evaluate(() => {
      const element = document.createElement('div')
      try {
        element.innerHTML = '<b>x</b>'
        return 'made HTML of text'
      } catch {}
      return (globalThis as { ran?: unknown }).ran === undefined ? 'refused' : 'ran'
    })
    expect(tried).toBe('refused')
  })
})
