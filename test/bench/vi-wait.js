// Run by vitest, which the bench starts: what vi.waitFor takes to see a line.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { test, vi } from 'vitest'

test('vi.waitFor', { timeout: 120_000 }, async () => {
  const latencies = []
  const writer = fileURLToPath(new URL('line-writer.js', import.meta.url))
  const child = spawn(process.execPath, [writer], { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  child.stderr.on('data', (chunk) => {
    text += chunk
  })
  await once(child.stdout, 'data')
  for (let i = 0; i < 60; i++) {
    text = ''
    child.kill('SIGUSR1')
    const at = await vi.waitFor(() => {
      const found = /\/t-(\d+)/.exec(text)
      if (!found) throw new Error('not yet')
      return found[1]
    })
    latencies.push(Number(process.hrtime.bigint() - BigInt(at)))
  }
  child.kill()
  writeFileSync(process.env.BENCH_OUT, JSON.stringify(latencies))
})
