import { readFileSync } from 'node:fs'
import { until } from '../live/machine.js'
import { type Project, project } from './project.js'

/** Tells its process and waits for what never comes. */
export const WAITING = `
import { writeFileSync, renameSync } from 'node:fs'
const test = fuseTest({ daemon })
test('waits', { timeout: 600_000 }, async ({ mount, session }) => {
  await mount.fs.writeFile('a.txt', 'x')
  writeFileSync('told.new', JSON.stringify({ pid: process.pid, daemon: session.daemon.pid, mount: mount.path }))
  renameSync('told.new', process.env.TOLD ?? 'told')
  await session.waitFor.fileVisible('never.txt', { timeoutMs: 600_000 })
})
`

export const QUICK = `
const test = fuseTest({ daemon })
for (let i = 0; i < 5; i++) {
  test('number ' + i, async ({ mount, step, waitFor }) => {
    await step('create', () => mount.fs.writeFile('a.txt', String(i)))
    await waitFor.writeComplete('a.txt')
    expect(await mount.fs.readdir('/')).toEqual(['a.txt'])
    expect(await mount.branches[0].fs.readFile('a.txt', 'utf8')).toBe(String(i))
  })
}
`

/** What the waiting test tells. */
export interface Told {
  pid: number
  daemon: number
  mount: string
}

/** Whether a process runs. */
export function alive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** A test that waits, and what ends with it. */
export interface Waiting extends Told {
  readonly made: Project
  readonly ended: Promise<unknown>
  /** Vitest's process, and its group. */
  readonly group: number
}

/** Starts the test that waits, in a project of its own, and resolves when it does. */
export async function startWaiting(): Promise<Waiting> {
  const made = project({ 'waiting.test.ts': WAITING, 'quick.test.ts': QUICK })
  const { pid, ended } = made.start(['waiting'], { FUSETRACE: 'live' })
  return { ...(await toldBy(made)), made, ended, group: pid }
}

/** What the waiting test of a project tells, when it does. */
export async function toldBy(made: Project): Promise<Told> {
  await until(() => made.exists('told'))
  return JSON.parse(String(made.read('told'))) as Told
}
