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
  const { opcode, path = '', newPath = '', name = '' } = operation
  const paths = { ...fsState.paths }
  switch (opcode) {
    case 'create':
    case 'mknod':
    case 'symlink':
      paths[path] = 'file'
      break
    case 'mkdir':
      paths[path] = 'directory'
      break
    case 'link':
      paths[newPath] = 'file'
      break
    case 'unlink':
    case 'rmdir':
      delete paths[path]
      break
    case 'rename': {
      const kind = paths[path]
      delete paths[path]
      if (kind) paths[newPath] = kind
      break
    }
    case 'setxattr':
      return { ...fsState, attributes: [...new Set([...fsState.attributes, `${path}\0${name}`])] }
    case 'removexattr':
      return { ...fsState, attributes: fsState.attributes.filter((one) => one !== `${path}\0${name}`) }
    default:
      return fsState
  }
  return { ...fsState, paths }
}

/** What a look finds in a world. */
export function answer(fsState: FsState, question: ProbeQuestion): ProbeAnswer {
  const found = (value: boolean | number | string | null): ProbeAnswer => ({ value, errno: null })
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
    case 'user':
      return 'unknown'
  }
}
