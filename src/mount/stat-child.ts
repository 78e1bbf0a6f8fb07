import type { holderCounter as countHolders, ProcessorTime } from './holders.js'

/**
 * What is asked of the file system. Paths, names and values are latin1 raw bytes. `own`: a path that is asked for as well before the
 * answer is given, and what comes of that is of no interest; of `handles` only where there are none.
 */
export type StatRequest =
  | { readonly stat: 'lstat' | 'stat' | 'statfs'; readonly path: string; readonly own?: string }
  /** `follow`: of what a symbolic link names instead of the link itself. */
  | {
      readonly stat: 'getxattr' | 'removexattr'
      readonly path: string
      readonly name: string
      readonly follow: boolean
    }
  | { readonly stat: 'listxattr'; readonly path: string; readonly follow: boolean }
  | {
      readonly stat: 'setxattr'
      readonly path: string
      readonly name: string
      readonly value: string
      readonly follow: boolean
    }
  /** How many descriptors processes hold on a file, as far as `/proc` shows them to this user; counts to two at most. */
  | { readonly stat: 'handles'; readonly path: string; readonly own?: string }

/** `errno` is null when the call succeeded; `NOKOFFI` when there is no way to make it here. `dev` and `ino` are decimal. */
export interface StatAnswer {
  readonly errno: string | null
  readonly type: 'file' | 'directory' | 'symlink' | 'other' | null
  readonly dev: string | null
  readonly ino: string | null
  readonly size: number | null
  /** An attribute's value, or the names of attributes, each with a NUL behind it. */
  readonly bytes?: string
}

/**
 * The whole program of the process that asks a mount; its source text is given to `node -e`, so it may use nothing from
 * outside of itself. It reads one question a line and may stay for ever in the system call that answers it.
 *
 * @param koffiPath where the optional package koffi is, by which extended attributes and processor times are reached
 */
export function probeChild(koffiPath: string | null, holderCounter: typeof countHolders): void {
  const fs = process.getBuiltinModule('node:fs')
  const os = process.getBuiltinModule('node:os')
  type Call = (...args: unknown[]) => number | bigint
  interface Calls {
    errno(): number
    readonly ranNs: ProcessorTime
    readonly call: Readonly<Record<string, Call>>
  }
  const none = { type: null, dev: null, ino: null, size: null }
  const ok = (bytes = ''): StatAnswer => ({ errno: null, ...none, bytes })
  const failed = (errno: string): StatAnswer => ({ errno, ...none })
  const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')
  const cString = (text: string): Buffer => latin1(`${text}\0`)

  let calls: Calls | null | undefined
  const load = (): Calls | null => {
    if (koffiPath === null) return null
    try {
      const { createRequire } = process.getBuiltinModule('node:module')
      const koffi = createRequire('/')(koffiPath)
      // What this program is linked with, so whichever C library it is.
      const lib = koffi.load(null)
      const call: Record<string, Call> = {}
      for (const l of ['', 'l']) {
        const [path, name] = ['const void *path', 'const void *name']
        const value = 'void *value, uint64_t size'
        call[`${l}getxattr`] = lib.func(`int64_t ${l}getxattr(${path}, ${name}, ${value})`)
        call[`${l}setxattr`] = lib.func(`int ${l}setxattr(${path}, ${name}, const ${value}, int flags)`)
        call[`${l}listxattr`] = lib.func(`int64_t ${l}listxattr(${path}, ${value})`)
        call[`${l}removexattr`] = lib.func(`int ${l}removexattr(${path}, ${name})`)
      }
      const clockGettime = lib.func('int clock_gettime(int clock, void *timespec)')
      const timespec = new BigInt64Array(2)
      return {
        errno: () => koffi.errno(),
        call,
        // The clock of a process has the number that clock_getcpuclockid(3) makes of its pid.
        ranNs: (pid) => {
          if (clockGettime((~Number(pid) << 3) | 2, timespec) !== 0) return null
          return (timespec[0] as bigint) * 1_000_000_000n + (timespec[1] as bigint)
        },
      }
    } catch {
      return null
    }
  }
  const xattr = (question: Extract<StatRequest, { follow: boolean }>): StatAnswer => {
    if (calls === undefined) calls = load()
    if (calls === null) return failed('NOKOFFI')
    const call = calls.call[`${question.follow ? '' : 'l'}${question.stat}`] as Call
    const path = cString(question.path)
    const name = 'name' in question ? cString(question.name) : null
    // As large as the kernel lets a value, or all names together, be.
    const out = question.stat === 'getxattr' || question.stat === 'listxattr' ? Buffer.alloc(65536) : null
    const value = question.stat === 'setxattr' ? latin1(question.value) : null
    const result = value
      ? call(path, name, value, value.length, 0)
      : call(...[path, name, out, out?.length].filter((one) => one !== null && one !== undefined))
    if (Number(result) >= 0) return ok(out?.toString('latin1', 0, Number(result)) ?? '')
    const number = calls.errno()
    const known = Object.entries(os.constants.errno).find(([, value]) => value === number)?.[0]
    // Node's table has two names for some numbers; the man pages have these.
    return failed(known === 'EWOULDBLOCK' ? 'EAGAIN' : known === 'EOPNOTSUPP' ? 'ENOTSUP' : (known ?? 'EIO'))
  }

  const count = holderCounter(fs, () => (calls ? calls.ranNs : null), String(process.pid))
  // The first count does without: it does not wait for koffi, nor what is asked right after it.
  let prepared = false
  const prepare = (): void => {
    if (prepared) return
    prepared = true
    const { setTimeout: after } = process.getBuiltinModule('node:timers')
    after(() => {
      if (calls === undefined) calls = load()
      if (calls !== null) count('')
    }, 20)
  }
  const handles = (path: string): StatAnswer => {
    prepare()
    return { errno: null, ...none, size: count(path) }
  }

  const askFirst = (question: StatRequest): StatAnswer => {
    try {
      if (question.stat === 'handles') return handles(question.path)
      if ('follow' in question) return xattr(question)
      const path = latin1(question.path)
      if (question.stat === 'statfs') {
        fs.statfsSync(path)
        return ok()
      }
      const s = question.stat === 'stat' ? fs.statSync(path, { bigint: true }) : fs.lstatSync(path, { bigint: true })
      const type = s.isFile() ? 'file' : s.isDirectory() ? 'directory' : s.isSymbolicLink() ? 'symlink' : 'other'
      return { errno: null, type, dev: String(s.dev), ino: String(s.ino), size: Number(s.size) }
    } catch (error) {
      return failed((error as NodeJS.ErrnoException).code ?? 'EIO')
    }
  }
  const ask = (question: StatRequest): StatAnswer => {
    const answer = askFirst(question)
    if ('own' in question && (question.stat !== 'handles' || answer.size === 0)) {
      try {
        fs.lstatSync(latin1(question.own), { throwIfNoEntry: false })
      } catch {
        // It was answered.
      }
    }
    return answer
  }
  // Errors are answers here, and where they come from takes longer to find out than what they say.
  Error.stackTraceLimit = 0
  fs.writeSync(1, '\n')
  let rest = ''
  process.stdin.setEncoding('latin1')
  process.stdin.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) fs.writeSync(1, `${JSON.stringify(ask(JSON.parse(line)))}\n`, null, 'latin1')
  })
}
