// Every byte there is, and characters cut between two writes.
import { writeSync } from 'node:fs'

writeSync(1, Buffer.from(Array.from({ length: 256 }, (_, i) => i)))
writeSync(1, Buffer.from([0xc3]))
writeSync(1, Buffer.from([0xa9, 0x0a]))
writeSync(2, Buffer.from([0xff, 0xfe, 0x0a]))
