import { factsOf } from '../dialect/wire/facts.js'
import type { Raw } from '../line/line.js'
import { decodeRequest, WireError } from '../wire/index.js'
import { type Core, pathOf } from './core.js'

/** Paths below the root that a request is about; null where there are none, or they are not known. */
export interface NamedPaths {
  readonly path: Raw | null
  readonly newPath: Raw | null
}

const NOTHING: NamedPaths = { path: null, newPath: null }

/** What a request of the stand-in's own is about, by the names that it remembers. */
export function subjectOf(core: Core, bytes: Buffer): NamedPaths {
  try {
    const facts = factsOf(decodeRequest(bytes, core.connection.protocol))
    const within = (nodeId: string | undefined, name: Raw): Raw | null => {
      const directory = pathOfNode(core, nodeId)
      return directory === null ? null : directory === '/' ? `/${name}` : `${directory}/${name}`
    }
    const { nodeId, entry, otherNodeId, otherEntry } = facts
    if (entry === undefined) return { path: pathOfNode(core, nodeId), newPath: null }
    if (otherEntry !== undefined) return { path: within(nodeId, entry), newPath: within(otherNodeId, otherEntry) }
    if (otherNodeId !== undefined) return { path: pathOfNode(core, otherNodeId), newPath: within(nodeId, entry) }
    return { path: within(nodeId, entry), newPath: null }
  } catch (error) {
    if (error instanceof WireError) return NOTHING
    throw error
  }
}

/** The name that a node was last known by; what was deleted while it is open keeps its name until something else takes it. */
function pathOfNode(core: Core, nodeId: string | undefined): Raw | null {
  const inode = nodeId === undefined ? undefined : core.inodes.get(BigInt(nodeId))
  if (!inode) return null
  const name = [...inode.names].at(-1) ?? inode.lastName
  if (!name) return null
  const taken = name.parent?.children.get(name.name)
  return inode.names.size === 0 && taken?.inode ? null : pathOf(name)
}
