import { spawn } from 'node:child_process'
import type { Clock } from '../clock.js'
import { LATE, within } from '../time.js'

export interface ToolResult {
  /** Null when it was ended by a signal. */
  readonly code: number | null
  readonly stdout: Buffer
  readonly stderr: string
}

/**
 * Runs a small program (`umount`, `getfattr`), with messages in English. `LATE` when it takes longer than `limitNs`: it is then
 * killed, and left alone if it cannot die. `null` when it is not installed.
 */
export async function runTool(
  clock: Clock,
  limitNs: number,
  file: string,
  args: readonly string[],
): Promise<ToolResult | typeof LATE | null> {
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, LC_ALL: 'C' },
  })
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  const done = new Promise<ToolResult | null>((resolve) => {
    child.once('error', () => resolve(null))
    child.once('close', (code) =>
      resolve({ code, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString('utf8') }),
    )
  })
  const result = await within(clock, limitNs, done)
  if (result === LATE) {
    child.kill('SIGKILL')
    child.unref()
    child.stdout.destroy()
    child.stderr.destroy()
  }
  return result
}
