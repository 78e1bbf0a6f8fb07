import type { FindingCode, Severity } from './finding.js'
import type { OpcodeProfile, Profile } from './profile.js'
import type { Told } from './shape.js'

/** Something that the log used to tell of an opcode's operations and does not tell any more. */
export interface Loss {
  code: FindingCode
  severity: Severity
  opcode: string
  /** What the lines told; null when it is the operation itself. */
  told: Told | null
  /** Of how many operations it was known, and of how many there were. */
  before: readonly [number, number]
  now: readonly [number, number]
}

const CODES: Readonly<Partial<Record<Told, FindingCode>>> = {
  name: 'path-lost',
  newName: 'path-lost',
  target: 'path-lost',
  node: 'path-lost',
  child: 'path-lost',
  xattr: 'name-lost',
  pid: 'pid-lost',
  unique: 'id-lost',
}

/** Everything that became less for opcodes that both logs show. */
export function lossesOf(before: Profile, after: Profile): Loss[] {
  const losses: Loss[] = []
  const fewerPaths = pathShare(after) < pathShare(before) - 0.005
  for (const [opcode, old] of before.opcodes) {
    const now = after.opcodes.get(opcode)
    if (old.count === 0 || now === undefined || now.count === 0) continue
    facts(opcode, old, now, losses, fewerPaths)
    ends(opcode, old, now, losses)
    outcomes(opcode, old, now, losses)
    if (
      old.doubled < old.count * 0.2 &&
      now.doubled > now.count * 0.4 &&
      now.count >= 4 &&
      now.unique / now.count > old.unique / old.count - 0.1
    ) {
      losses.push({
        code: 'operation-doubled',
        severity: 'breaks',
        opcode,
        told: null,
        before: [old.doubled, old.count],
        now: [now.doubled, now.count],
      })
    }
  }
  untold(before, after, losses)
  return losses
}

function pathShare({ opcodes, operations }: Profile): number {
  let known = 0
  for (const of of opcodes.values()) known += of.path
  return operations === 0 ? 0 : known / operations
}

function facts(opcode: string, old: OpcodeProfile, now: OpcodeProfile, losses: Loss[], fewerPaths: boolean): void {
  for (const [told, code] of Object.entries(CODES) as [Told, FindingCode][]) {
    const done = told === 'child'
    const before = [old.told[told], done ? old.status.ok : old.count] as const
    const after = [now.told[told], done ? now.status.ok : now.count] as const
    const severity = less(before, after)
    if (severity === null) continue
    if (told === 'child' && !fewerPaths) continue
    // A node id is only a way to a path; where the path is known all the same nothing is lost.
    const paths = told === 'node' || told === 'name' ? [old.path / old.count, now.path / now.count] : null
    if (paths && (paths[1] ?? 0) >= (paths[0] ?? 0) - 0.01) continue
    losses.push({ code, severity, opcode, told, before, now: after })
  }
}

/** A share that fell: to nothing is a loss, to less a partial one; few operations say little. */
function less(before: readonly [number, number], now: readonly [number, number]): Severity | null {
  if (before[1] === 0 || now[1] === 0) return null
  const [a, b] = [before[0] / before[1], now[0] / now[1]]
  if (a < 0.5 || (a < 0.95 && now[1] * a < 5)) return null
  if (b < a * 0.05) return 'breaks'
  return a > 0.98 && b < 0.95 && now[1] * (a - b) >= 2 ? 'degrades' : null
}

function ends(opcode: string, old: OpcodeProfile, now: OpcodeProfile, losses: Loss[]): void {
  const shown = (of: OpcodeProfile): number => of.endedBy.reply + of.endedBy.span
  const severity = less([shown(old), old.count], [shown(now), now.count])
  if (severity === null) return
  const inferred = now.endedBy['last-event'] + now.endedBy['next-request']
  losses.push({
    code: inferred > now.endedBy.none ? 'end-inferred' : 'reply-gone',
    severity: inferred > now.endedBy.none ? 'degrades' : severity,
    opcode,
    told: 'reply',
    before: [shown(old), old.count],
    now: [shown(now), now.count],
  })
}

function outcomes(opcode: string, old: OpcodeProfile, now: OpcodeProfile, losses: Loss[]): void {
  const known = (of: OpcodeProfile): number => of.status.ok + of.status.error
  const ended = (of: OpcodeProfile): number => of.endedBy.reply + of.endedBy.span
  if (old.told.reply > 0 && now.told.reply > 0 && ended(now) > 0) {
    const severity = less(
      [Math.min(known(old), ended(old)), ended(old)],
      [Math.min(known(now), ended(now)), ended(now)],
    )
    if (severity) {
      losses.push({
        code: 'status-lost',
        severity,
        opcode,
        told: 'status',
        before: [known(old), old.count],
        now: [known(now), now.count],
      })
    }
  }
  const severity = less([old.errno, old.status.error], [now.errno, now.status.error])
  if (severity) {
    losses.push({
      code: 'errno-lost',
      severity,
      opcode,
      told: 'errno',
      before: [old.errno, old.status.error],
      now: [now.errno, now.status.error],
    })
  }
}

/** Failures of the same call on the same path that the log no longer tells. */
function untold(before: Profile, after: Profile, losses: Loss[]): void {
  const byOpcode = new Map<string, { failed: number; silent: number; still: number }>()
  for (const [key, [failed, unknown, ok]] of before.outcomes) {
    if (failed === 0 || failed < (unknown + ok) / 4) continue
    const now = after.outcomes.get(key)
    if (now === undefined) continue
    const opcode = key.slice(0, key.indexOf(' '))
    const of = byOpcode.get(opcode) ?? { failed: 0, silent: 0, still: 0 }
    of.failed++
    if (now[0] > 0) of.still++
    else if (now[1] > unknown) of.silent++
    byOpcode.set(opcode, of)
  }
  for (const [opcode, { failed, silent, still }] of byOpcode) {
    if (silent === 0 || still > 0 || losses.some((loss) => loss.opcode === opcode && loss.told === 'reply')) continue
    losses.push({
      code: 'errno-lost',
      severity: 'breaks',
      opcode,
      told: 'errno',
      before: [failed, failed],
      now: [0, failed],
    })
  }
}
