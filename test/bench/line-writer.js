// Logs a file's making after each SIGUSR1 as a libfuse daemon does: the request at once, the reply some milliseconds later, when
// the work is done. What a session has behind it that has run for a while comes first. At its end it says on stdout when each
// reply was written (CLOCK_MONOTONIC, ns).
import { writeSync } from 'node:fs'

const BEFORE = 2000
let times = []
let unique = 0

function request(name) {
  unique += 2
  writeSync(2, `unique: ${unique}, opcode: CREATE (35), nodeid: 1, insize: ${40 + 16 + name.length + 1}, pid: 1\n`)
  writeSync(2, `create flags: 0x8241 /${name} 0100644 umask=0022\n`)
}

function reply() {
  times.push(String(process.hrtime.bigint()))
  writeSync(2, `   NODEID: ${unique}\n   unique: ${unique}, success, outsize: 160\n`)
}

process.on('SIGUSR1', () => {
  request(`file-${times.length}`)
  // Whoever waits is asleep by then.
  setTimeout(reply, 2 + ((unique * 7919) % 40) / 10)
})
process.on('SIGTERM', () => {
  writeSync(1, `${JSON.stringify(times)}\n`)
  process.exit(0)
})
for (let i = 0; i < BEFORE; i++) {
  request(`before-${i}`)
  reply()
}
times = []
setInterval(() => undefined, 60_000)
