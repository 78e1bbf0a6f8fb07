import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Row } from '../../src/recording/row.js'
import { CHROMIUM, drawn, IN_CHROMIUM, openReport, rowsOf, startBrowser } from './browser.js'
import { line, operation, recordingOf, reportOf } from './recordings.js'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let directory: string
let browser: Browser
const reports: Record<'run' | 'long' | 'compared', string> = { run: '', long: '', compared: '' }

/** A run with everything that a recording can hold. */
const RUN: readonly Row[] = [
  { kind: 'mount', atNs: 10_000, event: 'spawned', detail: 'pid 7' },
  { kind: 'mount', atNs: 400_000, event: 'answered', detail: null },
  line(1_000_000, 'unique: 12, opcode: CREATE (35), pid: 101'),
  line(1_050_000, '   \x1b[32mCREATE\x1b[0m /dir/new.txt, unique: 12, error: -13 (Permission denied)'),
  line(2_000_000, 'nothing of note'),
  { kind: 'mark', atNs: 900_000, edge: 'begin', name: 'make a file' },
  {
    kind: 'operation',
    operation: operation(0, {
      startNs: 1_000_000,
      opcode: 'create',
      path: '/dir/new.txt',
      unique: 12,
      status: 'error',
      errno: 'EACCES',
      lines: [0, 1],
      size: 4096,
    }),
  },
  {
    kind: 'operation',
    operation: operation(1, { startNs: 2_000_000, opcode: 'create', path: '/dir/new.tmp', lines: [2, 2] }),
  },
  {
    kind: 'operation',
    operation: operation(2, {
      startNs: 3_000_000,
      opcode: 'rename',
      path: '/dir/new.tmp',
      newPath: '/dir/new.txt',
      lines: [2, 2],
    }),
  },
  { kind: 'mark', atNs: 4_000_000, edge: 'end', name: 'make a file' },
  {
    kind: 'call',
    beginNs: 950_000,
    endNs: 1_100_000,
    root: 'mount',
    method: 'writeFile',
    args: ['dir/new.txt', 'x'],
    result: null,
    error: { code: 'EACCES', errno: -13, syscall: 'open', message: 'EACCES: permission denied' },
  },
  {
    kind: 'wait',
    title: 'fileVisible /dir/new.txt',
    since: 'make a file',
    sinceNs: 900_000,
    beginNs: 1_200_000,
    endNs: 3_100_000,
    end: 'satisfied',
    by: 'trace',
    operations: [2],
    misses: [{ operation: 0, reasons: ['failed with EACCES'] }],
    note: null,
  },
  { kind: 'probe', atNs: 3_200_000, probe: 'exists', args: ['/dir/new.txt'], answer: true, errno: null },
  { kind: 'loss', atNs: 4_100_000, what: 'kernel-events', count: 3 },
  { kind: 'exit', atNs: 5_000_000, code: null, signal: 'SIGKILL' },
]

/** Many operations, and a difference between two runs of them. */
function many(count: number, change: (i: number) => object | null): Row[] {
  return Array.from({ length: count }, (_, i) => {
    const facts = change(i)
    return facts === null
      ? []
      : [
          {
            kind: 'operation' as const,
            operation: operation(i, { path: `/f${i}`, opcode: 'unlink', lines: [0, 0], ...facts }),
          },
        ]
  }).flat()
}

beforeAll(async () => {
  if (CHROMIUM === null) return
  directory = mkdtempSync(join(tmpdir(), 'fusetrace-page-'))
  const make = (name: keyof typeof reports, ...recordings: string[]): void => {
    reports[name] = join(directory, `${name}.html`)
    writeFileSync(reports[name], reportOf(...recordings))
  }
  make('run', recordingOf(directory, 'run', RUN))
  make(
    'long',
    recordingOf(
      directory,
      'long',
      many(100_000, (i) => (i === 77_777 ? { status: 'error', errno: 'EIO' } : {})),
    ),
  )
  make(
    'compared',
    recordingOf(
      directory,
      'a',
      many(400, () => ({})),
    ),
    recordingOf(
      directory,
      'b',
      many(400, (i) => (i === 250 ? null : i === 300 ? { status: 'error', errno: 'ENOENT' } : {})),
    ),
  )
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.close()
  if (directory) rmSync(directory, { recursive: true, force: true })
})

const detail = async (page: Page): Promise<string> => (await page.locator('.detail').textContent()) ?? ''

describe.skipIf(CHROMIUM === null)(`a report in Chromium${IN_CHROMIUM}`, () => {
  test('shows what happened, in order, and all that is known of each', async () => {
    const { page, wrong } = await openReport(browser, reports.run)
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
    await page.close()
  })

  test('a wait says from when to when, what satisfied it and what it nearly matched, and leads there', async () => {
    const { page } = await openReport(browser, reports.run)
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
    await page.close()
  })

  test('filters, search and latencies', async () => {
    const { page } = await openReport(browser, reports.run)
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
    await page.close()
  })

  test('keys: rows, failures, steps, search, tabs, help', async () => {
    const { page } = await openReport(browser, reports.run)
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
    await page.close()
  })

  test('an address leads to a moment: an operation, a time, a filter, a line', async () => {
    const at = async (hash: string): Promise<string> => {
      const { page, wrong } = await openReport(browser, reports.run, { hash })
      const text = await detail(page)
      expect(wrong).toEqual([])
      await page.close()
      return text
    }
    expect(await at('#op=1')).toMatch(/#1 create/)
    expect(await at('#at=0.0025')).toMatch(/#2 rename/)
    expect(await at('#line=2')).toMatch(/line 2/)
    const { page } = await openReport(browser, reports.run, { hash: '#opcode=rename&op=nonsense&tab=%00' })
    expect((await rowsOf(page)).map(([, , opcode]) => opcode)).toEqual(['step', 'rename'])
    await page.goto(page.url().replace(/#.*/, '#op=0'))
    await page.waitForFunction(() => document.querySelector('.detail')?.textContent?.includes('#0'))
    await page.close()
  })

  test('100,000 operations: only the rows in view exist, any is found', async () => {
    const { page, wrong } = await openReport(browser, reports.long)
    expect(await page.locator('.count').textContent()).toBe('100,000 rows')
    expect(await page.locator('#events .row').count()).toBeLessThan(80)
    await page.keyboard.press('End')
    expect((await rowsOf(page)).some((row) => row.includes('/f99999'))).toBe(true)
    await page.keyboard.press('e')
    expect(await detail(page)).toContain('/f77777')
    await page.getByLabel('path').fill('/f1234?')
    await page.waitForFunction(() => document.querySelector('.count')?.textContent === '10 of 100,000 rows')
    expect((await rowsOf(page)).length).toBe(10)
    expect(wrong).toEqual([])
    await page.close()
  })

  test('two recordings side by side: the first difference is in view, what is only in one is marked', async () => {
    const { page, wrong } = await openReport(browser, reports.compared)
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
    await page.close()
  })

  test('axe finds nothing wrong with it, light or dark', async () => {
    for (const [name, hash, width] of [
      ['run', '#op=0', 1280],
      ['run', '#tab=latency', 1280],
      ['run', '#tab=log&line=2', 400],
      ['run', '#tab=about', 1280],
      ['compared', '', 1280],
    ] as const) {
      const { page } = await openReport(browser, reports[name], { hash, width })
      await page.evaluate(axe)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        const found = await page.evaluate(async () => {
          const { violations } = await (
            globalThis as unknown as {
              axe: {
                run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>
              }
            }
          ).axe.run()
          return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`)
        })
        expect(found, `${colorScheme} ${name}${hash}`).toEqual([])
      }
      await page.close()
    }
  })
})
