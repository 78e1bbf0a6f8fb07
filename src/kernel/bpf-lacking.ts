import { getSystemErrorMap } from 'node:util'
import { FusetraceError } from '../errors.js'
import type { BpfStep } from './bpf-programs.js'

/** Why named events cannot be had, and what would help: each in a few words. */
export function explainLacking(step: BpfStep, errno: number, message: string): { what: string; hint: string } {
  const name = getSystemErrorMap().get(-errno)?.[0] ?? null
  if (step === 'koffi') {
    return { what: 'the npm package koffi is not installed', hint: 'npm install koffi' }
  }
  if (step === 'libbpf') {
    const missing = /libc\.so/.test(message) ? 'libc.so.6' : 'libbpf.so.1'
    return { what: `${missing} is not installed`, hint: 'apt-get install libbpf1' }
  }
  if (name === 'EPERM' || name === 'EACCES') {
    return { what: 'BPF programs may not be loaded', hint: 'run as root, or with CAP_BPF and CAP_PERFMON' }
  }
  if (name === 'ENOENT' || name === 'ESRCH' || name === 'EINVAL') {
    return {
      what: 'this kernel has no BTF of its FUSE tracepoints',
      hint: 'a Linux of 6.11 or newer with CONFIG_DEBUG_INFO_BTF (/sys/kernel/btf/vmlinux)',
    }
  }
  return { what: `${step}: ${message}${name === null ? '' : ` (${name})`}`, hint: 'see src/kernel/README.md' }
}

export function bpfLacking(step: BpfStep, errno: number, message: string): FusetraceError {
  const { what, hint } = explainLacking(step, errno, message)
  return new FusetraceError('FT_ENVIRONMENT', `the kernel's events cannot be had with names: ${what}`, { hint })
}
