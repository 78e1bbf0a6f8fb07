import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { printable } from '../../src/line/text.js'
import { CHROMIUM, drawn, IN_CHROMIUM, openReport, reportsInBrowser, rowsOf } from './browser.js'
import { FAILED, HOSTILE, LONG } from './pages.js'

const opened = reportsInBrowser()

const detail = async (page: Page): Promise<string> => (await page.locator('.detail').textContent()) ?? ''

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

  test('filters, search and latencies', async () => {
    const { page } = await openReport(opened.browser, opened.reports.run)
    const shown = async (): Promise<string[]> =>
      (await rowsOf(page)).map(([, , opcode, , subject]) => `${opcode} ${subject}`)
    await page.getByLabel('opcode').fill('create')
    expect(await shown()).toEqual(['step ▸ make a file', 'create /dir/new.txt', 'create /dir/new.tmp'])
    await page.getByLabel('errno').fill('any')
    expect(await shown()).toEqual(['step ▸ make a file', 'create /dir/new.txt'])
    await page.getByRole('button', { name: 'Clear' }).click()
    await page.getByLabel('path').fill('/dir/*.tmp')
    expect((await shown()).slice(1)).toEqual(['create /dir/new.tmp', 'rename /dir/new.tmp → /dir/new.txt'])
    await page.getByLabel('path').fill('')
    await page.getByLabel('pid').fill('102')
    expect((await shown()).slice(1)).toEqual(['rename /dir/new.tmp → /dir/new.txt'])
    await page.getByRole('button', { name: 'Clear' }).click()
    await page.getByLabel('search').fill('visible')
    expect((await shown()).at(-1)).toBe('wait waitFor.fileVisible /dir/new.txt')
    await page.getByLabel('search').fill('')
    await page.getByRole('tab', { name: 'Latency' }).click()
    const table = await page.locator('.latency tbody tr').allInnerTexts()
    expect(
      table.map((row) =>
        row
          .split('\t')
          .slice(0, 5)
          .map((cell) => cell.trim()),
      ),
    ).toEqual([
      ['create', '2', '1', '50.0 µs', '50.0 µs'],
      ['rename', '1', '', '50.0 µs', '50.0 µs'],
    ])
    await page.getByRole('tab', { name: 'Log' }).click()
    await page.getByLabel('search').fill('note')
    await page.waitForFunction(() => document.querySelector('.count')?.textContent === '1 of 3 lines')
    expect(await rowsOf(page, '#log')).toEqual([[expect.any(String), 'nothing of note']])
  })

  test('keys: rows, failures, steps, search, tabs, help', async () => {
    const { page } = await openReport(opened.browser, opened.reports.run)
    const chosen = async (): Promise<string> => {
      await drawn(page)
      return (await page.locator('#events [aria-selected="true"] .subject').textContent()) ?? ''
    }
    await page.keyboard.press('j')
    await page.keyboard.press('ArrowDown')
    expect(await chosen()).toBe('answered')
    await page.keyboard.press(']')
    expect(await chosen()).toBe('▸ make a file')
    for (const _ of 'ee') await page.keyboard.press('e')
    expect(await chosen()).toBe('/dir/new.txt')
    await page.keyboard.press('End')
    expect(await chosen()).toBe('killed by SIGKILL')
    await page.keyboard.press('/')
    await page.keyboard.type('rename')
    expect((await rowsOf(page)).at(-1)?.[4]).toBe('/dir/new.tmp → /dir/new.txt')
    await page.keyboard.press('Escape')
    await page.keyboard.press('4')
    expect(await page.locator('.panel.about').textContent()).toContain('libfuse (version 1)')
    await page.keyboard.press('?')
    expect(await page.locator('dialog').isVisible()).toBe(true)
  })

  test('an address leads to a moment: an operation, a time, a filter, a line', async () => {
    const at = async (hash: string): Promise<string> => {
      const { page, wrong } = await openReport(opened.browser, opened.reports.run, { hash })
      const text = await detail(page)
      expect(wrong).toEqual([])
      return text
    }
    expect(await at('#op=1')).toMatch(/#1 create/)
    expect(await at('#at=0.0025')).toMatch(/#2 rename/)
    expect(await at('#line=2')).toMatch(/line 2/)
    const { page } = await openReport(opened.browser, opened.reports.run, {
      hash: '#opcode=rename&op=nonsense&tab=%00',
    })
    expect((await rowsOf(page)).map(([, , opcode]) => opcode)).toEqual(['step', 'rename'])
    await page.goto(page.url().replace(/#.*/, '#op=0'))
    await page.waitForFunction(() => document.querySelector('.detail')?.textContent?.includes('#0'))
  })

  test('of very many operations only the rows in view exist, any is found', async () => {
    const rows = `${LONG.toLocaleString('en')} rows`
    const { page, wrong } = await openReport(opened.browser, opened.reports.long)
    expect(await page.locator('.count').textContent()).toBe(rows)
    expect(await page.locator('#events .row').count()).toBeLessThan(80)
    await page.keyboard.press('End')
    expect((await rowsOf(page)).some((row) => row.includes(`/f${LONG - 1}`))).toBe(true)
    await page.keyboard.press('e')
    expect(await detail(page)).toContain(`/f${FAILED}`)
    await page.getByLabel('path').fill('/f1234?')
    await page.waitForFunction((text) => document.querySelector('.count')?.textContent === text, `10 of ${rows}`)
    expect((await rowsOf(page)).length).toBe(10)
    expect(wrong).toEqual([])
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
