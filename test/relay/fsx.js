// Random reads, writes, truncations and renames of one file, each held against what it must be then: node fsx.js DIR STEPS SEED
import fs from 'node:fs'
import { join } from 'node:path'

const [directory, steps, seed] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])]
const MAX = 300_000
let state = seed | 1
const random = (below) => {
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return (state >>> 0) % below
}
let path = join(directory, 'fsx')
let file = fs.openSync(path, 'w+')
let model = Buffer.alloc(0)
const fail = (step, what) => {
  console.error(`step ${step}: ${what}`)
  process.exit(1)
}
for (let step = 0; step < steps; step++) {
  const kind = random(10)
  if (kind < 4) {
    const at = random(MAX)
    const data = Buffer.alloc(1 + random(70_000), step & 0xff)
    if (data.length >= 4) data.writeUInt32LE(step, data.length - 4)
    if (fs.writeSync(file, data, 0, data.length, at) !== data.length) fail(step, 'a short write')
    if (model.length < at + data.length) model = Buffer.concat([model, Buffer.alloc(at + data.length - model.length)])
    data.copy(model, at)
  } else if (kind < 8) {
    const at = random(MAX)
    const size = 1 + random(70_000)
    const got = Buffer.alloc(size)
    const bytes = fs.readSync(file, got, 0, size, at)
    if (!got.subarray(0, bytes).equals(model.subarray(at, at + size))) fail(step, `read ${size} at ${at} differs`)
  } else if (kind === 8) {
    const size = random(MAX)
    fs.ftruncateSync(file, size)
    model = size <= model.length ? model.subarray(0, size) : Buffer.concat([model, Buffer.alloc(size - model.length)])
    model = Buffer.from(model)
  } else {
    // The kernel's cache is let go: what comes now comes from the daemon.
    fs.closeSync(file)
    const next = join(directory, `fsx${step % 7}`)
    fs.renameSync(path, next)
    path = next
    file = fs.openSync(path, 'r+')
    if (fs.fstatSync(file).size !== model.length)
      fail(step, `its size is ${fs.fstatSync(file).size}, not ${model.length}`)
  }
}
fs.closeSync(file)
if (!fs.readFileSync(path).equals(model)) fail(steps, 'the file differs at the end')
