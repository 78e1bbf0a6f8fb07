// Writes files for so many ms, reads each back and compares: node writer.js DIR MS. Prints how many, and the last one's contents.
import fs from 'node:fs'
import { join } from 'node:path'

const [directory, ms] = [process.argv[2], Number(process.argv[3])]
const began = process.hrtime.bigint()
let files = 0
let last = ''
while (files === 0 || Number(process.hrtime.bigint() - began) / 1e6 < ms) {
  const path = join(directory, `f${files}`)
  last = `${files} `.repeat(1 + ((files * 97) % 4000))
  fs.writeFileSync(path, last)
  if (fs.readFileSync(path, 'latin1') !== last) {
    console.error(`${path} differs from what was written`)
    process.exit(1)
  }
  files++
}
console.log(JSON.stringify({ files, last }))
