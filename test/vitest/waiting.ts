import { readFileSync } from 'node:fs'
import { afterEach } from 'vitest'
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

/** A project of each test's own, removed when it has ended. */
export interface WaitingProject {
  made: Project
  /** Starts the test that waits, in a project for it, and resolves when it does. */
  waiting(): Promise<Waiting>
}

export function waitingEach(): WaitingProject {
  const each: WaitingProject = {
    made: null as never,
    async waiting() {
      each.made = project({ 'waiting.test.ts': WAITING, 'quick.test.ts': QUICK })
      const { pid, ended } = each.made.start(['waiting'], { FUSETRACE: 'live' })
      return { ...(await toldBy(each.made)), made: each.made, ended, group: pid }
    },
  }
  afterEach(() => each.made.remove())
  return each
}

/** What the waiting test of a project tells, when it does. */
export async function toldBy(made: Project): Promise<Told> {
  await until(() => made.exists('told'))
  return JSON.parse(String(made.read('told'))) as Told
}
