import { effectsOf, MOVES } from '../../operation/effects.js'
import type { Operation } from '../../operation/operation.js'

const MAX_PATHS = 4096

/**
 * Which of a rename's two names is the old one, as the operations around it show: the old name was there before, the new
 * one was not. A log whose two names changed places is otherwise read without any doubt, and wrongly.
 */
export class NameOrder {
  /** Paths known to be there, or not to be. The oldest are let go. */
  readonly #there = new Map<string, boolean>()
  /** A lookup has failed: where none does, those that find nothing are not distinguished from the others. */
  #lookupsFail = false
  /** Renames from a name that was there to one that was not. */
  forward = 0
  backward = 0

  operation({ opcode, path, newPath, status, negative }: Operation): void {
    if (path === null) return
    if (MOVES.includes(opcode)) {
      if (newPath === null || status === 'error') return
      const [from, to] = [this.#there.get(path) === true, this.#there.get(newPath) === true]
      if (from && !to) this.forward++
      if (to && !from) this.backward++
      this.#set(path, false)
      this.#set(newPath, true)
    } else if (status === 'error' || negative) {
      this.#lookupsFail ||= opcode === 'lookup'
      this.#set(path, false)
    } else if (opcode === 'lookup') {
      if (status === 'ok' && this.#lookupsFail) this.#set(path, true)
    } else {
      for (const { kind, path: at } of effectsOf({ opcode, path, newPath, name: null }))
        if (at !== null && kind !== 'attribute' && kind !== 'content') this.#set(at, kind === 'appears')
    }
  }

  #set(path: string, there: boolean): void {
    this.#there.delete(path)
    this.#there.set(path, there)
    if (this.#there.size > MAX_PATHS) this.#there.delete(this.#there.keys().next().value as string)
  }
}
