import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { DrivenOptions } from '../../src/live/driven-options.js'
import { type DrivenSession, startDriven } from '../../src/live/driven-session.js'
import { standInFiles } from '../../src/vfs/node/files.js'
import { DAEMONS, type DrivenDaemon } from './daemons.js'

export const bindfs = DAEMONS.find(({ name }) => name === 'bindfs') as DrivenDaemon

interface Run {
  session: DrivenSession
  fs: typeof import('node:fs/promises')
  /** Where the daemon keeps a file. */
  source(name: string): string
}

/** Drives a bindfs until the test has ended. */
export async function driveBindfs(options: Pick<DrivenOptions, 'requestMs' | 'seed'> = {}): Promise<Run> {
  const directory = mkdtempSync(join(tmpdir(), 'fusetrace-test-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const [source, mountpoint] = [join(directory, 'source'), join(directory, 'mount')]
  for (const path of [source, mountpoint]) mkdirSync(path)
  const daemon = bindfs.command({ source, mountpoint, directory })
  const session = await startDriven({ daemon, mountpoint, scratch: directory, readyMs: 300_000, ...options })
  onTestFinished(() => session.close())
  const fs = standInFiles(session.vfs, mountpoint) as unknown as Run['fs']
  return { session, fs, source: (name) => join(source, name) }
}
