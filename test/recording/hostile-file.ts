import { readFileSync, rmSync } from 'node:fs'
import { expect } from 'vitest'
import { HOSTILE, writeHostile } from '../attack/hostile-files.js'
import { fusetrace } from '../cli/run.js'

const demo = readFileSync(new URL('old/format-1.fusetrace', import.meta.url))
/** Preamble and header. */
const begin = demo.subarray(0, 10 + 13 + demo.readUInt32LE(11))

/** Every command that reads refuses it in one line, which names the limit. */
export async function namesTheLimit(dir: string, name: string, limit: string): Promise<void> {
  expect(Object.keys(HOSTILE)).toContain(name)
  const file = writeHostile(dir, name, begin)
  for (const command of ['info', 'stats', 'show', 'check']) {
    const ran = await fusetrace(command, file)
    expect(ran.code).toBe(2)
    expect(ran.stderr).toMatch(
      new RegExp(`^fusetrace: [^\\n]* holds more than [^\\n]*FUSETRACE_LIMITS=${limit}=NUMBER\\n$`),
    )
  }
  rmSync(file)
}
