// Makes a file after each SIGUSR1 and logs it as a libfuse daemon does: the request when it has read it, the reply when it is
// done. What a session has behind it that has run for a while comes first. At its end it says on stdout when each reply was
// written (CLOCK_MONOTONIC, ns).
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const BEFORE = 2000
const directory = mkdtempSync(join(tmpdir(), 'fusetrace-bench-'))
const times = []
let unique = 0

function create(name, work) {
  unique += 2
  writeSync(2, `unique: ${unique}, opcode: CREATE (35), nodeid: 1, insize: ${40 + 16 + name.length + 1}, pid: 1\n`)
  writeSync(2, `create flags: 0x8241 /${name} 0100644 umask=0022\n`)
  work(name)
  times.push(String(process.hrtime.bigint()))
  writeSync(2, `   NODEID: ${unique}\n   unique: ${unique}, success, outsize: 160\n`)
}

process.on('SIGUSR1', () => {
  const make = (name) => closeSync(openSync(join(directory, name), 'w'))
  // Whoever asked is asleep by then.
  setTimeout(() => create(`file-${times.length}`, make), 2 + ((unique * 7919) % 40) / 10)
})
process.on('SIGTERM', () => {
  rmSync(directory, { recursive: true })
  writeSync(1, `${JSON.stringify(times)}\n`)
  process.exit(0)
})
for (let i = 0; i < BEFORE; i++) create(`before-${i}`, () => undefined)
times.length = 0
setInterval(() => undefined, 60_000)
