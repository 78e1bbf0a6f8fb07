// Loaded ahead of a command (`node --import`): says at its end on descriptor 3 how long its main thread, and all threads, ran, ms.
import { readFileSync, writeSync } from 'node:fs'

process.on('exit', () => {
  const [ran] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')
  const { user, system } = process.cpuUsage()
  writeSync(3, JSON.stringify({ main: Number(ran) / 1e6, all: (user + system) / 1e3 }))
})
