import { vi } from 'vitest'
import { main } from '../../src/cli/main.js'

/** What the command line did. */
export interface Ran {
  /** Exit code. */
  code: number
  /** Raw: a character a byte. */
  stdout: string
  stderr: string
}

/** Runs the command line in this process. */
export async function fusetrace(...args: string[]): Promise<Ran> {
  const ran: Ran = { code: 0, stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((chunk, ...more) => {
      ran[name] += Buffer.from(chunk as string).toString('latin1')
      for (const done of more) if (typeof done === 'function') (done as () => void)()
      return true
    }),
  )
  const before = process.exitCode
  process.exitCode = undefined
  try {
    await main(['node', 'fusetrace', ...args])
    ran.code = Number(process.exitCode ?? 0)
  } finally {
    process.exitCode = before
    for (const spy of spies) spy.mockRestore()
  }
  return ran
}

/** Runs it with this working directory; what it prints is text. */
export async function fusetraceIn(directory: string, ...args: string[]): Promise<Ran> {
  const before = process.cwd()
  process.chdir(directory)
  try {
    const { code, stdout, stderr } = await fusetrace(...args)
    return { code, stdout: textOf(stdout), stderr: textOf(stderr) }
  } finally {
    process.chdir(before)
  }
}

/** Raw output as text. */
export const textOf = (raw: string): string => Buffer.from(raw, 'latin1').toString()

/** JSON objects, one a line. */
export function objects(text: string): Record<string, unknown>[] {
  return textOf(text)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}
