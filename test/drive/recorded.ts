import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { startDriven } from '../../src/live/driven-session.js'
import { standInFiles } from '../../src/vfs/node/files.js'

/** A directory with a mountpoint, a source, and another, until the test has ended. */
export function place(): string {
  const directory = mkdtempSync(join(tmpdir(), 'fusetrace-test-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  for (const name of ['mount', 'source', 'other']) mkdirSync(join(directory, name))
  return directory
}

/** Records a bindfs of the source that a few things are done on. */
export async function record(directory: string): Promise<string> {
  const recording = join(directory, 'run.fusetrace')
  const mountpoint = join(directory, 'mount')
  const daemon = ['bindfs', '-f', '-d', join(directory, 'source'), mountpoint]
  const session = await startDriven({ daemon, mountpoint, record: recording })
  const fs = standInFiles(session.vfs, mountpoint) as unknown as typeof import('node:fs/promises')
  await fs.mkdir('/d')
  await fs.writeFile('/d/f', 'x')
  await fs.rename('/d/f', '/g')
  await fs.readdir('/')
  await fs.readFile('/nope').catch(() => undefined)
  await session.quiet()
  await session.close()
  return recording
}
