import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { type SystemClock, systemClock } from '../clock.js'
import { EXIT, FusetraceError } from '../errors.js'
import { printable } from '../line/text.js'
import { type LiveOptions, plan } from '../live/options.js'
import { LiveSession } from '../live/session.js'
import { StatPool } from '../mount/stat-pool.js'
import { quantile } from '../quantile.js'
import { duration, table } from '../report/format.js'
import { MS, sleep } from '../time.js'
import { type BenchCase, type BenchTools, CASES } from './bench-cases.js'
import { DIALECT_HELP, resolveDialect } from './dialect-option.js'
import { mountDirectory } from './mount-directory.js'
import { json, print, say } from './output.js'
import { interruption } from './signals.js'

interface BenchOptions {
  rounds: number
  sleep: number
  setup: number
  poll: number
  mountpoint?: string
  dialect?: string
  json?: boolean
}

/** What one case took, each way: whole rounds, from before the call until the test may go on. */
interface BenchRow {
  readonly name: string
  readonly before: string
  readonly after: string
  readonly sleepNs: number | null
  readonly pollNs: number | null
  readonly waitNs: number | null
  readonly waitP99Ns: number | null
  /** How the wait knew: `trace`, `probe`, `poll`. */
  readonly by: readonly string[]
  /** Why there are no figures. */
  readonly problem: string | null
}

const HELP = `
Each row is something a test does and then needs to know done: with a sleep behind it (as --sleep has it), asking again and again
(every --poll ms), and with the wait. Whole rounds are measured, the call included; medians are printed. The first row is the set-up
delay behind a daemon's start, against the wait until mounted means mounted.
Files are made in a directory of their own on the mount and taken away at the end.

Examples:
  fusetrace bench -- bindfs -f -d /some/dir {mountpoint}
  fusetrace bench --sleep 100 --rounds 50 --json -- my-daemon -d {mountpoint}

Exit 1 when a wait fails.`

/** `fusetrace bench`: what sleeps cost a test on this daemon, and what waits cost. */
export function registerBench(program: Command): void {
  program
    .command('bench')
    .description("what sleeps, polling and waits cost a test, measured on this daemon's mount")
    .argument('<daemon...>', 'after -- the daemon and its arguments; {mountpoint} stands for a fresh directory')
    .option('--rounds <number>', 'rounds of polling and of waiting', count, 20)
    .option('--sleep <ms>', 'what the test sleeps after each call', count, 500)
    .option('--setup <ms>', "what the test sleeps after the daemon's start", count, 1000)
    .option('--poll <ms>', 'how often the polling test asks', count, 50)
    .option('--mountpoint <dir>', 'where the daemon mounts')
    .option('--dialect <name>', DIALECT_HELP)
    .option('--json', 'print the report as JSON')
    .addHelpText('after', HELP)
    .action(async (daemon: string[], options: BenchOptions) => {
      const rows = await bench(daemon, options)
      print(options.json ? json({ ...settings(options), cases: rows }, 2) : text(rows, options))
      if (rows.some(({ problem, waitNs }) => problem !== null && waitNs === null)) process.exitCode = EXIT.finding
    })
}

async function bench(daemon: readonly string[], options: BenchOptions): Promise<BenchRow[]> {
  const clock = systemClock()
  const dialect = options.dialect === undefined ? undefined : await resolveDialect(options.dialect)
  const directory = mountDirectory(options.mountpoint, daemon)
  const interrupted = interruption()
  const live: LiveOptions = {
    daemon,
    signal: interrupted.signal,
    ...(directory.path !== null && { mountpoint: directory.path }),
    ...(dialect && { dialect }),
  }
  const pool = new StatPool(clock)
  const session = new LiveSession(live, plan(live))
  try {
    const began = clock.nowNs()
    await session.start()
    const first = clock.nowNs() - began
    const ready = await readiness(session, clock, first)
    const here = await mkdtemp(join(session.mountpoint, '.fusetrace-bench-'))
    const rows: BenchRow[] = [mountRow(ready, options)]
    try {
      for (const one of CASES) {
        if (interrupted.signal.aborted) throw new FusetraceError('FT_ABORTED', 'interrupted')
        say(`${one.name} …`)
        rows.push(await measure(one, { session, here, options, tools: { clock, pool } }))
      }
    } finally {
      await rm(here, { recursive: true, force: true })
    }
    return rows
  } finally {
    await session.close()
    pool.close()
    interrupted.release()
    directory.remove()
  }
}

/** How long the daemon takes from its start until it is ready, some times. */
async function readiness(session: LiveSession, clock: SystemClock, first: number): Promise<number[]> {
  const all = [first]
  for (let i = 0; i < 4; i++) {
    await session.unmount()
    const began = clock.nowNs()
    await session.remount()
    all.push(clock.nowNs() - began)
  }
  return all
}

const mountRow = (ready: readonly number[], { setup }: BenchOptions): BenchRow => ({
  name: 'start the daemon',
  before: 'spawn, sleep',
  after: 'startLive',
  sleepNs: setup * MS,
  pollNs: null,
  ...waited(ready),
  by: ['phases'],
  problem: null,
})

interface Place {
  readonly session: LiveSession
  readonly here: string
  readonly options: BenchOptions
  readonly tools: BenchTools
}

/** Rounds of sleeping: more of them show nothing new. */
const SLEEPS = 2

async function measure(one: BenchCase, place: Place): Promise<BenchRow> {
  const { name, before, after } = one
  const { session, here, options, tools } = place
  const { clock } = session
  const by = new Set<string>()
  let nth = 0
  const round = async (run: (path: string) => Promise<unknown>): Promise<number> => {
    const path = join(here, `${name.replaceAll(' ', '-')}-${nth++}`)
    await one.prepare?.(path, tools)
    const began = clock.nowNs()
    await run(path)
    return clock.nowNs() - began
  }
  const rounds = async (times: number, run: (path: string) => Promise<unknown>): Promise<number[]> => {
    const all: number[] = []
    for (let i = 0; i < times; i++) all.push(await round(run))
    return all
  }
  const row = { name, before, after, sleepNs: null, pollNs: null, waitNs: null, waitP99Ns: null, by: [], problem: null }
  try {
    const slept = await rounds(SLEEPS, async (path) => {
      await one.act(path, tools)
      await one.sync?.(path)
      await sleep(clock, options.sleep * MS)
    })
    const polled = await rounds(options.rounds, async (path) => {
      await one.act(path, tools)
      while (!(await one.there(path, tools))) await sleep(clock, options.poll * MS)
    })
    const all = await rounds(options.rounds, async (path) => {
      await session.step(name, () => one.act(path, tools))
      by.add((await one.wait(session, path.slice(session.mountpoint.length))).by)
    })
    return { ...row, sleepNs: median(slept), pollNs: median(polled), ...waited(all), by: [...by].sort() }
  } catch (error) {
    return { ...row, problem: (error as Error).message.split('\n')[0] ?? '' }
  }
}

const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b)

const median = (values: readonly number[]): number | null => quantile(sorted(values), 0.5)

const waited = (values: readonly number[]): Pick<BenchRow, 'waitNs' | 'waitP99Ns'> => ({
  waitNs: median(values),
  waitP99Ns: quantile(sorted(values), 0.99),
})

const settings = ({ rounds, sleep, setup, poll }: BenchOptions): Record<string, number> => ({
  rounds,
  sleepMs: sleep,
  setupMs: setup,
  pollMs: poll,
})

function text(rows: readonly BenchRow[], { rounds, sleep }: BenchOptions): string {
  const shown = (ns: number | null): string => (ns === null ? '–' : duration(ns))
  const times = ({ sleepNs, waitNs }: BenchRow): string =>
    sleepNs === null || waitNs === null ? '–' : `${(sleepNs / waitNs).toFixed(sleepNs < 10 * waitNs ? 1 : 0)} ×`
  const body = rows.map((row) => [
    row.name,
    row.before,
    shown(row.sleepNs),
    shown(row.pollNs),
    row.after,
    shown(row.waitNs),
    shown(row.waitP99Ns),
    row.problem === null ? row.by.join(', ') : printable(row.problem),
    times(row),
  ])
  const lines = table(['', 'before', 'sleep', 'polling', 'after', 'wait', 'p99', 'by', 'faster'], body, [2, 3, 5, 6, 8])
  const sum = (of: (row: BenchRow) => number | null): number => rows.reduce((all, row) => all + (of(row) ?? 0), 0)
  const [slept, all] = [sum(({ waitNs, sleepNs }) => waitNs && sleepNs), sum(({ waitNs }) => waitNs)]
  return [
    ...lines,
    '',
    `a test that does each once: ${duration(slept)} with sleeps of ${sleep} ms, ${duration(all)} with waits (medians of ${rounds} rounds)`,
  ].join('\n')
}

function count(value: string): number {
  if (!/^[1-9]\d{0,5}$/.test(value)) throw new InvalidArgumentError('It must be a whole number of at least 1.')
  return Number(value)
}
