import { opcodeOf } from '../../dialect/core/opcode.js'
import type { Shape } from '../../template/shape.js'
import { KIND } from '../../template/tokens.js'
import type { Profile } from '../profile/profile.js'
import { CALLS } from '../profile/witnesses.js'
import { isForeign } from './foreign.js'

/** Two kinds of lines that are taken for the same one, before and after. */
export interface Pair {
  old: Shape
  now: Shape
  /** 0 to 1. */
  likeness: number
}

export interface Pairing {
  common: Pair[]
  changed: Pair[]
  /** Kinds of the old log in two lines now. */
  split: { old: Shape; first: Shape; second: Shape }[]
  gone: Shape[]
  come: Shape[]
}

const LEAST = 0.62
/** With this many candidates each kind is compared to those of a like bag of words only. */
const MANY = 400_000

/** Finds for every kind of line of the old log the one that it has become. */
export function pairShapes(before: Profile, after: Profile, hasLost: (shape: Shape) => boolean): Pairing {
  const byId = new Map(after.shapes.flatMap((shape) => [...shape.ids].map((id) => [id, shape] as const)))
  const common: Pair[] = []
  const vanished: Shape[] = []
  const there = new Set<Shape>()
  for (const old of before.shapes) {
    const id = [...old.ids].find((one) => byId.has(one))
    const now = id === undefined ? undefined : byId.get(id)
    if (now) common.push({ old, now, likeness: 1 })
    else vanished.push(old)
    if (now) there.add(now)
  }
  const appeared = after.shapes.filter((shape) => !there.has(shape))
  const split = splits(vanished, appeared)
  const taken = new Set<Shape>(split.flatMap(({ old, first, second }) => [old, first, second]))
  const changed: Pair[] = []
  for (const pair of prefixed(vanished, appeared)) {
    if (taken.has(pair.old) || taken.has(pair.now)) continue
    taken.add(pair.old)
    taken.add(pair.now)
    changed.push(pair)
  }
  for (const pair of candidates(vanished, appeared, { before, after, hasLost }, taken)) {
    if (taken.has(pair.old) || taken.has(pair.now)) continue
    taken.add(pair.old)
    taken.add(pair.now)
    changed.push(pair)
  }
  return {
    common,
    changed,
    split,
    gone: vanished.filter((shape) => !taken.has(shape)),
    come: appeared.filter((shape) => !taken.has(shape)),
  }
}

function candidates(
  vanished: readonly Shape[],
  appeared: readonly Shape[],
  both: Both,
  taken: ReadonlySet<Shape>,
): Pair[] {
  const pairs: Pair[] = []
  const bags = new Map(appeared.map((shape) => [shape, bagOf(shape)]))
  const strict = vanished.length * appeared.length > MANY
  for (const old of vanished) {
    if (taken.has(old) || (strict && old.count < 3)) continue
    const bag = bagOf(old)
    for (const now of appeared) {
      if (taken.has(now) || (strict && now.count < 3) || !mayBe(old, now, both)) continue
      const likeness = dice(bag, bags.get(now) ?? bag)
      if (likeness >= leastLike(old, now) && nearby(old, now)) pairs.push({ old, now, likeness })
    }
  }
  return pairs.sort((a, b) => b.likeness - a.likeness || b.old.count - a.old.count)
}

interface Both {
  before: Profile
  after: Profile
  /** Something that lines of this kind reported is lost. */
  hasLost(shape: Shape): boolean
}

/**
 * Whether one kind of line can have become the other: both report of the same opcode in the same role, or nothing else can
 * be, because what the old one reported is lost and the new one is not understood.
 */
function mayBe(old: Shape, now: Shape, { before, after, hasLost }: Both): boolean {
  if (namesAnother(old, now)) return false
  if (now.isSilent) return old.isSilent || hasLost(old)
  if (old.isSilent || role(old) !== role(now)) return false
  for (const opcode of now.opcodes.keys()) if (old.opcodes.has(opcode)) return true
  // Another name of the operation itself.
  for (const opcode of now.opcodes.keys()) if (!isForeign(opcode) || before.contract.opcodes.has(opcode)) return false
  for (const opcode of old.opcodes.keys()) if (after.contract.opcodes.has(opcode)) return false
  return true
}

/** The new line says the name of an opcode that the old one does not: it is that one's. Small letters may be prose. */
function namesAnother(old: Shape, now: Shape): boolean {
  const named = ({ example }: Shape, like: RegExp): string[] =>
    example.keys.flatMap((word) => (word.length > 3 && like.test(word) ? (opcodeOf(word) ?? CALLS[word] ?? []) : []))
  const [before, after] = [named(old, /^[A-Z]/), named(now, /^[A-Z]/)]
  if (after.some((opcode) => !before.includes(opcode) && !named(old, /^/).includes(opcode))) return true
  const [own, other] = [named(old, /^/).filter((opcode) => old.opcodes.has(opcode)), named(now, /^/)]
  return own.length > 0 && other.length > 0 && !other.some((opcode) => own.includes(opcode))
}

/** A line that is not understood may be anything: it must be more alike, and most of all where it fits the dialect. */
const leastLike = (old: Shape, now: Shape): number =>
  old.isSilent || !now.isSilent ? LEAST : now.understood < now.count / 2 ? 0.7 : 0.8

const role = (shape: Shape): 'reply' | 'other' => (shape.reports('reply') > shape.count / 2 ? 'reply' : 'other')

/** Small enough a change, or with enough words in common where it is not small. */
function nearby(old: Shape, now: Shape): boolean {
  const lower = ({ example }: Shape): string[] => example.keys.map((key) => key.toLowerCase())
  const [a, b] = [lower(old), lower(now)]
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++
  const [rest, other] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)]
  if (Math.max(rest.length, other.length) <= SMALL || Math.min(rest.length, other.length) === 0) return true
  const left = [...other]
  let shared = 0
  for (const key of rest) {
    const at = left.indexOf(key)
    if (at < 0) continue
    left.splice(at, 1)
    if (key.length > 1) shared += 2
    else if (key !== ' ') shared++
  }
  const weight = (keys: readonly string[]): number =>
    keys.reduce((sum, key) => sum + (key === ' ' ? 0 : key.length > 1 ? 2 : 1), 0)
  return (2 * shared) / (weight(rest) + weight(other)) >= 0.5
}

const SMALL = 5

/** How alike two kinds of lines are, 0 to 1; 0 when too much of them differs. */
export const likeness = (old: Shape, now: Shape): number => (nearby(old, now) ? dice(bagOf(old), bagOf(now)) : 0)

type Bag = { counts: Map<string, number>; weight: number }

/** Words weigh more than signs and values. */
function bagOf({ example }: Shape): Bag {
  const counts = new Map<string, number>()
  let weight = 0
  for (let i = 0; i < example.keys.length; i++) {
    const kind = example.kinds[i]
    if (kind === KIND.space) continue
    const key = (example.keys[i] ?? '').toLowerCase()
    const worth = kind === KIND.word && key.length > 1 ? 2 : 0.5
    counts.set(key, (counts.get(key) ?? 0) + worth)
    weight += worth
  }
  return { counts, weight }
}

function dice(a: Bag, b: Bag): number {
  let shared = 0
  for (const [key, worth] of a.counts) shared += Math.min(worth, b.counts.get(key) ?? 0)
  return a.weight + b.weight === 0 ? 1 : (2 * shared) / (a.weight + b.weight)
}

/** Kinds that only got the same beginning, or lost it. */
function prefixed(vanished: readonly Shape[], appeared: readonly Shape[]): Pair[] {
  if (vanished.length * appeared.length > MANY) return []
  const pairs = new Map<string, Pair[]>()
  for (const old of vanished) {
    for (const now of appeared) {
      const more = now.id.length > old.id.length
      const [short, long] = more ? [old.id, now.id] : [now.id, old.id]
      if (short.length === long.length || !long.endsWith(short)) continue
      const key = `${more} ${long.slice(0, long.length - short.length)}`
      pairs.set(key, [...(pairs.get(key) ?? []), { old, now, likeness: 1 }])
    }
  }
  const most = [...pairs.values()].sort((a, b) => b.length - a.length)[0] ?? []
  return most.length >= 3 ? most : []
}

/** A kind whose text is now two kinds, one after the other. */
function splits(vanished: readonly Shape[], appeared: readonly Shape[]): Pairing['split'] {
  const byId = new Map(appeared.map((shape) => [shape.id, shape]))
  const found: Pairing['split'] = []
  for (const old of vanished) {
    const { keys } = old.example
    let text = ''
    for (let i = 0; i < keys.length - 1; i++) {
      text += keys[i]
      const first = byId.get(text.trimEnd())
      if (first === undefined || i < 1) continue
      const rest = old.id.slice(text.length)
      const second = byId.get(rest) ?? byId.get(rest.trimStart()) ?? byId.get(` ${rest.trimStart()}`)
      if (second && second !== first) {
        found.push({ old, first, second })
        break
      }
    }
  }
  return found
}
