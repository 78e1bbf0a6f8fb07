import { spawnSync } from 'node:child_process'

export const median = (numbers) => quantile(numbers, 0.5)

export function quantile(numbers, share) {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

export async function timed(task) {
  const began = process.hrtime.bigint()
  await task()
  return Number(process.hrtime.bigint() - began) / 1e6
}

/** Medians of pairs, one task right after the other: what else the machine does then slows both down. */
export async function pairs(one, other, { count = 11, warmUp = 3 } = {}) {
  const all = []
  for (let i = 0; i < warmUp + count; i++) all.push([await timed(one), await timed(other)])
  const measured = all.slice(warmUp)
  return {
    one: median(measured.map(([ms]) => ms)),
    other: median(measured.map(([, ms]) => ms)),
    ratio: median(measured.map(([a, b]) => a / b)),
  }
}

/** Processor time of a whole process, ms; what it prints is thrown away. */
export function processorMs(command) {
  const [file, ...args] = command
  const script = 'TIMEFORMAT=%U+%S; time "$@" >/dev/null 2>/dev/null'
  const { stderr } = spawnSync('bash', ['-c', script, 'bash', file, ...args], { encoding: 'utf8' })
  const [, user, system] = /([\d.]+)\+([\d.]+)\s*$/.exec(stderr) ?? []
  return (Number(user) + Number(system)) * 1000
}

/** Of a command of ours: how long it takes, how long its main thread is at work, and how long all its threads are, ms. */
export function commandMs([program, ...args]) {
  const hook = new URL('./main-thread.js', import.meta.url).href
  const began = process.hrtime.bigint()
  const { output } = spawnSync(program, ['--import', hook, ...args], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
  const wall = Number(process.hrtime.bigint() - began) / 1e6
  return { wall, ...JSON.parse(output[3].toString() || '{"main":0,"all":0}') }
}
