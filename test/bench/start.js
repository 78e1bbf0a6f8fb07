import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median, processorMs } from './measure.js'
import { row } from './table.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const cli = `${root}bin/fusetrace.js`
const importing = (what) => [process.execPath, '--input-type=module', '-e', `await import('${root}dist/${what}.js')`]

const COMMANDS = {
  'node -e 0': [process.execPath, '-e', '0'],
  'fusetrace --version': [process.execPath, cli, '--version'],
  'show of a small recording': [process.execPath, cli, 'show', `${root}recordings/demo.fusetrace`],
  'info of a small recording': [process.execPath, cli, 'info', `${root}recordings/demo.fusetrace`],
  "import 'fusetrace'": importing('index'),
}

const GOALS = { 'fusetrace --version': '≤ 1.50', 'show of a small recording': '≤ 1.50' }

/** What `import 'fusetrace/vitest'` adds to a run of vitest with one empty test file: paid in every worker. */
function vitestBench() {
  const directory = mkdtempSync(join(root, '.bench', 'start-'))
  const files = { without: '', with: `import '${root}dist/vitest.js'\n` }
  for (const [name, more] of Object.entries(files)) {
    writeFileSync(
      join(directory, `${name}.test.js`),
      `import { test } from 'vitest'\n${more}test('nothing', () => {})\n`,
    )
  }
  writeFileSync(join(directory, 'vitest.config.js'), 'export default {}\n')
  const run = (name) =>
    processorMs([process.execPath, `${root}node_modules/vitest/vitest.mjs`, 'run', `--root=${directory}`, name])
  const pairs = Array.from({ length: 7 }, () => [run('without.'), run('with.')]).slice(1)
  rmSync(directory, { recursive: true })
  const [more, ratio] = [median(pairs.map(([a, b]) => b - a)), median(pairs.map(([a, b]) => b / a))]
  row('start', "import 'fusetrace/vitest' in a vitest run", `${more.toFixed(0)} ms more, ${ratio.toFixed(2)} × without`)
}

/** Processor time of whole processes, each in turn, against `node -e 0` of the same round. */
export async function startBench() {
  const rounds = []
  for (let i = 0; i < 13; i++) {
    rounds.push(Object.fromEntries(Object.entries(COMMANDS).map(([name, command]) => [name, processorMs(command)])))
  }
  console.log('start: processor time of a whole process, medians of 13 rounds')
  for (const name of Object.keys(COMMANDS)) {
    const ms = median(rounds.map((round) => round[name]))
    const ratio = median(rounds.map((round) => round[name] / round['node -e 0']))
    row('start', name, `${ms.toFixed(0)} ms, ${ratio.toFixed(2)} × node -e 0`, GOALS[name])
  }
  vitestBench()
}
