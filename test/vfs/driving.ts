import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { DrivenOptions } from '../../src/live/driven-options.js'
import { startDriven } from '../../src/live/driven-session.js'
import { whyNoNamespace } from '../../src/transport/namespace.js'
import type { Way } from '../../src/transport/prepare.js'
import { standInFiles } from '../../src/vfs/node/files.js'
import { until } from '../live/machine.js'
import { installed } from '../transport/tools.js'
import { type DrivenDaemon, missing } from './daemons.js'

/** Whether whoever runs this is root. */
export const isRoot: boolean = process.getuid?.() === 0

/** Directories of a test's own: a source with a file in it, and a mountpoint. */
export function place() {
  const directory = mkdtempSync(join(tmpdir(), 'fusetrace-test-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const paths = { directory, mountpoint: join(directory, 'mount'), source: join(directory, 'source') }
  mkdirSync(paths.mountpoint)
  mkdirSync(paths.source)
  writeFileSync(join(paths.source, 'seen.txt'), 'seen')
  return paths
}

/** Drives a daemon until the test has ended. */
export async function drive(daemon: DrivenDaemon, options: Pick<DrivenOptions, 'environment' | 'withoutKoffi'> = {}) {
  const paths = place()
  const command = daemon.command(paths)
  const session = await startDriven({
    daemon: command,
    mountpoint: paths.mountpoint,
    scratch: paths.directory,
    readyMs: 25_000,
    ...options,
  })
  onTestFinished(() => session.close())
  return {
    session,
    fs: standInFiles(session.vfs, paths.mountpoint) as unknown as typeof import('node:fs/promises'),
    ...paths,
  }
}

/** What the table of `src/vfs/README.md` says of whoever runs this. */
const wayHere = ({ way }: DrivenDaemon): Way => (way === 'namespace' && !isRoot ? 'user-namespace' : way)

/** Whether the namespace that a daemon is driven in cannot be made here. */
export const noNamespace = async (daemon: DrivenDaemon): Promise<boolean> => {
  const way = wayHere(daemon)
  return (way === 'namespace' || way === 'user-namespace') && (await whyNoNamespace(way)) !== null
}

/** Processes of a group. */
const inGroup = (group: number): string[] =>
  readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
      const [state, , pgrp] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return Number(pgrp) === group && state !== 'Z'
    } catch {
      return false
    }
  })

/** Drives a daemon without a mount, and looks at what is left. */
export function isDriven(daemon: DrivenDaemon): void {
  test(`${daemon.name} is driven without a mount, and leaves nothing behind`, async ({ skip }) => {
    const lacks = missing(daemon)
    if (lacks !== null) skip(`${lacks} is not installed`)
    if (await noNamespace(daemon)) skip('no namespace can be made here')
    const { session, fs, mountpoint } = await drive(daemon)
    expect(session.way).toBe(wayHere(daemon))
    if (daemon.name !== 'gocryptfs') {
      expect(await fs.readdir('/')).toEqual(['seen.txt'])
      expect(await fs.readFile('/seen.txt', 'utf8')).toBe('seen')
    }
    await expect(fs.readFile('/missing')).rejects.toMatchObject({ code: 'ENOENT', syscall: 'open', path: '/missing' })
    if (daemon.writable !== false) {
      const content = 'line\n'.repeat(50_000)
      await fs.mkdir('/d')
      await fs.writeFile('/d/new.txt', content)
      expect(await fs.readFile('/d/new.txt', 'utf8')).toBe(content)
      await fs.rename('/d/new.txt', '/d/moved.txt')
      expect((await fs.stat('/d/moved.txt')).size).toBe(content.length)
      await expect(fs.rmdir('/d')).rejects.toMatchObject({ code: 'ENOTEMPTY' })
      await fs.rm('/d', { recursive: true })
      expect(await fs.readdir('/')).not.toContain('d')
    }
    const { pid } = session.daemon ?? { pid: 0 }
    await session.close()
    // Those that were killed may take a moment to be gone.
    await until(() => inGroup(pid).length === 0)
    expect(readdirSync(mountpoint)).toEqual([])
    expect(existsSync(`/proc/${pid}`)).toBe(false)
  })
}

/** The same without koffi, by a broker in Perl, with many requests at once. */
export function isDrivenByPerl(daemon: DrivenDaemon): void {
  test(`${daemon.name} is driven without koffi, by a broker in Perl`, async ({ skip }) => {
    const lacksPerl = installed('perl') ? null : 'perl'
    const lacks = missing(daemon) ?? lacksPerl
    if (lacks !== null) skip(`${lacks} is not installed`)
    if (await noNamespace(daemon)) skip('no namespace can be made here')
    const { session, fs, mountpoint } = await drive(daemon, { withoutKoffi: true })
    expect(session.describeDaemon()).toContain('by perl: koffi is not installed')
    const content = 'line\n'.repeat(50_000)
    const names = Array.from({ length: 8 }, (_, i) => `/f${i}`)
    await Promise.all(names.map((name) => fs.writeFile(name, content)))
    const read = await Promise.all(names.map((name) => fs.readFile(name, 'utf8')))
    expect(read.map((text) => text === content)).toEqual(names.map(() => true))
    await expect(fs.readFile('/missing')).rejects.toMatchObject({ code: 'ENOENT', syscall: 'open' })
    const { pid } = session.daemon ?? { pid: 0 }
    await session.close()
    // Those that were killed may take a moment to be gone.
    await until(() => inGroup(pid).length === 0)
    expect(readdirSync(mountpoint)).toEqual([])
  })
}
