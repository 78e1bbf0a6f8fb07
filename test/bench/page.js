import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { heavyLog } from './heavy-log.js'
import { median, quantile, timed } from './measure.js'

const cli = fileURLToPath(new URL('../../bin/fusetrace.js', import.meta.url))
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
const LINES = 168_048
const FRAMES = 120

/** Opening, scrolling and filtering a long report in Chromium; BENCH_RECORDING: of this recording. */
export async function pageBench() {
  if (!existsSync(executablePath)) return console.log('page: no chromium here')
  const given = process.env.BENCH_RECORDING
  const log = given === undefined ? await heavyLog(LINES) : null
  const directory = dirname(log?.file ?? `${process.cwd()}/x`)
  const recording = given ?? join(directory, 'heavy.fusetrace')
  const page = join(directory, 'bench-page.html')
  if (log) run('import', log.file, '-o', recording)
  const making = await timed(() => run('report', recording, '-o', page, '--force'))
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  try {
    const megabytes = (statSync(page).size / 1e6).toFixed(1)
    console.log(
      `page: a report of ${given ?? `${LINES} lines`}, ${megabytes} MB, made in ${(making / 1e3).toFixed(1)} s`,
    )
    await opening(browser, page)
    await frames(browser, page)
  } finally {
    await browser.close()
    rmSync(page, { force: true })
    if (log) rmSync(directory, { recursive: true, force: true })
  }
}

function run(...args) {
  const { status, stderr } = spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}

/** Until rows can be seen, and until the whole log is there; by turns with a page that holds nothing. */
async function opening(browser, path) {
  const rounds = []
  for (let i = 0; i < 7; i++) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    const empty = await timed(() => page.goto('data:text/html,<p>nothing'))
    const began = process.hrtime.bigint()
    await page.goto(`file://${path}`)
    await page.waitForSelector('body[data-ready]')
    const rows = Number(process.hrtime.bigint() - began) / 1e6
    await page.waitForSelector('body[data-ready="all"]')
    const all = Number(process.hrtime.bigint() - began) / 1e6
    rounds.push({ empty, rows, all })
    await page.close()
  }
  for (const [name, what] of [
    ['rows', 'rows are there'],
    ['all', 'the whole log is there'],
  ]) {
    const ms = median(rounds.map((round) => round[name]))
    const ratio = median(rounds.map((round) => round[name] / round.empty))
    console.log(`  ${what.padEnd(24)} ${ms.toFixed(0).padStart(6)} ms  ${ratio.toFixed(0)} × an empty page`)
  }
  console.log('  goal: rows within 3000 ms')
}

/** Times between frames while something is done in each. */
async function frames(browser, path) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await page.goto(`file://${path}`)
  await page.waitForSelector('body[data-ready="all"]')
  const measure = async (what, script) => {
    const deltas = await page.evaluate(
      async ({ count, body }) => {
        const act = new Function('i', body)
        const out = []
        let before = await new Promise(requestAnimationFrame)
        for (let i = 0; i < count; i++) {
          act(i)
          const now = await new Promise(requestAnimationFrame)
          out.push(now - before)
          before = now
        }
        return out
      },
      { count: FRAMES, body: script },
    )
    const [half, most] = [median(deltas), quantile(deltas, 0.99)]
    console.log(`  ${what.padEnd(24)} ${half.toFixed(0).padStart(6)} ms a frame, p99 ${most.toFixed(0)} ms`)
  }
  const type = (id, text) =>
    `const field = document.getElementById('${id}'); field.value = ${text}; field.dispatchEvent(new Event('input', { bubbles: true }))`
  await measure('scrolling the events', `document.getElementById('events').scrollTop += 700 * (i + 1)`)
  await measure('typing a search', type('q', `'file_00'.slice(0, i % 7 + 1)`))
  await page.keyboard.press('Escape')
  await page.evaluate(type('q', `''`))
  await measure('typing a path', type('path', `'/**/*' + i`))
  await page.evaluate(type('path', `''`))
  await page.evaluate(`document.querySelectorAll('[role="tab"]')[2].click()`)
  await measure('scrolling the log', `document.getElementById('log').scrollTop += 900 * (i + 1)`)
  await measure('searching the log', type('q', `'lookup'.slice(0, i % 6 + 1)`))
  console.log('  goal: at most 100 ms a frame')
  await page.close()
}
