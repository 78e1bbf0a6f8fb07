import type { Raw } from '../../line/line.js'
import { isAttribute, isEntry, isRename } from '../core/effects.js'
import { quote, type WrittenRequest } from '../core/writer.js'

/** A request as fuser's own line has it: `FUSE(  8) ino 0x0000000000000001 CREATE name "a.txt", mode 0o100644, flags 0x8041`. */
export function fuserLine(request: WrittenRequest): Raw {
  const { unique, opcode, nodeId } = request
  const ino = BigInt(nodeId).toString(16).padStart(16, '0')
  const words = wordsOf(request)
  return `FUSE(${String(unique).padStart(3)}) ino 0x${ino} ${opcode.toUpperCase()}${words === '' ? '' : ` ${words}`}`
}

function wordsOf(request: WrittenRequest): Raw {
  const { opcode, entry, xattr, target, nodeId, otherNodeId, otherEntry, values } = request
  const at = (dir: string, name: Raw): Raw => `FilenameInDir { dir: INodeNo(${dir}), name: ${quote(name, 'rust')} }`
  if (isRename(opcode)) return `src ${at(nodeId, entry ?? '')}, dest ${at(otherNodeId ?? '1', otherEntry ?? '')}`
  if (opcode === 'link') return `ino INodeNo(${otherNodeId}), dest ${at(nodeId, entry ?? '')}`
  if (opcode === 'symlink') return `target ${quote(target ?? '', 'rust')}, link_name ${quote(entry ?? '', 'rust')}`
  if (opcode === 'forget') return 'nlookup 1'
  const name = isAttribute(opcode) ? xattr : isEntry(opcode) ? entry : undefined
  const numbers = [
    values.fh === undefined ? null : `fh FileHandle(${values.fh})`,
    values.offset === undefined ? null : `offset ${values.offset}`,
    values.size === undefined ? null : `size ${values.size}`,
    values.mode === undefined ? null : `mode 0o${values.mode.toString(8)}`,
    values.flags === undefined ? null : `flags 0x${values.flags.toString(16)}`,
  ]
  return [name === undefined ? null : `name ${quote(name, 'rust')}`, ...numbers]
    .filter((word) => word !== null)
    .join(', ')
}
