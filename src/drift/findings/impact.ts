import {
  CLOSES,
  MOVES,
  making,
  type NameEffect,
  REMOVES_ATTRIBUTE,
  removing,
  SETS_ATTRIBUTE,
} from '../../operation/effects.js'
import type { Contract, OpcodeContract } from '../profile/contract.js'
import type { WaitImpact } from './finding.js'

interface Need {
  wait: string
  opcodes: readonly string[]
  /** What the wait must know of the operation beside its end. */
  fields: readonly ('path' | 'newPath' | 'name')[]
}

/** What each wait looks for. */
const NEEDS: readonly Need[] = [
  ...onName('fileVisible', making('file')),
  ...onName('dirVisible', making('directory')),
  ...onName('deleted', removing('any')),
  { wait: 'renamed', opcodes: MOVES, fields: ['path', 'newPath'] },
  { wait: 'xattrSet', opcodes: SETS_ATTRIBUTE, fields: ['path', 'name'] },
  { wait: 'xattrRemoved', opcodes: REMOVES_ATTRIBUTE, fields: ['path', 'name'] },
  { wait: 'writeComplete', opcodes: ['write', 'flush', 'release'], fields: ['path'] },
  { wait: 'released', opcodes: CLOSES, fields: ['path'] },
  { wait: 'mountReady', opcodes: ['init'], fields: [] },
]

function onName(wait: string, effects: readonly NameEffect[]): Need[] {
  return effects.map(({ slot, opcodes }) => ({ wait, opcodes, fields: [slot] }))
}

const shown = (of: OpcodeContract | undefined): number => (of ? of.endedBy.reply + of.endedBy.span : 0)
const inferred = (of: OpcodeContract | undefined): number =>
  of ? of.endedBy['last-event'] + of.endedBy['next-request'] : 0

/**
 * Which waits have lost something, for these opcodes: `fileVisible needs create ends: 24 seen before, 0 now`.
 * Waits that any operation can satisfy (`operation`, `idle`, `never`, `exactly`) are named once, when an end is gone.
 */
export function waitsHit(opcodes: readonly string[], before: Contract, after: Contract): WaitImpact[] {
  const hits: WaitImpact[] = []
  const hit = (wait: string, needs: string, was: number, now: number, more = ''): void => {
    if (was === 0 || hits.some((one) => one.wait === wait && one.needs === needs)) return
    hits.push({ wait, needs, before: was, now, text: `${wait} needs ${needs}: ${was} seen before, ${now} now${more}` })
  }
  for (const opcode of opcodes) {
    const [old, now] = [before.opcodes.get(opcode), after.opcodes.get(opcode)]
    if (old === undefined || old.count === 0) continue
    const fell = (a: number, b: number): boolean => a > 0 && b / Math.max(1, now?.count ?? 0) < (a / old.count) * 0.98
    for (const { wait, opcodes: wanted, fields } of NEEDS) {
      if (!wanted.includes(opcode)) continue
      const [was, is] = [shown(old), shown(now)]
      const [wasAll, isAll] = [was + inferred(old), is + inferred(now)]
      if (fell(was, is)) {
        const guessed =
          inferred(now) > 0 ? ` (${inferred(now)} more inferred: it must look at the file system to be sure)` : ''
        hit(wait, `\`${opcode}\` ends`, was, is, guessed)
      } else if (fell(wasAll, isAll)) hit(wait, `\`${opcode}\` ends`, wasAll, isAll)
      for (const field of fields) {
        const words = { path: 'paths', newPath: 'new paths', name: 'attribute names' }[field]
        if (fell(old[field], now?.[field] ?? 0)) hit(wait, `\`${opcode}\` ${words}`, old[field], now?.[field] ?? 0)
      }
    }
    if (
      fell(old.errno, now?.errno ?? 0) &&
      (now === undefined || now.status.error < old.status.error || now.errno === 0)
    ) {
      hit('operation', `the errno of \`${opcode}\``, old.errno, now?.errno ?? 0)
    }
    if (fell(old.pid, now?.pid ?? 0)) hit('operation', `the pid of \`${opcode}\``, old.pid, now?.pid ?? 0)
    if (fell(old.count, now?.count ?? 0)) hit('operation', `\`${opcode}\` operations`, old.count, now?.count ?? 0)
  }
  return hits
}

/** The opcodes that a wait may rely on, to know which tests a finding concerns. */
export const opcodesOfWait = (wait: string): string[] =>
  NEEDS.filter((need) => need.wait === wait).flatMap((need) => need.opcodes)
