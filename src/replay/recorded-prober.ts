import { decode } from '../line/text.js'
import { effectsOf } from '../operation/effects.js'
import type { Operation } from '../operation/operation.js'
import type { CallRow, ProbeRow } from '../recording/row.js'
import type { ProbeAnswer, ProbeQuestion } from '../wait/engine/prober.js'

type Finding = Exclude<ProbeAnswer, 'unknown'>

/** What a test's own successful call shows of a path afterwards. */
const MAKES = new Set(['writeFile', 'appendFile', 'stat', 'lstat', 'readFile', 'truncate', 'chmod', 'utimes'])
const REMOVES = new Set(['unlink', 'rm', 'rmdir'])

/**
 * Answers probes from what a recording has shown so far: recorded probes, the test's own calls, and operations that the
 * log said succeeded; whichever came last. What nothing was shown of, or what an operation of unknown outcome may have
 * changed since, is unknown.
 */
export class RecordedProber {
  readonly #known = new Map<string, Finding>()
  /** Whether what was last seen at a path is a directory: goes along when it is renamed. */
  readonly #kinds = new Map<string, boolean>()

  /** A recorded probe. */
  probe(row: ProbeRow): void {
    // Says something of its own moment only.
    if (row.probe === 'answers') return
    const args = row.args.map((arg) => decode(arg).text)
    // A probe that hung was answered "unknown", and so it is here.
    if (row.errno === 'ETIMEDOUT') this.#known.delete(key(row.probe, ...args))
    else this.#known.set(key(row.probe, ...args), { value: row.answer, errno: row.errno })
    if (row.probe === 'exists' && row.answer === false) this.#gone(args[0] ?? '/')
    if (row.probe === 'isDirectory' && row.answer === true) this.#there(args[0] ?? '/', true)
  }

  /** A call of the test's own through the mount. */
  call(row: CallRow): void {
    const [first, second] = row.args
    if (row.root !== 'mount' || typeof first !== 'string') return
    const path = first.startsWith('/') ? first : `/${first}`
    if (row.error) {
      if (row.error.code === 'ENOENT' && ['stat', 'lstat', 'access'].includes(row.method)) this.#gone(path)
      return
    }
    if (MAKES.has(row.method)) this.#there(path, undefined)
    else if (row.method === 'mkdir') this.#there(path, true)
    else if (REMOVES.has(row.method)) this.#gone(path)
    else if (row.method === 'rename' && typeof second === 'string') {
      this.#gone(path)
      this.#there(second.startsWith('/') ? second : `/${second}`, undefined)
    }
  }

  /** An operation began: what it may change is not known until its end. */
  started(operation: Operation): void {
    this.#apply(operation, 'unknown')
  }

  /** An operation ended. */
  ended(operation: Operation): void {
    this.#apply(operation, operation.status)
  }

  #apply(operation: Operation, status: Operation['status']): void {
    if (status === 'error') {
      const { opcode, errno, path } = operation
      if (opcode === 'lookup' && errno === 'ENOENT' && path !== null) this.#gone(path)
      return
    }
    const ok = status === 'ok'
    const effects = effectsOf(operation)
    const moves = effects.some((effect) => effect.kind === 'appears' && effect.directory === null)
    const moved = moves && operation.path !== null ? this.#kinds.get(operation.path) : undefined
    if (moves && moved !== false) for (const { path } of effects) if (path !== null) this.#unsureBelow(path)
    // First what goes: something may move to where it was.
    for (const effect of effects) {
      if (effect.kind === 'disappears') this.#change(effect.path, ok, (at) => this.#gone(at))
    }
    for (const effect of effects) {
      const { path } = effect
      if (effect.kind === 'appears') this.#change(path, ok, (at) => this.#there(at, effect.directory ?? moved))
      else if (path === null) continue
      else if (effect.kind === 'content') this.#known.delete(key('size', path))
      else if (effect.kind === 'attribute' && effect.name !== null) {
        const what = key('xattr', path, effect.name)
        if (ok && !effect.there) this.#known.set(what, { value: null, errno: null })
        else this.#known.delete(what)
      }
    }
  }

  /** The mount came to be, or is gone. */
  mounted(value: boolean): void {
    this.#known.set(key('mounted'), { value, errno: null })
  }

  /** What is known by now. */
  answer(question: ProbeQuestion): ProbeAnswer {
    const parts: string[] = []
    if ('path' in question) parts.push(question.path)
    if ('name' in question) parts.push(question.name)
    return this.#known.get(key(question.probe, ...parts)) ?? 'unknown'
  }

  #change(path: string | null, ok: boolean, apply: (path: string) => void): void {
    if (path === null) return
    if (ok) apply(path)
    else this.#unsure(path)
  }

  #there(path: string, isDirectory: boolean | undefined): void {
    this.#unsure(path)
    this.#kinds.delete(path)
    this.#known.set(key('exists', path), { value: true, errno: null })
    if (isDirectory === undefined) return
    this.#kinds.set(path, isDirectory)
    this.#known.set(key('isDirectory', path), { value: isDirectory, errno: null })
  }

  #gone(path: string): void {
    this.#unsure(path)
    this.#kinds.delete(path)
    this.#known.set(key('exists', path), { value: false, errno: null })
    this.#known.set(key('isDirectory', path), { value: false, errno: null })
    this.#known.set(key('size', path), { value: null, errno: null })
  }

  #unsureBelow(path: string): void {
    for (const known of this.#known.keys()) if (known.includes(`\0${path}/`)) this.#known.delete(known)
  }

  #unsure(path: string): void {
    for (const probe of ['exists', 'isDirectory', 'size', 'inode']) this.#known.delete(key(probe, path))
  }
}

const key = (...parts: string[]): string => parts.join('\0')
