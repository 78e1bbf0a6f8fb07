import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { CHROMIUM, IN_CHROMIUM, openReport, reportsInBrowser } from '../report/browser.js'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const opened = reportsInBrowser()

describe.skipIf(CHROMIUM === null)(`a report in Chromium${IN_CHROMIUM}`, () => {
  test('axe finds nothing wrong with it, light or dark', async () => {
    for (const [name, hash, width] of [
      ['run', '#op=0', 1280],
      ['run', '#tab=latency', 1280],
      ['run', '#tab=log&line=2', 400],
      ['run', '#tab=about', 1280],
      ['compared', '', 1280],
    ] as const) {
      const { page } = await openReport(opened.browser, opened.reports[name], { hash, width })
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
    }
  })
})
