// Logs a request and half of the next line, and is killed.
import { writeSync } from 'node:fs'

writeSync(2, 'unique: 2, opcode: LOOKUP (1), nodeid: 1, insize: 46, pid: 7\n')
writeSync(2, '   unique: 2, succ')
process.kill(process.pid, 'SIGKILL')
