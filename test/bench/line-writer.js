// Writes a request and its reply as libfuse logs them, a few milliseconds after each SIGUSR1, the time of writing in the path.
// Before that, what a session has behind it that has run for a while.
import { writeSync } from 'node:fs'

let unique = 0
const record = (path) => {
  unique += 2
  const request = `unique: ${unique}, opcode: CREATE (35), nodeid: 1, insize: 62, pid: 1\n`
  const reply = `   NODEID: 2\n   unique: ${unique}, success, outsize: 160\n`
  return `${request}create flags: 0x8241 ${path} 0100644 umask=0022\n${reply}`
}
for (let i = 0; i < 2000; i++) writeSync(2, record(`/before-${i % 100}`))

process.on('SIGUSR1', () => {
  // Whoever asked is asleep by then.
  setTimeout(
    () => {
      writeSync(2, record(`/t-${process.hrtime.bigint()}`))
    },
    2 + ((unique * 7919) % 40) / 10,
  )
})
process.on('SIGTERM', () => process.exit(0))
// Here I am.
writeSync(1, 'ready\n')
setInterval(() => undefined, 60_000)
