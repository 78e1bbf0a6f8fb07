import { spawn } from 'node:child_process'
import type { Clock } from '../clock.js'
import { LATE, within } from '../time.js'

export interface CommandOptions {
  readonly clock: Clock
  /** After so many ns it is killed, with all that it started, and left alone if it cannot die. */
  readonly limitNs: number
  readonly cwd?: string
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>
  /** Written to its standard input, which is then closed. */
  readonly input?: string | Uint8Array
}

export interface CommandResult {
  readonly stdout: Buffer
  readonly stderr: Buffer
  /** Null when a signal ended it. */
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
}

/** Bytes of each stream that are kept; a command that prints more is killed. */
const MAX_OUTPUT_BYTES: number = 16 * 1024 * 1024

/**
 * Runs a user's command to its end, in a process group of its own. `LATE` when it takes longer than `limitNs`: a process that
 * hangs in a dead mount cannot be ended, and must not hang us.
 *
 * @throws what `spawn` fails with (`ENOENT`: not installed); an error with `code` `ENOBUFS` when it prints too much
 */
export async function runCommand(
  [file = '', ...args]: readonly string[],
  options: CommandOptions,
): Promise<CommandResult | typeof LATE> {
  const { clock, limitNs, cwd, env, input } = options
  const child = spawn(file, args, { detached: true, stdio: 'pipe', cwd, env: { ...process.env, ...env } })
  const kill = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It has ended meanwhile.
    }
  }
  const out = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
  const done = new Promise<CommandResult>((resolve, reject) => {
    for (const name of ['stdout', 'stderr'] as const) {
      let bytes = 0
      child[name].on('data', (chunk: Buffer) => {
        bytes += chunk.length
        out[name].push(chunk)
        if (bytes <= MAX_OUTPUT_BYTES) return
        kill()
        reject(Object.assign(new Error(`${file} printed more than ${MAX_OUTPUT_BYTES} bytes`), { code: 'ENOBUFS' }))
      })
    }
    child.once('error', reject)
    child.once('close', (exitCode, signal) => {
      resolve({ stdout: Buffer.concat(out.stdout), stderr: Buffer.concat(out.stderr), exitCode, signal })
    })
  })
  // A command may not want its input.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const result = await within(clock, limitNs, done)
  if (result === LATE) {
    kill()
    child.unref()
    for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.destroy()
  }
  return result
}
