import type { Raw } from '../../line/line.js'
import { isAttribute, isEntry, isRename, MAKES_NODE } from '../core/effects.js'
import { errnoNumber, errnoWords } from '../core/errno.js'
import { type ErrorWords, type FailedLines, failedReply } from '../core/failed.js'
import { type DialectWriter, quote, stamp, type WrittenRequest } from '../core/writer.js'

const time = (atNs: number): string => stamp(atNs, 6).slice(11)

/** What stands in braces before the names. */
function given({ opcode, otherNodeId, values }: WrittenRequest): string {
  const { fh, offset, size, mode } = values
  if (opcode === 'rename2') return `{i${otherNodeId} ${(values.flags ?? 0) & 2 ? 'EXCHANGE' : ''}}`
  if (isRename(opcode)) return `{i${otherNodeId}}`
  if (opcode === 'link') return `{Oldnodeid: n${otherNodeId}}`
  if (opcode === 'forget') return '{Nlookup=1}'
  if (opcode === 'setxattr') return `{sz ${size ?? 0} f0}`
  if (['read', 'write', 'readdir', 'readdirplus', 'fallocate'].includes(opcode))
    return `{Fh ${fh ?? 0} [${offset ?? 0} +${size ?? 0})  L 0 RDONLY}`
  if (['flush', 'release', 'fsync', 'releasedir', 'getattr'].includes(opcode) && fh !== undefined) return `{Fh ${fh}}`
  return mode === undefined ? '' : `{0${mode.toString(8)} (022)}`
}

function names({ opcode, entry, otherEntry, target, xattr }: WrittenRequest): Raw[] {
  if (isAttribute(opcode)) return xattr === undefined ? [] : [xattr]
  if (!isEntry(opcode) || entry === undefined) return []
  return [entry, otherEntry ?? target].filter((name) => name !== undefined)
}

/** go-fuse's debug log, as its version of 2026 writes it: with the calling process at the end. */
export const goFuseWriter: DialectWriter = {
  request(request) {
    const { atNs, unique, opcode, nodeId, pid } = request
    const quoted = names(request).map((name) => quote(name, 'go'))
    const words = [given(request), ...quoted, `p${pid}`].filter((word) => word !== '').join(' ')
    return [`${time(atNs)} rx ${unique}: ${opcode.toUpperCase()} n${nodeId} ${words}`]
  },
  reply({ unique, opcode }, { atNs, errno, childNodeId }) {
    const head = `${time(atNs)} tx ${unique}:     `
    if (errno !== null) return [`${head}${errnoNumber(errno) ?? 5}=${(errnoWords(errno) ?? errno).toLowerCase()}`]
    const made = MAKES_NODE.has(opcode) && childNodeId !== null
    return [made ? `${head}OK, {n${childNodeId} g1 tE=1s tA=1s {M0100644 SZ=0 L=1}}` : `${head}OK`]
  },
}

const words = ({ number, words }: ErrorWords): Raw => `${number}=${words.toLowerCase()}`
const failedNow = failedReply(/^([^"]{0,80}?\btx \d{1,16}: {1,5})(?:OK|-?\d{1,5}=)/, (_, error) => words(error))
/** As it was until 2018. */
const failedThen = failedReply(
  /^([^"]{0,80}?\bSerialize \d{1,16}: [A-Z_0-9]{1,24} code: )(?:OK|-?\d{1,5}=)/,
  (_, error) => `${words(error)} value: `,
)

export const goFuseFailed: FailedLines = (lines, errno) => failedNow(lines, errno) ?? failedThen(lines, errno)
