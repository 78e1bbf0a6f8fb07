// Goes into the background as daemons do: the first process ends with code 0, another one lives on with no streams.
import { spawn } from 'node:child_process'

const child = spawn(
  process.execPath,
  ['-e', 'setTimeout(() => {}, Number(process.argv[1]))', process.argv[2] ?? '500'],
  {
    stdio: 'ignore',
    detached: true,
  },
)
child.unref()
console.log('starting in the background')
