import { FusetraceError } from '../errors.js'
import { BpfSource } from './bpf-source.js'
import type { KernelSource, KernelSourceOptions } from './kernel-source.js'
import { TracefsSource } from './tracefs-source.js'

/**
 * The kernel's events with their arguments, by BPF programs; where those cannot be had, without, from the tracepoints' text.
 *
 * @throws FT_ENVIRONMENT when neither can be had
 */
export async function openKernelSource(options: KernelSourceOptions): Promise<KernelSource> {
  try {
    return await BpfSource.open(options)
  } catch (error) {
    if (!(error instanceof FusetraceError) || error.code !== 'FT_ENVIRONMENT') throw error
    const note = `${error.message}${error.hint === undefined ? '' : ` (${error.hint})`}`
    return new TracefsSource(options, note)
  }
}
