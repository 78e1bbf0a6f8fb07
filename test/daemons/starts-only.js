// bindfs, whose log is written as fuser writes its own: requests with their names, no replies, no paths.
//   starts-only.js SOURCE MOUNTPOINT      HIDE=LOOKUP,RELEASE leaves these requests out, as a lower level of logging does.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const [source, mountpoint] = process.argv.slice(2)
const hidden = new Set((process.env.HIDE ?? '').split(','))
const child = spawn('bindfs', ['-f', '-d', source, mountpoint], { stdio: ['ignore', 'ignore', 'pipe'] })

/** Which node a path is, for the new directory of a rename. */
const nodes = new Map([['', 1]])
let request = null
let entry = null

const hex = (node) => `0x${node.toString(16).padStart(16, '0')}`
const quoted = (path) => JSON.stringify(path.slice(path.lastIndexOf('/') + 1))

function emit(more) {
  const { unique, opcode, node } = request
  request = null
  if (hidden.has(opcode)) return
  const id = String(unique).padStart(3)
  process.stdout.write(
    `[${new Date().toISOString().replace('Z', '000Z')} DEBUG fuser::request] FUSE(${id}) ino ${hex(node)} ${opcode}${more}\n`,
  )
}

/** The line after a request's says which path it is about. */
function facts({ opcode }, line) {
  const words = line.trim().split(' ')
  switch (opcode) {
    case 'LOOKUP':
    case 'MKDIR':
    case 'UNLINK':
    case 'RMDIR':
    case 'MKNOD':
    case 'CREATE': {
      const path = words.find((word) => word.startsWith('/')) ?? '/'
      entry = path
      return ` name ${quoted(path)}${opcode === 'MKDIR' ? ', mode 0o755' : ''}`
    }
    case 'RENAME': {
      const [, from = '', to = ''] = words
      entry = null
      for (const [path, node] of [...nodes]) if (path === from) nodes.set(to, node)
      const directory = nodes.get(to.slice(0, to.lastIndexOf('/'))) ?? 1
      return ` name ${quoted(from)}, newdir ${hex(directory)}, newname ${quoted(to)}`
    }
    case 'SETXATTR':
    case 'GETXATTR':
    case 'REMOVEXATTR':
      return ` name "${words[2] ?? ''}"`
    default:
      return ''
  }
}

for await (const line of createInterface({ input: child.stderr })) {
  const begins = /^unique: (\d+), opcode: (\w+) \(\d+\), nodeid: (\d+)/.exec(line)
  if (request !== null) emit(begins ? '' : facts(request, line))
  if (begins) request = { unique: Number(begins[1]), opcode: begins[2], node: Number(begins[3]) }
  const made = /^ {3}NODEID: (\d+)$/.exec(line)?.[1]
  if (made !== undefined && entry !== null) nodes.set(entry, Number(made))
}
child.once('exit', (code) => process.exit(code ?? 1))
if (child.exitCode !== null) process.exit(child.exitCode)
