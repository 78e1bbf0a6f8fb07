import type { ProbeAnswer, ProbeQuestion } from '../wait/engine/prober.js'

/** An operation of a scenario: what is asked of the daemon, and how it comes out. */
export interface Deed {
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

/** The file system as it really is at some point of a run: what looks see. Immutable. */
export interface World {
  /** Path → kind. */
  readonly paths: Readonly<Record<string, 'file' | 'directory'>>
  /** `path\0name` of extended attributes. */
  readonly attributes: readonly string[]
}

/** What a deed leaves behind. */
export function apply(world: World, deed: Deed): World {
  if (deed.fails !== undefined) return world
  const { opcode, path = '', newPath = '', name = '' } = deed
  const paths = { ...world.paths }
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
      return { ...world, attributes: [...new Set([...world.attributes, `${path}\0${name}`])] }
    case 'removexattr':
      return { ...world, attributes: world.attributes.filter((one) => one !== `${path}\0${name}`) }
    default:
      return world
  }
  return { ...world, paths }
}

/** What a look finds in a world. */
export function answer(world: World, question: ProbeQuestion): ProbeAnswer {
  const found = (value: boolean | number | string | null): ProbeAnswer => ({ value, errno: null })
  switch (question.probe) {
    case 'exists':
      return found(world.paths[question.path] !== undefined)
    case 'isDirectory':
      return found(world.paths[question.path] === 'directory')
    case 'size':
      return found(world.paths[question.path] === 'file' ? 0 : null)
    case 'xattr':
      return found(world.attributes.includes(`${question.path}\0${question.name}`) ? '' : null)
    case 'mounted':
      return found(true)
    case 'inFlight':
    case 'user':
      return 'unknown'
  }
}
