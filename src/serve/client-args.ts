/** What a client is to ask. */
export interface ClientCall {
  readonly method: string
  readonly params: Record<string, unknown>
  /** Named by `--socket`. */
  readonly socket: string | undefined
  /** Arguments that may lie in a mount, as paths of this machine. */
  readonly paths: readonly string[]
  /** Which of a wait's arguments are paths. */
  readonly pathAt: readonly number[]
  readonly json: boolean
  /** Of `step`. */
  readonly command: readonly string[]
}

/** Options with a value: how the protocol calls each, and whether it is a number. */
const VALUES: Readonly<Record<string, { key: string; number?: true }>> = {
  socket: { key: 'socket' },
  since: { key: 'since' },
  timeout: { key: 'timeoutMs', number: true },
  opcode: { key: 'opcode' },
  path: { key: 'path' },
  'new-path': { key: 'newPath' },
  name: { key: 'name' },
  errno: { key: 'errno' },
  status: { key: 'status' },
  pid: { key: 'pid', number: true },
  value: { key: 'value' },
  for: { key: 'forMs', number: true },
  during: { key: 'during', number: true },
  limit: { key: 'limit', number: true },
}

/** How many arguments a wait takes; those whose first is a path lie in a mount. */
const WAITS: Readonly<Record<string, readonly ('path' | 'text')[]>> = {
  'mount-ready': [],
  unmounted: [],
  'file-visible': ['path'],
  'dir-visible': ['path'],
  'write-complete': ['path'],
  deleted: ['path'],
  released: ['path'],
  renamed: ['path', 'path'],
  'xattr-set': ['path', 'text'],
  'xattr-removed': ['path', 'text'],
  operation: [],
  exactly: ['text'],
  never: [],
  logged: ['text'],
  idle: [],
}

/** Reads a client's command line, without the program's name. */
export function parseClientArgs(argv: readonly string[]): ClientCall | { problem: string } {
  const [method = '', ...rest] = argv
  // What Node makes of bytes that are not UTF-8: another name than the one that was meant.
  const mangled = argv.find((word) => word.includes('\ufffd'))
  if (mangled !== undefined) return { problem: `${mangled} is not UTF-8; write the bytes that are not as \\xNN` }
  const params: Record<string, unknown> = {}
  const words: string[] = []
  let socket: string | undefined
  let json = false
  let command: readonly string[] = []
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] ?? ''
    if (word === '--') {
      command = rest.slice(i + 1)
      break
    }
    if (word === '--json') json = true
    else if (!word.startsWith('--')) words.push(word)
    else {
      const [, name = '', inline] = /^--([a-z-]+)(?:=(.*))?$/s.exec(word) ?? []
      const option = Object.hasOwn(VALUES, name) ? VALUES[name] : undefined
      if (!option) return { problem: `unknown option ${word}; see fusetrace ${method} --help` }
      const value = inline ?? rest[++i]
      if (value === undefined) return { problem: `--${name} needs a value` }
      if (option.number && (value === '' || !(Number(value) >= 0)))
        return { problem: `--${name} ${value} is not a number` }
      if (option.key === 'socket') socket = value
      else params[option.key] = option.number ? Number(value) : value
    }
  }
  const call = { socket, json, command, paths: [] as string[], pathAt: [] as number[] }
  if (method === 'wait') return waitCall(words, params, call)
  if (method === 'mark' || method === 'step') {
    if (words.length > 1) return { problem: `fusetrace ${method} takes one name, not ${words.length}` }
    if (words[0] !== undefined) params.name = words[0]
    if (method === 'step' && (words.length === 0 || command.length === 0)) {
      return { problem: 'a step has a name and a command: fusetrace step NAME -- COMMAND ARGS' }
    }
  } else if (words.length > 0) return { problem: `fusetrace ${method} takes no arguments, but ${words[0]} was given` }
  return { ...call, method, params }
}

function waitCall(
  [kind = '', ...args]: readonly string[],
  params: Record<string, unknown>,
  call: Omit<ClientCall, 'method' | 'params'>,
): ClientCall | { problem: string } {
  const wanted = Object.hasOwn(WAITS, kind) ? WAITS[kind] : undefined
  if (!wanted) {
    const which = kind === '' ? 'say what to wait for' : `there is no wait ${kind}`
    return { problem: `${which}; there are ${Object.keys(WAITS).join(', ')}` }
  }
  if (args.length !== wanted.length) {
    return { problem: `wait ${kind} takes ${wanted.length} arguments, not ${args.length}` }
  }
  const paths = args.filter((_, i) => wanted[i] === 'path')
  if (typeof params.path === 'string' && !/[*?[]/.test(params.path)) paths.push(params.path)
  const pathAt = wanted.flatMap((what, i) => (what === 'path' ? [i] : []))
  return { ...call, method: 'wait', params: { kind, args, ...params }, paths, pathAt }
}
