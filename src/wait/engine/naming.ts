import { isEntry } from '../../dialect/core/effects.js'
import type { MonitorView } from '../../monitor/monitor.js'
import type { Operation } from '../../operation/operation.js'
import { isGlob, normalPath } from '../../path-pattern.js'
import type { Machine, View } from './machine.js'
import { judgeAny } from './match.js'
import type { ProbeAnswer, ProbeQuestion } from './prober.js'

type InodeQuestion = Extract<ProbeQuestion, { probe: 'inode' }>

/**
 * Names an operation of which the log shows the node, but not the path: where nodes have the numbers of their inodes, one of the paths that
 * the wait is about may have that number. (At `RUST_LOG=info` mergerfs-rs shows so what is written to a new file.)
 */
export class Naming {
  readonly #wanted: Machine<unknown>['wanted']
  readonly #paths: readonly string[]
  readonly #view: View
  readonly #monitor: MonitorView
  /** Numbers of the paths that had one, when they were asked for. */
  readonly #inodes = new Map<string, string>()
  /** Paths that have been asked for because of an operation, and had none. */
  readonly #asked = new Set<string>()
  #about = -1

  constructor({ wanted }: Pick<Machine<unknown>, 'wanted'>, view: View, monitor: MonitorView) {
    const paths = wanted?.map(({ path }) => path).filter((path) => typeof path === 'string' && !isGlob(path))
    this.#wanted = wanted
    this.#paths = [...new Set(paths as string[] | undefined)].map(normalPath)
    this.#view = view
    this.#monitor = monitor
  }

  /** What has to be known before the operation can be named, or is known not to be one of these; null when nothing has to. */
  question(operation: Operation): InodeQuestion | null {
    if (!this.#mayBeMeant(operation)) return null
    if (this.#about !== operation.id) this.#asked.clear()
    this.#about = operation.id
    const path = this.#paths.find((one) => !this.#inodes.has(one) && !this.#asked.has(one))
    return path === undefined ? null : { probe: 'inode', path }
  }

  answered({ path }: InodeQuestion, answer: ProbeAnswer): void {
    this.#asked.add(path)
    if (answer !== 'unknown' && typeof answer.value === 'string') this.#inodes.set(path, answer.value)
  }

  /** The operation, with its path where that has become known. */
  named(operation: Operation): Operation {
    if (this.#inodes.size === 0 || !this.#mayBeMeant(operation)) return operation
    const path = this.#paths.find(
      (one) => this.#inodes.get(one) === operation.nodeId && !this.#movedSince(operation, one),
    )
    return path === undefined ? operation : { ...operation, path }
  }

  #mayBeMeant(operation: Operation): boolean {
    const { capabilities, canProbe } = this.#view
    if (this.#paths.length === 0 || operation.path !== null || operation.paths || operation.nodeId === undefined)
      return false
    if (capabilities?.inodes !== true || !canProbe || isEntry(operation.opcode) || !this.#view.after(operation))
      return false
    return this.#wanted !== undefined && judgeAny(this.#wanted, operation) === 'maybe'
  }

  /** Something else may have been at the path when the operation was made. */
  #movedSince({ id }: Operation, path: string): boolean {
    const all = [...this.#monitor.recentOperations(), ...this.#monitor.openOperations()]
    return all.some((one) => one.id > id && one.newPath === path)
  }
}
