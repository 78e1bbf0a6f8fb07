import { type Draft, makeDraft } from './draft.js'
import { explains, lost } from './explain-loss.js'
import { losesAny } from './lines.js'
import type { Loss } from './losses.js'
import type { Pairing } from './pair.js'
import type { Profile } from './profile.js'
import { type Shape, TOLD, type Told } from './shape.js'

/** Opcodes that the new log does not show: lost with a kind of line, or simply not exercised. */
export function operationsGone(
  before: Profile,
  after: Profile,
  pairing: Pairing,
  drafts: readonly Draft[],
): { gone: Loss[]; notExercised: string[] } {
  const gone: Loss[] = []
  const notExercised: string[] = []
  const whole = drafts.some(({ takesRest }) => takesRest) && after.operations < after.lines / 50
  for (const [opcode, old] of before.opcodes) {
    if (old.count === 0 || (after.opcodes.get(opcode)?.count ?? 0) > 0) continue
    const requests = before.shapes.filter((shape) => shape.tells('request') > 0 && shape.opcodes.has(opcode))
    const still = pairing.common.some(({ old: shape, now }) => requests.includes(shape) && now.tells('request') === 0)
    const changed = [...pairing.changed, ...pairing.split.map(({ old: was, first }) => ({ old: was, now: first }))]
    const pair = changed.find((one) => requests.includes(one.old))
    const level = drafts.some(({ code, pairs }) => code === 'level-gone' && allIn(requests, pairs))
    const family = requests.length > 0 && requests.every((shape) => isFamilyGone(shape, drafts, after))
    const kernel = (after.kernel.get(opcode) ?? 0) > 0
    if (!still && !pair && !level && !family && !kernel && !whole) {
      notExercised.push(opcode)
      continue
    }
    const renamed = pair !== undefined && pair.now.tells('request') > 0
    gone.push({
      code: renamed ? 'operation-renamed' : 'operation-gone',
      severity: 'breaks',
      opcode,
      told: 'request',
      before: [old.count, old.count],
      now: [0, 0],
    })
  }
  return { gone, notExercised: notExercised.sort() }
}

const allIn = (shapes: readonly Shape[], pairs: Draft['pairs']): boolean =>
  shapes.length > 0 && shapes.every((shape) => pairs.some(({ old }) => old === shape))

/** Lines with the same beginning (a module's, say) are gone where they were expected, and none is left. */
function isFamilyGone(shape: Shape, drafts: readonly Draft[], after: Profile): boolean {
  const family = familyOf(shape)
  if (after.shapes.some((one) => familyOf(one) === family)) return false
  const of = (draft: Draft): number => draft.pairs.filter(({ old }) => old !== null && familyOf(old) === family).length
  return drafts.some((draft) => draft.code === 'line-gone' && of(draft) >= 3)
}

const familyOf = ({ id }: Shape): string => id.slice(0, Math.max(0, id.indexOf(': '))).slice(0, 80)

/** Gives each loss to the finding that explains it; returns those that none explains. */
export function attribute(drafts: readonly Draft[], losses: readonly Loss[], before: Profile, after: Profile): Loss[] {
  const rest: Loss[] = []
  for (const loss of losses) {
    const owners = drafts
      .filter((draft) => draft.pairs.some((pair) => explains(pair, loss)) || isFamilyLoss(draft, loss, before, after))
      .sort((x, y) => Number(x.weak) - Number(y.weak) || y.lines - x.lines)
    const owner = owners.find(({ weak }) => !weak)
    const taker =
      owner ??
      drafts.find(({ takesRest, code }) => takesRest && code !== 'understood-less') ??
      drafts.find(
        (draft) => draft.takesUnexplained || (draft.code === 'prefix-changed' && draft.lines > before.lines / 5),
      ) ??
      owners[0] ??
      drafts.find(({ takesRest }) => takesRest)
    if (taker) taker.losses.push(loss)
    else rest.push(loss)
  }
  return rest
}

const isFamilyLoss = (draft: Draft, loss: Loss, before: Profile, after: Profile): boolean =>
  draft.code === 'line-gone' &&
  loss.code === 'operation-gone' &&
  before.shapes.some(
    (shape) => shape.tells('request') > 0 && shape.opcodes.has(loss.opcode) && isFamilyGone(shape, [draft], after),
  )

const PUBLIC: Readonly<Partial<Record<Told, Loss['code']>>> = {
  request: 'operation-gone',
  reply: 'reply-gone',
  errno: 'errno-lost',
  status: 'status-lost',
  name: 'path-lost',
  newName: 'path-lost',
  target: 'path-lost',
  xattr: 'name-lost',
  pid: 'pid-lost',
  unique: 'id-lost',
}

/** What is lost in part: the reworded line told it, and the operations as a whole know it less often than before. */
export function leftOver(rest: readonly Loss[], before: Profile, after: Profile, drafts: readonly Draft[]): Draft[] {
  for (const draft of drafts) {
    for (const { old, now } of draft.pairs) {
      if (old === null || now === null || !losesAny({ old, now })) continue
      for (const told of TOLD) {
        const code = PUBLIC[told]
        if (code === undefined || !lost(old, now, told)) continue
        const to = draft.weak ? (strongest(drafts) ?? draft) : draft
        for (const opcode of old.opcodes.keys()) partial(to, code, told, opcode, before, after)
      }
    }
  }
  const byCode = new Map<string, Loss[]>()
  const unsure = new Set<string>(['path-lost', 'name-lost'])
  const endless = rest.filter(({ code }) => code === 'reply-gone' || code === 'end-inferred')
  // The last operation of a log that was cut has no end in any format.
  if (endless.reduce((sum, { now }) => sum + now[1] - now[0], 0) < 2) for (const { code } of endless) unsure.add(code)
  // Some in part, and no line changed: they ran into each other, or into the end of the log.
  const inPart = ({ told, now }: Loss): boolean => told === 'reply' && now[0] > now[1] / 2
  // No line changed: names that were told by lines of other operations, which this workload did not have.
  for (const loss of rest.filter((one) => !unsure.has(one.code) && !inPart(one)))
    byCode.set(loss.code, [...(byCode.get(loss.code) ?? []), loss])
  return [...byCode].map(([, losses]) => {
    losses.sort((a, b) => b.before[0] - a.before[0])
    const loss = losses[0] as Loss
    const [was, is] = [`${loss.before[0]} of ${loss.before[1]}`, `${loss.now[0]} of ${loss.now[1]}`]
    const shape = before.shapes.find((one) => one.opcodes.has(loss.opcode) && one.tells(loss.told ?? 'request') > 0)
    return makeDraft(loss.code, `${TITLES[loss.code] ?? loss.code} (\`${loss.opcode}\`: ${was} before, ${is} now)`, {
      old: shape ?? null,
      lines: losses.reduce((sum, one) => sum + one.before[0], 0),
      losses,
    })
  })
}

function partial(draft: Draft, code: Loss['code'], told: Told, opcode: string, before: Profile, after: Profile): void {
  const [old, now] = [before.opcodes.get(opcode), after.opcodes.get(opcode)]
  if (old === undefined || draft.losses.some((loss) => loss.opcode === opcode && loss.told === told)) return
  if (now === undefined || now.count === 0) return
  const [a, b] = [old.told[told] / old.count, now.told[told] / now.count]
  if (told !== 'request' && b > a - 0.001) return
  if (told === 'name' && now.path / now.count > old.path / old.count - 0.001) return
  draft.losses.push({
    code,
    severity: 'breaks',
    opcode,
    told,
    before: [old.told[told], old.count],
    now: [now.told[told], now.count],
  })
}

/** A change that is sure, and of most lines: the likelier reason. */
function strongest(drafts: readonly Draft[]): Draft | null {
  const sure = drafts.filter(({ weak, code, old, now }) => !weak && old !== null && now !== null && code !== 'line-new')
  return sure.sort((a, b) => b.lines - a.lines)[0] ?? null
}

const TITLES: Readonly<Partial<Record<Loss['code'], string>>> = {
  'operation-gone': 'an operation is no longer seen',
  'operation-doubled': 'an operation is seen twice',
  'reply-gone': 'the reply of an operation is no longer logged',
  'end-inferred': 'the end of an operation is no longer logged',
  'errno-lost': 'how an operation failed is no longer told',
  'status-lost': 'whether an operation succeeded is no longer told',
  'path-lost': 'what names the file is no longer told',
  'name-lost': "the attribute's name is no longer told",
  'pid-lost': 'the calling process is no longer told',
  'id-lost': "the kernel's request id is no longer told",
}
