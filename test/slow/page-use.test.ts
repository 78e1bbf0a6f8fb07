import { describe, expect, test } from 'vitest'
import { CHROMIUM, detail, drawn, IN_CHROMIUM, openReport, reportsInBrowser, rowsOf } from '../report/browser.js'
import { FAILED, LONG } from '../report/pages.js'

const opened = reportsInBrowser()

describe.skipIf(CHROMIUM === null)(`a report in Chromium${IN_CHROMIUM}`, () => {
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
})
