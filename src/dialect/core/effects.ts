/** What comes to be at a name: `moved` is whatever was at the old one. */
export type MadeType = 'file' | 'directory' | 'symlink' | 'moved'

/** Which of an operation's names is meant. */
export type NameSlot = 'path' | 'newPath'

/** What a request does, where it succeeds. */
export interface OpcodeEffects {
  /** True when it is about an entry of the directory that is its node, not about its node itself. */
  readonly entry?: boolean
  /** It is answered with a node: `named`, the entry stands for it from then on, or one that has no name. */
  readonly answer?: 'named' | 'nameless'
  /** A name that something stands at afterwards. */
  readonly makes?: { readonly slot: NameSlot; readonly type: MadeType }
  /** A name that nothing stands at afterwards, and what it was: `any` where only the file system knows. */
  readonly removes?: { readonly slot: 'path'; readonly type: 'file' | 'directory' | 'any' }
  /** An extended attribute that is set, read or removed. */
  readonly attribute?: 'sets' | 'reads' | 'removes'
  /** A descriptor that it opens or closes. */
  readonly handle?: 'opens' | 'closes'
  /** `data`: content or size may change. `flush`: what was written before is handed on. */
  readonly writes?: 'data' | 'flush'
}

/**
 * What opcodes do to names, nodes, attributes and content. Those that are not here change nothing that a wait, a probe or
 * a dialect has to know of. All that asks what an opcode does draws from here: `operation/effects.ts` for operations.
 */
const EFFECTS: Readonly<Record<string, OpcodeEffects>> = {
  lookup: { entry: true, answer: 'named' },
  create: {
    entry: true,
    answer: 'named',
    makes: { slot: 'path', type: 'file' },
    handle: 'opens',
    // It truncates, and the file may be left empty.
    writes: 'data',
  },
  mknod: { entry: true, answer: 'named', makes: { slot: 'path', type: 'file' } },
  symlink: { entry: true, answer: 'named', makes: { slot: 'path', type: 'symlink' } },
  mkdir: { entry: true, answer: 'named', makes: { slot: 'path', type: 'directory' } },
  link: { entry: true, answer: 'named', makes: { slot: 'newPath', type: 'file' } },
  tmpfile: { entry: true, answer: 'nameless' },
  unlink: { entry: true, removes: { slot: 'path', type: 'file' } },
  rmdir: { entry: true, removes: { slot: 'path', type: 'directory' } },
  rename: { entry: true, makes: { slot: 'newPath', type: 'moved' }, removes: { slot: 'path', type: 'any' } },
  rename2: { entry: true, makes: { slot: 'newPath', type: 'moved' }, removes: { slot: 'path', type: 'any' } },
  setxattr: { attribute: 'sets' },
  getxattr: { attribute: 'reads' },
  removexattr: { attribute: 'removes' },
  open: { handle: 'opens' },
  release: { handle: 'closes' },
  releasedir: { handle: 'closes' },
  write: { writes: 'data' },
  fallocate: { writes: 'data' },
  copy_file_range: { writes: 'data' },
  copy_file_range_64: { writes: 'data' },
  setattr: { writes: 'data' },
  flush: { writes: 'flush' },
  fsync: { writes: 'flush' },
}

const NOTHING: OpcodeEffects = {}
const BY_OPCODE: ReadonlyMap<string, OpcodeEffects> = new Map(Object.entries(EFFECTS))

/** What a request of this opcode does. */
export const effectOf = (opcode: string): OpcodeEffects => BY_OPCODE.get(opcode) ?? NOTHING

/** The opcodes whose effects fit, in the table's order. */
export function opcodesThat(fits: (effects: OpcodeEffects) => boolean): readonly string[] {
  return [...BY_OPCODE].filter(([, effects]) => fits(effects)).map(([opcode]) => opcode)
}

/** Requests that are answered with a node. */
export const MAKES_NODE: ReadonlySet<string> = new Set(opcodesThat(({ answer }) => answer !== undefined))

/** Whether a request is about an entry of its node, not about the node itself. */
export const isEntry = (opcode: string): boolean => effectOf(opcode).entry === true

/** Whether it gives a name that was there to something else. */
export const isRename = (opcode: string): boolean => effectOf(opcode).makes?.type === 'moved'

/** Whether it takes a name away and puts nothing in its place elsewhere. */
export const isRemoval = (opcode: string): boolean => {
  const { makes, removes } = effectOf(opcode)
  return removes !== undefined && makes === undefined
}

/** Whether it puts something new, or another name, where nothing was. */
export const isMaking = (opcode: string): boolean => {
  const { makes, removes } = effectOf(opcode)
  return makes !== undefined && removes === undefined
}

/** Whether it names an extended attribute. */
export const isAttribute = (opcode: string): boolean => effectOf(opcode).attribute !== undefined
