import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fusetrace } from '../cli/run.js'
import { directory } from '../export/made.js'
import { recorded } from '../outcomes/made.js'
import { CHROMIUM, IN_CHROMIUM, startBrowser } from '../report/browser.js'

describe('coverage --html', () => {
  test.skipIf(CHROMIUM === null)(`opens in a browser, readable in both schemes${IN_CHROMIUM}`, async () => {
    const page = join(directory(), 'coverage.html')
    await fusetrace('coverage', await recorded(), '--html', page, '--require', 'mkdir:ENOSPC')
    const browser = await startBrowser()
    try {
      for (const colorScheme of ['light', 'dark'] as const) {
        const tab = await browser.newPage({ viewport: { width: 400, height: 800 }, colorScheme, bypassCSP: true })
        await tab.goto(`file://${page}`)
        const mkdir = tab.locator('tr', { has: tab.locator('th', { hasText: /^mkdir$/ }) })
        expect(await mkdir.locator('td.never').count()).toBeGreaterThan(0)
        // The table scrolls; the page does not.
        expect(await tab.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
        await tab.addScriptTag({ path: 'node_modules/axe-core/axe.min.js' })
        const found = (await tab.evaluate(
          'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))',
        )) as unknown[]
        expect(found).toEqual([])
      }
    } finally {
      await browser.close()
    }
  })
})
