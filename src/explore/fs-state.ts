import { effectsOf } from '../operation/effects.js'
import type { ProbeAnswer, ProbeQuestion } from '../wait/engine/prober.js'

/** An operation of a scenario: what is asked of the daemon, and how it comes out. */
export interface ModelOperation {
  readonly opcode: string
  readonly path?: string
  readonly newPath?: string
  readonly name?: string
  /**
   * errno of a failure; undefined for success.
   */
  readonly fails?: string
  /**
   * `reply`: the log shows the end and its outcome. `inferred`: it shows the end, by the next request, and no outcome.
   * `hidden`: it shows no end.
   * @default 'reply'
   */
  readonly shown?: 'reply' | 'inferred' | 'hidden'
  /** Begins only when this one (by its place in the scenario) has ended. */
  readonly after?: number
}

/** @deprecated Use `ModelOperation`. */
export type Deed = ModelOperation

/** The file system as it really is at some point of a run: what probes see. Immutable. */
export interface FsState {
  /** Path → kind. */
  readonly paths: Readonly<Record<string, 'file' | 'directory'>>
  /** `path\0name` of extended attributes. */
  readonly attributes: readonly string[]
}

/** @deprecated Use `FsState`. */
export type World = FsState

/** What an operation leaves behind. */
export function apply(fsState: FsState, operation: ModelOperation): FsState {
  if (operation.fails !== undefined) return fsState
  const { path = null, newPath = null, name = null } = operation
  const paths = { ...fsState.paths }
  let attributes = fsState.attributes
  const moved = paths[path ?? '']
  const effects = effectsOf({ opcode: operation.opcode, path, newPath, name })
  if (effects.length === 0) return fsState
  for (const effect of effects) if (effect.kind === 'disappears') delete paths[effect.path ?? '']
  for (const effect of effects) {
    const at = effect.path ?? ''
    if (effect.kind === 'appears') {
      const type = effect.directory === null ? moved : effect.directory ? 'directory' : 'file'
      if (type) paths[at] = type
    } else if (effect.kind === 'attribute') {
      const others = attributes.filter((one) => one !== `${at}\0${effect.name}`)
      attributes = effect.there ? [...others, `${at}\0${effect.name}`] : others
    }
  }
  return { paths, attributes }
}

/** What a probe finds in the file system. */
export function answer(fsState: FsState, question: ProbeQuestion): ProbeAnswer {
  const found = (value: boolean | number | string | null): ProbeAnswer => ({ value, errno: null })
  // How far the log is behind is what is tried.
  if ('caughtUp' in question) return 'unknown'
  switch (question.probe) {
    case 'exists':
      return found(fsState.paths[question.path] !== undefined)
    case 'isDirectory':
      return found(fsState.paths[question.path] === 'directory')
    case 'size':
      return found(fsState.paths[question.path] === 'file' ? 0 : null)
    case 'xattr':
      return found(fsState.attributes.includes(`${question.path}\0${question.name}`) ? '' : null)
    case 'mounted':
      return found(true)
    case 'inFlight':
    case 'answers':
    case 'handles':
    case 'inode':
    case 'user':
      return 'unknown'
  }
}
