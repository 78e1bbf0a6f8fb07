import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { trace } from '../../src/index.js'
import { RecordingWriter } from '../../src/recording/writer.js'
import { fusetrace } from '../cli/run.js'
import { directory } from '../export/made.js'
import { CHROMIUM, IN_CHROMIUM, startBrowser } from '../report/browser.js'

const made = (): string => {
  const run = trace()
    .mkdir('/d')
    .ok()
    .mkdir('/d')
    .fail('EEXIST')
    .unlink('/x')
    .fail('ENOENT')
    .lookup('/y')
    .missing()
    .rename2('/d', '/e')
    .ok()
    .write('/e/f', { size: 3 })
  const path = join(directory(), 'made.fusetrace')
  const writer = RecordingWriter.create(path, run.header)
  for (const row of run.rows()) writer.write(row)
  writer.finish()
  return path
}

/** A trace has lines; what they are read as comes by importing them. */
async function recorded(): Promise<string> {
  const [log, path] = [join(directory(), 'daemon.log'), join(directory(), 'daemon.fusetrace')]
  const lines = await fusetrace('replay', made(), '--speed', 'instant')
  writeFileSync(log, lines.stderr, 'latin1')
  expect((await fusetrace('import', log, '-o', path, '--dialect', 'libfuse')).code).toBe(0)
  return path
}

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
