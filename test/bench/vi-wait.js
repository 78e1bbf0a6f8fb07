// Run by vitest, which the bench starts: what vi.waitFor takes to see a line.
import { writeFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { latencies, startWriter } from './writer.js'

test('vi.waitFor', { timeout: 120_000 }, async () => {
  const known = []
  const writer = await startWriter()
  for (let i = 0; i < 60; i++) {
    writer.ask()
    await vi.waitFor(() => expect(writer.answered()).toBe(true), { timeout: 60_000 })
    known.push(process.hrtime.bigint())
  }
  writeFileSync(process.env.BENCH_OUT, JSON.stringify(latencies(await writer.end(), known)))
})
