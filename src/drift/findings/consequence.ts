import type { Loss } from '../compare/losses.js'
import type { Draft } from './draft.js'
import type { FindingCode, Severity } from './finding.js'

const WORDS: Readonly<Partial<Record<FindingCode, (opcodes: string, many: boolean) => string>>> = {
  'operation-gone': (opcodes, many) => `${opcodes} operation${many ? 's are' : 's are'} no longer seen at all`,
  'operation-renamed': (opcodes) => `${opcodes} operations are seen under another name`,
  'operation-doubled': (opcodes) => `${opcodes} operations are seen twice, so that counting waits count wrong`,
  'operation-new': (opcodes) => `${opcodes} operations are seen that were not seen before`,
  'reply-gone': (opcodes) => `the end of ${opcodes} is no longer seen: waits for it time out`,
  'end-inferred': (opcodes) => `the end of ${opcodes} is no longer logged, only inferred from what comes after it`,
  'errno-lost': (opcodes) => `how ${opcodes} failed is no longer known`,
  'status-lost': (opcodes) => `whether ${opcodes} succeeded is no longer known`,
  'path-lost': (opcodes) => `the path of ${opcodes} is no longer known`,
  'name-lost': (opcodes) => `the attribute's name in ${opcodes} is no longer known`,
  'pid-lost': (opcodes) => `the process that called ${opcodes} is no longer known`,
  'id-lost': (opcodes) => `the kernel's request id of ${opcodes} is no longer known`,
}

/** What follows from a difference, in plain words. */
export function consequenceOf(draft: Draft, severity: Severity): string {
  if (draft.damage) return 'What is missing may have drifted or not: that cannot be told. Findings about the rest hold.'
  if (draft.losses.length > 0) {
    const byCode = new Map<FindingCode, Loss[]>()
    for (const loss of draft.losses) byCode.set(loss.code, [...(byCode.get(loss.code) ?? []), loss])
    const sentences = [...byCode].map(([code, losses]) => {
      const opcodes = [...new Set(losses.map((loss) => loss.opcode))]
      const words = WORDS[code]?.(list(opcodes), opcodes.length > 1) ?? `${list(opcodes)}: ${code}`
      const partial = losses.every((loss) => loss.severity !== 'breaks' && loss.now[0] > 0)
      return partial ? `in part of the lines, ${words}` : words
    })
    return `${sentence(sentences.join('; '))}.`
  }
  if (severity !== 'cosmetic') return ''
  const read = draft.pairs.some(({ old }) => old !== null && old.understood > 0)
  if (draft.code === 'line-new') return 'Nothing is lost. Only whoever reads or counts all lines notices.'
  if (draft.code === 'stream-moved')
    return 'Nothing is lost: fusetrace reads all streams. Whoever redirects or reads only one of them does.'
  return read || draft.pairs.length === 0
    ? 'Nothing is lost: operations, paths, ends and errors are known as before. Whoever searches the log for this text notices.'
    : 'Nothing is lost: fusetrace takes nothing from such lines. Whoever searches the log for this text notices.'
}

function list(opcodes: readonly string[]): string {
  const named = opcodes.slice(0, 6).map((opcode) => `\`${opcode}\``)
  if (opcodes.length > 6) return `${named.join(', ')} and ${opcodes.length - 6} more`
  return named.length > 1 ? `${named.slice(0, -1).join(', ')} and ${named.at(-1)}` : (named[0] ?? '')
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
