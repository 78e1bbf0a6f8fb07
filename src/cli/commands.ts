import type { Register } from './register.js'

/** Every command, in the order of `--help`. Each is loaded when it is asked for: start-up is paid in every call. */
export const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  record: async () => (await import('./record.js')).registerRecord,
  watch: async () => (await import('./watch.js')).registerWatch,
  import: async () => (await import('./import.js')).registerImport,
  show: async () => (await import('./show.js')).registerShow,
  info: async () => (await import('./info.js')).registerInfo,
  stats: async () => (await import('./stats.js')).registerStats,
  export: async () => (await import('./export.js')).registerExport,
  replay: async () => (await import('./replay.js')).registerReplay,
  verify: async () => (await import('./verify.js')).registerVerify,
  diff: async () => (await import('./diff.js')).registerDiff,
  formats: async () => (await import('./formats.js')).registerFormats,
  run: async () => (await import('./run.js')).registerRun,
  drive: async () => (await import('./drive.js')).registerDrive,
  accept: async () => (await import('./accept.js')).registerAccept,
  check: async () => (await import('./check.js')).registerCheck,
  serve: async () => (await import('./serve.js')).registerServe,
  wait: async () => (await import('./client-commands.js')).registerClient('wait'),
  mark: async () => (await import('./client-commands.js')).registerClient('mark'),
  step: async () => (await import('./client-commands.js')).registerClient('step'),
  fence: async () => (await import('./client-commands.js')).registerClient('fence'),
  operations: async () => (await import('./client-commands.js')).registerClient('operations'),
  stop: async () => (await import('./client-commands.js')).registerClient('stop'),
  clean: async () => (await import('./clean.js')).registerClean,
  demo: async () => (await import('./demo.js')).registerDemo,
}
