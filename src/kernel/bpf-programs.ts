/** Programs of fuse.bpf.o, by name. */
export interface BpfPrograms {
  /** Without these nothing is reported. */
  readonly needed: readonly string[]
  /** Loaded as well, where the kernel lets them. */
  readonly optional: readonly string[]
}

export type BpfStep = 'koffi' | 'libbpf' | 'open' | 'load' | 'attach' | 'map'

/** What libbpf and libc do for us. Pointers are opaque; null where there is none. */
export interface NativeFunctions {
  /** Of the call before. */
  errno(): number
  view(address: bigint, bytes: number): ArrayBuffer
  silence(print: null): void
  open(bytes: Uint8Array, size: number, options: null): unknown
  load(object: unknown): number
  close(object: unknown): void
  program(object: unknown, name: string): unknown
  autoload(program: unknown, on: boolean): number
  attach(program: unknown): unknown
  detach(link: unknown): number
  map(object: unknown, name: string): unknown
  size(map: unknown, entries: number): number
  fd(map: unknown): number
  mmap(at: null, bytes: number, protection: number, flags: number, fd: number, offset: number): bigint
  munmap(at: bigint, bytes: number): number
  sysconf(name: number): number | bigint
  poll(fds: Uint8Array, count: number, timeoutMs: number): number
}

/** Programs that run. */
export interface RunningPrograms {
  readonly object: unknown
  readonly links: readonly unknown[]
  readonly names: readonly string[]
}

/**
 * Finds the functions in the libraries. Like all in this file its source text is run in a worker, so it may use nothing from
 * outside of itself.
 *
 * @param onStep called with what is done next, so that a failure can say where
 */
export function nativeFunctions(koffi: typeof import('koffi'), onStep: (step: BpfStep) => void): NativeFunctions {
  onStep('libbpf')
  const bpf = koffi.load('libbpf.so.1')
  const c = koffi.load('libc.so.6')
  return {
    errno: () => koffi.errno(),
    view: (address, bytes) => koffi.view(address, bytes),
    silence: bpf.func('void *libbpf_set_print(void *print)'),
    open: bpf.func('void *bpf_object__open_mem(const void *bytes, size_t size, const void *options)'),
    load: bpf.func('int bpf_object__load(void *object)'),
    close: bpf.func('void bpf_object__close(void *object)'),
    program: bpf.func('void *bpf_object__find_program_by_name(void *object, const char *name)'),
    autoload: bpf.func('int bpf_program__set_autoload(void *program, bool on)'),
    attach: bpf.func('void *bpf_program__attach(void *program)'),
    detach: bpf.func('int bpf_link__destroy(void *link)'),
    map: bpf.func('void *bpf_object__find_map_by_name(void *object, const char *name)'),
    size: bpf.func('int bpf_map__set_max_entries(void *map, uint32_t entries)'),
    fd: bpf.func('int bpf_map__fd(void *map)'),
    mmap: c.func('void *mmap(void *at, size_t bytes, int protection, int flags, int fd, int64_t offset)'),
    munmap: c.func('int munmap(void *at, size_t bytes)'),
    sysconf: c.func('long sysconf(int name)'),
    poll: c.func('int poll(void *fds, unsigned long count, int timeout)'),
  }
}

/** Opens, loads and attaches. @throws Error with `errno`; nothing is left then */
export function startPrograms(
  native: NativeFunctions,
  what: { readonly object: Uint8Array; readonly ringBytes: number },
  { needed, optional }: BpfPrograms,
  onStep: (step: BpfStep) => void,
): RunningPrograms {
  const fail = (call: string): never => {
    throw Object.assign(new Error(call), { errno: native.errno() })
  }
  onStep('open')
  const object = native.open(what.object, what.object.length, null) ?? fail('bpf_object__open_mem')
  const links: unknown[] = []
  const names: string[] = []
  try {
    native.size(native.map(object, 'ring'), what.ringBytes)
    for (const name of optional) native.autoload(native.program(object, name), true)
    onStep('load')
    if (native.load(object) < 0) fail('bpf_object__load')
    onStep('attach')
    for (const name of [...optional, ...needed]) {
      const link = native.attach(native.program(object, name))
      if (link) {
        links.push(link)
        names.push(name)
      } else if (needed.includes(name)) fail(`bpf_program__attach ${name}`)
    }
    return { object, links, names }
  } catch (error) {
    for (const link of links) native.detach(link)
    native.close(object)
    throw error
  }
}
