// Writes a request and its reply as libfuse logs them, a few milliseconds after each SIGUSR1, the time of writing in the path.
import { writeSync } from 'node:fs'

let unique = 2
process.on('SIGUSR1', () => {
  unique += 2
  const head = `unique: ${unique}, opcode: CREATE (35), nodeid: 1, insize: 62, pid: 1\n`
  const end = `   NODEID: 2\n   unique: ${unique}, success, outsize: 160\n`
  // Whoever asked is asleep by then.
  setTimeout(
    () => {
      const now = process.hrtime.bigint()
      writeSync(2, `${head}create flags: 0x8241 /t-${now} 0100644 umask=0022\n${end}`)
    },
    2 + ((unique * 7919) % 40) / 10,
  )
})
process.on('SIGTERM', () => process.exit(0))
// Here I am.
writeSync(1, 'ready\n')
setInterval(() => undefined, 60_000)
