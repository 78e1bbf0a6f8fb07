// What benches print: lines as they go, and at the end of a whole run a table of all that has a figure.
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, release, tmpdir, totalmem } from 'node:os'
import { dirname, join } from 'node:path'

/** A measured figure: printed, and kept for the table where there is to be one. */
export function row(bench, what, figure, goal = '') {
  console.log(`  ${what.padEnd(46)} ${figure}${goal === '' ? '' : `  (goal ${goal})`}`)
  if (process.env.BENCH_ROWS) appendFileSync(process.env.BENCH_ROWS, `${JSON.stringify([bench, what, figure, goal])}\n`)
}

/** Where the benches of a run, each a process of its own, leave their rows. */
export function makeRows() {
  const file = join(mkdtempSync(join(tmpdir(), 'fusetrace-bench-')), 'rows')
  writeFileSync(file, '')
  return file
}

/** The rows as a page: the machine, and a table in Markdown. */
export function printTable(file) {
  const rows = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
  rmSync(dirname(file), { recursive: true })
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  const { model } = cpus()[0] ?? { model: 'unknown' }
  console.log(
    `\n${cpus().length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.version}, commit ${commit}.\n`,
  )
  console.log('| bench | what | figure | goal |\n| --- | --- | --- | --- |')
  for (const cells of rows) console.log(`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
}
