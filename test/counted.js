// Loaded into a process that is to be counted (`npm run coverage`) though it is ended by SIGTERM, as vitest ends its workers: what it
// ran is written first.
import { takeCoverage } from 'node:v8'

process.on('SIGTERM', function count() {
  takeCoverage()
  // Who handles the signal goes on with it; else the process ends by it, as it would without this.
  if (process.listenerCount('SIGTERM') > 1) return
  process.off('SIGTERM', count)
  process.kill(process.pid, 'SIGTERM')
})
