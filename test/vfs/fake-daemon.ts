import { type VirtualClock, virtualClock } from '../../src/clock.js'
import { Connection } from '../../src/vfs/connection.js'
import { negotiate } from '../../src/vfs/init.js'
import { Vfs } from '../../src/vfs/vfs.js'
import {
  BEFORE_INIT,
  decodeRequest,
  encodeNotification,
  encodeReply,
  isUnanswered,
  type NotificationInput,
  type Opcode,
  type Protocol,
  type Reply,
  type Request,
  type RequestOf,
} from '../../src/wire/index.js'

/** What a handler answers: a body, an error (negative), bytes as they are, or nothing at all. */
export type Answer = object | number | Buffer | null
type Handlers = { [O in Opcode]?: (request: RequestOf<O>) => Answer }

interface Node {
  id: bigint
  mode: number
  nlink: number
  data: Buffer
  target?: Buffer
  children?: Map<string, Node>
  xattrs: Map<string, Buffer>
}

const DIRECTORY = 0o040755
const ENOENT = -2

export interface FakeOptions {
  /** How long answers about names and attributes hold, s. */
  entryValid?: bigint
  attrValid?: bigint
  /** Flags that it answers to INIT. */
  flags?: number
  minor?: number
  /** In place of what it would do. */
  handlers?: Handlers
  defaultPermissions?: boolean
  /** The number of its second node; the root is 1. */
  firstNode?: bigint
  /** Messages as they pass. */
  onRequest?(bytes: Buffer): void
  onReply?(bytes: Buffer): void
  limitNs?: number
}

/** A daemon in this process: a small file system in memory that speaks the protocol, and notes what it is asked. */
export class FakeDaemon {
  /** Requests as `opcode name`, in order; INIT is not among them. */
  readonly log: string[] = []
  readonly requests: Request[] = []
  readonly clock: VirtualClock = virtualClock()
  readonly connection: Connection
  readonly #options: FakeOptions
  #protocol: Protocol = BEFORE_INIT
  #nodes = new Map<bigint, Node>()
  #next = 1n
  #vfs: Vfs | null = null

  constructor(options: FakeOptions = {}) {
    this.#options = options
    this.make(DIRECTORY)
    this.#next = options.firstNode ?? this.#next
    this.connection = new Connection({
      clock: this.clock,
      name: 'fake',
      credentials: { uid: 0, gid: 0, pid: 1 },
      ...(options.limitNs !== undefined && { limitNs: options.limitNs }),
      send: (bytes) => queueMicrotask(() => this.#take(bytes)),
      observer: {
        onRequest: ({ bytes }) => options.onRequest?.(bytes),
        onReply: ({ bytes }) => options.onReply?.(bytes),
      },
      onNotification: (notification) => this.#vfs?.notified(notification),
    })
  }

  async start(): Promise<Vfs> {
    const features = await negotiate(this.connection, 1 << 20)
    this.#vfs = new Vfs({
      connection: this.connection,
      features,
      clock: this.clock,
      settings: { defaultPermissions: this.#options.defaultPermissions ?? false, readOnly: false, maxRead: null },
      credentials: { uid: 0, gid: 0, pid: 1, umask: 0o022 },
    })
    return this.#vfs
  }

  /** What it was asked since this was called last. */
  asked(): string[] {
    return this.log.splice(0)
  }

  /** Resolves when it has been asked this. */
  async saw(opcode: Opcode): Promise<void> {
    for (let turn = 0; !this.requests.some((request) => request.opcode === opcode); turn++) {
      if (turn > 10_000) throw new Error(`no ${opcode} has come`)
      await Promise.resolve()
    }
  }

  notify(notification: NotificationInput): void {
    this.connection.receive(encodeNotification(notification, this.#protocol))
  }

  /** The node at a path, as the daemon has it. */
  node(path: string): Node {
    let node = this.#nodes.get(1n) as Node
    for (const name of path.split('/').filter(Boolean)) node = node.children?.get(name) as Node
    return node
  }

  /** Makes a node that has no name yet. */
  make(mode: number): Node {
    const node: Node = { id: this.#next++, mode, nlink: 1, data: Buffer.alloc(0), xattrs: new Map() }
    if ((mode & 0o170000) === 0o040000) node.children = new Map()
    this.#nodes.set(node.id, node)
    return node
  }

  #take(bytes: Buffer): void {
    const request = decodeRequest(bytes, this.#protocol)
    this.requests.push(request)
    const handler = this.#options.handlers?.[request.opcode as Opcode] as ((given: Request) => Answer) | undefined
    if (request.opcode === 'init' && !handler) {
      this.#init(request)
      return
    }
    if (request.opcode !== 'init') {
      const { name } = request.body as { name?: Buffer }
      this.log.push(name ? `${request.opcode} ${name}` : request.opcode)
    }
    const answer = handler ? handler(request) : this.#answer(request)
    if (answer === null) return
    this.connection.receive(answer instanceof Buffer ? answer : this.reply(request, answer))
  }

  reply(request: Request, answer: object | number): Buffer {
    const input =
      typeof answer === 'number' ? { unique: request.unique, error: answer } : { unique: request.unique, body: answer }
    return encodeReply(input as Reply, request, this.#protocol)
  }

  #init(request: RequestOf<'init'>): void {
    const { minor = 31, flags = 0 } = this.#options
    const body = { major: 7, minor, flags, maxReadahead: 131072, maxWrite: 131072, maxPages: 32 }
    const bytes = this.reply(request, body)
    this.#protocol = { minor, flags: BigInt(flags), endianness: 'LE' }
    this.connection.receive(bytes)
  }

  #attr(node: Node): object {
    return {
      ino: node.id,
      mode: node.mode,
      nlink: node.nlink,
      size: BigInt(node.target?.length ?? node.data.length),
      uid: 0,
      gid: 0,
    }
  }

  #entry(node: Node): object {
    const { entryValid = 1n, attrValid = 1n } = this.#options
    return { nodeId: node.id, entryValid, attrValid, attr: this.#attr(node) }
  }

  #child(dir: Node, name: Buffer, mode: number): Node | number {
    if (dir.children?.has(name.toString())) return -17
    const node = this.make(mode)
    dir.children?.set(name.toString(), node)
    return node
  }

  /** What an ordinary file system does. */
  #answer(request: Request): Answer {
    if (isUnanswered(request.opcode)) return null
    const node = this.#nodes.get(request.nodeId)
    if (!node) return request.opcode === 'statfs' ? {} : -116
    const found = (name: Buffer): Node | undefined => node.children?.get(name.toString())
    const entry = (made: Node | number | undefined): Answer =>
      made === undefined ? ENOENT : typeof made === 'number' ? made : { entry: this.#entry(made) }
    switch (request.opcode) {
      case 'lookup':
        return entry(found(request.body.name))
      case 'getattr':
        return { attrValid: this.#options.attrValid ?? 1n, attr: this.#attr(node) }
      case 'setattr': {
        const { valid, mode, size } = request.body
        if (valid & 1) node.mode = mode
        if (valid & 8) node.data = Buffer.concat([node.data, Buffer.alloc(Number(size))]).subarray(0, Number(size))
        return { attrValid: this.#options.attrValid ?? 1n, attr: this.#attr(node) }
      }
      case 'mkdir':
        return entry(this.#child(node, request.body.name, 0o040000 | request.body.mode))
      case 'mknod':
        return entry(this.#child(node, request.body.name, request.body.mode))
      case 'symlink': {
        const made = this.#child(node, request.body.name, 0o120777)
        if (typeof made !== 'number') made.target = Buffer.from(request.body.target)
        return entry(made)
      }
      case 'readlink':
        return { target: node.target ?? Buffer.alloc(0) }
      case 'create': {
        const made = this.#child(node, request.body.name, request.body.mode)
        return typeof made === 'number' ? made : { entry: this.#entry(made), open: { fh: made.id * 10n } }
      }
      case 'link': {
        const old = this.#nodes.get(request.body.oldNodeId) as Node
        old.nlink++
        node.children?.set(request.body.name.toString(), old)
        return entry(old)
      }
      case 'unlink':
      case 'rmdir': {
        const gone = found(request.body.name)
        if (!gone) return ENOENT
        if (gone.children && gone.children.size > 0) return -39
        node.children?.delete(request.body.name.toString())
        gone.nlink--
        return {}
      }
      case 'rename':
      case 'rename2': {
        const moved = found(request.body.name)
        if (!moved) return ENOENT
        node.children?.delete(request.body.name.toString())
        this.#nodes.get(request.body.newDir)?.children?.set(request.body.newName.toString(), moved)
        return {}
      }
      case 'open':
      case 'opendir':
        return { fh: node.id * 10n }
      case 'read':
        return {
          data: node.data.subarray(Number(request.body.offset), Number(request.body.offset) + request.body.size),
        }
      case 'write': {
        const { data, offset } = request.body
        const end = Math.max(node.data.length, Number(offset) + data.length)
        const grown = Buffer.alloc(end)
        node.data.copy(grown)
        data.copy(grown, Number(offset))
        node.data = grown
        return { size: data.length }
      }
      case 'readdir':
      case 'readdirplus': {
        const names = [...(node.children ?? new Map<string, Node>())].slice(Number(request.body.offset))
        const entries = names.map(([name, child], i) => ({
          ino: child.id,
          off: request.body.offset + BigInt(i + 1),
          type: (child.mode & 0o170000) >> 12,
          name: Buffer.from(name),
          ...(request.opcode === 'readdirplus' && { entry: this.#entry(child) }),
        }))
        return { entries }
      }
      case 'setxattr':
        node.xattrs.set(request.body.name.toString(), Buffer.from(request.body.value))
        return {}
      case 'getxattr': {
        const value = node.xattrs.get(request.body.name.toString())
        if (!value) return -61
        return request.body.size === 0 ? { size: value.length } : { value }
      }
      case 'listxattr': {
        const value = Buffer.from([...node.xattrs.keys()].map((name) => `${name}\0`).join(''))
        return request.body.size === 0 ? { size: value.length } : { value }
      }
      case 'removexattr':
        return node.xattrs.delete(request.body.name.toString()) ? {} : -61
      case 'statfs':
        return { bsize: 4096, frsize: 4096, blocks: 100n, namelen: 255 }
      case 'release':
      case 'releasedir':
      case 'flush':
      case 'fsync':
      case 'access':
        return {}
      default:
        return -38
    }
  }
}
