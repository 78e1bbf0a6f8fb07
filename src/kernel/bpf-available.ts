import { closeSync, openSync, readFileSync } from 'node:fs'
import type { BpfPrograms } from './bpf-programs.js'

/** Types of the kernel, and of FUSE where that is a module. */
const BTF = ['/sys/kernel/btf/vmlinux', '/sys/kernel/btf/fuse']
const FUNCTIONS = '/sys/kernel/tracing/available_filter_functions'

/** Programs that need not be there: of each row the first that the kernel has, by the name that its types then hold. */
const OPTIONAL = [
  [
    { program: 'request_sent', name: 'btf_trace_fuse_request_sent', hangs: 'tracepoint' },
    { program: 'copy_args', name: 'fuse_copy_args', hangs: 'function' },
  ],
  [{ program: 'queue_forget', name: 'fuse_queue_forget', hangs: 'function' }],
] as const

/** What can be loaded on this kernel, as far as can be known without trying. */
export function availablePrograms(): BpfPrograms {
  // FUSE's module is loaded by whoever opens this, if it is not yet.
  attempt(() => closeSync(openSync('/dev/fuse', 'r')))
  const types = BTF.map((file) => attempt(() => readFileSync(file))).filter((bytes) => bytes !== null)
  const functions = attempt(() => openSync(FUNCTIONS, 'r'))
  if (typeof functions === 'number') closeSync(functions)
  return chooseAvailable(
    (name) => types.some((bytes) => bytes.includes(`\0${name}\0`, 0, 'latin1')),
    // Where root may not even read the list, nobody may hang on functions either.
    functions !== null || process.getuid?.() !== 0,
  )
}

/** @param has whether the kernel's types hold this name */
export function chooseAvailable(has: (name: string) => boolean, functions: boolean): BpfPrograms {
  const optional = OPTIONAL.flatMap(
    (row) => row.find(({ name, hangs }) => (hangs === 'tracepoint' || functions) && has(name))?.program ?? [],
  )
  return { needed: ['request_send', 'request_end'], optional }
}

function attempt<T>(what: () => T): T | null {
  try {
    return what()
  } catch {
    return null
  }
}
