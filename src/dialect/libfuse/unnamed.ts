import type { Raw } from '../../line/line.js'
import type { DialectEvent, NodeId, OperationFacts, ReplyEvent } from '../core/dialect.js'
import { isMaking, isRemoval, isRename } from '../core/effects.js'
import { addNames, detailEvent } from '../core/event.js'
import type { GuessedNodes } from '../nodes/guessed-nodes.js'
import { NameBook } from './book.js'
import { type Lookup, Lookups } from './lookups.js'
import type { OpenRequest } from './match.js'

type Emit = (event: DialectEvent) => void

/** What is known of a request that removes or renames an entry without a word. */
interface Asked {
  /** Its names, where they are known. */
  readonly facts: OperationFacts | null
  /** The name that its process had just looked for in vain. */
  readonly missed: Lookup | null
}

/** Such a request, answered: the node that the kernel forgets next may show what it was about. */
interface Held {
  readonly event: ReplyEvent
  readonly open: OpenRequest
  readonly missed: Lookup | null
  /** Requests that may still come before it is given up. */
  remaining: number
}

/** The FORGET of an unlinked file comes at once; more requests than this between mean that it has another link. */
const MAX_REMAINING = 6

/**
 * Finds the names of requests that a low-level program says nothing about, from the lengths that they show, from the
 * entries that it did show, and from what the kernel asks for around them. What stays doubtful stays without a name, and
 * so do the nodes that may have got another one.
 */
export class Unnamed {
  readonly #book = new NameBook()
  readonly #lookups = new Lookups()
  #held: Held[] = []
  readonly #asked = new Map<number, Asked>()
  readonly #guessed: GuessedNodes

  constructor(guessed: GuessedNodes) {
    this.#guessed = guessed
  }

  /** A program's line showed an entry's node; `0` when it did only say that there is one. */
  entry(opcode: string, parent: NodeId, name: Raw, node: NodeId): void {
    if (opcode === 'lookup' && this.#book.node(parent, name) === node) this.#lookups.again()
    this.#book.bind(parent, name, node)
  }

  /** A request began. Returns what can be said of its names already. */
  request(open: OpenRequest, emit: Emit): OperationFacts | null {
    if (this.#held.length > 0) this.#waitOn(open, emit)
    const before = this.#lookups.request(open)
    const last = before.at(-1)
    if (open.names === null) return null
    if (isMaking(open.opcode)) return this.#made(open, last)
    if (this.#book.empty || !(isRemoval(open.opcode) || isRename(open.opcode))) return null
    const facts = isRename(open.opcode) ? this.#renamed(open, open.names - 2, before) : this.#removed(open, last)
    this.#asked.set(open.unique, { facts, missed: last && !last.found ? last : null })
    if (facts?.entry !== undefined) open.entry = facts.entry
    return facts
  }

  /** A request came without a word of what those before it were about. */
  #waitOn({ opcode }: OpenRequest, emit: Emit): void {
    // Until it is known what was renamed, no path is.
    const forgets = opcode.endsWith('forget')
    const held = this.#held
    this.#held = held.filter((one) => --one.remaining > 0 && (forgets || !isRename(one.open.opcode)))
    for (const one of held) if (!this.#held.includes(one)) this.#giveUp(one, emit)
  }

  /** What is made was looked for in vain just before. */
  #made(open: OpenRequest, last: Lookup | undefined): OperationFacts | null {
    const length = (open.names ?? 0) - 1
    if (last === undefined || last.found || last.parent !== open.nodeId) return null
    if (open.opcode === 'symlink' ? last.name.length >= length : last.name.length !== length) return null
    open.entry = last.name
    return { entry: last.name }
  }

  #removed({ nodeId, names }: OpenRequest, last: Lookup | undefined): OperationFacts | null {
    const length = (names ?? 0) - 1
    const asked = last?.found && last.parent === nodeId && last.name.length === length
    const entry = asked && this.#lookups.always ? last.name : this.#book.only(nodeId, length)
    return entry === null ? null : { entry }
  }

  #renamed({ opcode, nodeId }: OpenRequest, length: number, before: readonly Lookup[]): OperationFacts | null {
    const [old, to] = before.slice(-2)
    if (this.#lookups.always && old?.found && to && old.parent === nodeId) {
      if (old.name.length + to.name.length === length) {
        const exchange = opcode === 'rename2' && to.found ? { exchange: true } : null
        return { entry: old.name, otherNodeId: to.parent, otherEntry: to.name, ...exchange }
      }
    }
    // The new name was looked for just before, by the same process; the old one has the rest of the length.
    const missed = before.at(-1)
    if (missed === undefined || missed.found) return null
    const entry = this.#book.only(nodeId, length - missed.name.length)
    return entry === null ? null : { entry, otherNodeId: missed.parent, otherEntry: missed.name }
  }

  /** A request ended: passes the event on, now or when its name is known. */
  reply(open: OpenRequest, event: ReplyEvent, emit: Emit): void {
    if (this.#lookups.reply(open, event) && open.entry !== null) this.#book.drop(open.nodeId, open.entry)
    const asked = this.#asked.size === 0 ? undefined : this.#asked.get(open.unique)
    if (asked !== undefined) this.#asked.delete(open.unique)
    const facts = open.reported ? open.facts : (asked?.facts ?? null)
    if (asked === undefined || event.status === 'error') emit(event)
    else if (facts) {
      this.#done(open, facts)
      emit(event)
    } else {
      const held = { event, open, missed: asked.missed, remaining: MAX_REMAINING }
      // With a name that there was not, nothing is forgotten.
      if (asked.missed && isRename(open.opcode)) this.#giveUp(held, emit)
      else this.#held.push(held)
    }
  }

  /** The kernel forgot a node: it was the one that lost its name. */
  forget(node: NodeId, emit: Emit): void {
    const explained = this.#held.flatMap((held) => {
      const facts = this.#explain(held.open, node)
      return facts === null ? [] : [{ held, facts }]
    })
    const [only, ...others] = explained
    // Of two that run at once either may have taken the name.
    if (only && others.length === 0) {
      const { event, open } = only.held
      this.#held = this.#held.filter((held) => held !== only.held)
      const detail = detailEvent(event.key, event.atNs, event.lines)
      addNames(detail, only.facts)
      emit(detail)
      this.#done(open, only.facts)
      emit(event)
    }
    this.#book.forget(node)
  }

  end(emit: Emit): void {
    for (const held of this.#held) this.#giveUp(held, emit)
    this.#held = []
  }

  /** What a request was about, when it took this node's last name. */
  #explain({ opcode, nodeId, names }: OpenRequest, node: NodeId): OperationFacts | null {
    if (names === null) return null
    const guess = this.#guessed.place(node)
    const places = guess ? [[guess.parent, guess.name] as const] : this.#book.places(node)
    if (isRemoval(opcode)) {
      const [only, ...others] = places.filter(([parent, name]) => parent === nodeId && name.length === names - 1)
      return only && others.length === 0 && this.#book.sure(nodeId, names - 1) ? { entry: only[1] } : null
    }
    const [only, ...others] = places
    if (only === undefined || others.length > 0) return null
    const [otherNodeId, otherEntry] = only
    const length = names - 2 - otherEntry.length
    if (!this.#book.sure(otherNodeId, otherEntry.length)) return null
    const entry = this.#book.only(nodeId, length, node)
    return entry === null ? null : { entry, otherNodeId, otherEntry }
  }

  /** What it was about stays unknown. */
  #giveUp({ event, open, missed }: Held, emit: Emit): void {
    const { nodeId, opcode, names } = open
    if (names !== null && isRename(opcode)) {
      const length = names - 2
      const from = missed === null ? 1 : length - missed.name.length
      const to = missed === null ? length - 1 : from
      event.loses = [...this.#book.blur(nodeId, from, to), ...this.#guessed.blur(nodeId, from, to)]
      if (missed) this.#book.bind(missed.parent, missed.name, '0')
      else this.#book.unreported(length - 1)
    } else if (names !== null) {
      this.#book.doubt(nodeId, names - 1)
      this.#guessed.removed(nodeId, names - 1, names - 1)
    }
    emit(event)
  }

  #done({ opcode, nodeId, reported }: OpenRequest, facts: OperationFacts): void {
    const { entry, otherNodeId, otherEntry, exchange } = facts
    if (entry === undefined) return
    if (!reported) this.#guessed.answered(opcode, { ...facts, nodeId })
    if (otherNodeId !== undefined && otherEntry !== undefined) {
      this.#book.move(nodeId, entry, otherNodeId, otherEntry, exchange === true)
    } else this.#book.drop(nodeId, entry)
  }
}
