import { fileURLToPath } from 'node:url'
import { median, processorMs } from './measure.js'

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
    console.log(`  ${name.padEnd(28)} ${ms.toFixed(0).padStart(5)} ms  ${ratio.toFixed(2)} × node -e 0`)
  }
  console.log('  goal: --version and show at most 1.50')
}
