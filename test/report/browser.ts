/// <reference lib="dom" />
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { makePages, type Pages } from './pages.js'

/** A Chromium of this machine; null where there is none. */
export const CHROMIUM: string | null =
  [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    (path): path is string => path !== undefined && existsSync(path),
  ) ?? null

/** Why tests of the page are skipped, in their name. */
export const IN_CHROMIUM: string = CHROMIUM === null ? ' (skipped: no chromium here)' : ''

export async function startBrowser(): Promise<Browser> {
  return await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] })
}

/** A browser for all tests of a file, and the reports that they open. */
export interface Reports {
  readonly browser: Browser
  readonly reports: Pages
}

export function reportsInBrowser(): Reports {
  let directory: string
  let browser: Browser
  let reports: Pages
  beforeAll(async () => {
    if (CHROMIUM === null) return
    directory = mkdtempSync(join(tmpdir(), 'fusetrace-page-'))
    reports = makePages(directory)
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    if (directory) rmSync(directory, { recursive: true, force: true })
  })
  return {
    get browser() {
      return browser
    },
    get reports() {
      return reports
    },
  }
}

/** A page that has opened a report, and what it did that it must not. */
export interface Opened {
  readonly page: Page
  /** Errors, dialogs, and requests for anything but the file itself. */
  readonly wrong: readonly string[]
}

export interface OpenOptions {
  readonly hash?: string
  readonly width?: number
  readonly height?: number
  readonly scheme?: 'light' | 'dark'
}

/** Opens a report from disk, in the one page that a browser has for all, and waits until all of it is there. */
export async function openReport(browser: Browser, path: string, options: OpenOptions = {}): Promise<Opened> {
  const { hash = '', width = 1280, height = 800, scheme = 'light' } = options
  const page = browser.contexts()[0]?.pages()[0] ?? (await browser.newPage())
  page.setDefaultTimeout(120_000)
  for (const event of ['pageerror', 'console', 'dialog', 'request']) page.removeAllListeners(event)
  await page.goto('about:blank')
  await page.setViewportSize({ width, height })
  await page.emulateMedia({ colorScheme: scheme })
  const wrong: string[] = []
  page.on('pageerror', (error) => wrong.push(`error: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') wrong.push(`console: ${message.text()}`)
  })
  page.on('dialog', (dialog) => {
    wrong.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(`file://${path}`)) wrong.push(`request: ${request.url()}`)
  })
  await page.goto(`file://${path}${hash}`)
  await page.waitForSelector('body[data-ready="all"]')
  return { page, wrong }
}

/** What the browser has drawn is what is asked about. */
export async function drawn(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
}

/** Texts of the rows in view, a row as its cells. */
export async function rowsOf(page: Page, list = '#events'): Promise<string[][]> {
  await drawn(page)
  return await page.$$eval(`${list} .row:not([hidden])`, (rows) =>
    rows.map((row) =>
      [...row.querySelectorAll('.time, .took, .opcode, .outcome, .subject, .mark, .text')].map(
        (cell) => cell.textContent ?? '',
      ),
    ),
  )
}

/** What the page says of the row that is chosen. */
export const detail = async (page: Page): Promise<string> => (await page.locator('.detail').textContent()) ?? ''
