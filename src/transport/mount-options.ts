/** Options of a mount that the kernel heeds, as a daemon asked for them. */
export interface MountOptions {
  /** The kernel checks permissions by mode and owner; else it asks the daemon (ACCESS) where access(2) is called. */
  readonly defaultPermissions: boolean
  readonly readOnly: boolean
  readonly allowOther: boolean
  /** Longest read, bytes; null where the kernel's own limit holds. */
  readonly maxRead: number | null
  /** All of them, as they were given. */
  readonly all: readonly string[]
}

/** Reads the `-o` options of a command line: of a daemon's, or of what it called its helper with. */
export function mountOptionsOf(args: readonly string[]): MountOptions {
  const all: string[] = []
  for (const [i, arg] of args.entries()) {
    if (arg === '--') break
    if (arg === '-o') all.push(...splitOptions(args[i + 1] ?? ''))
    else if (arg.startsWith('-o')) all.push(...splitOptions(arg.slice(2)))
  }
  const maxRead = all.findLast((option) => /^max_read=\d+$/.test(option))
  return {
    defaultPermissions: all.includes('default_permissions'),
    readOnly: all.findLast((option) => option === 'ro' || option === 'rw') === 'ro',
    allowOther: all.includes('allow_other'),
    maxRead: maxRead === undefined ? null : Number(maxRead.slice('max_read='.length)) || null,
    all,
  }
}

/** At commas, but for those behind a backslash. */
function splitOptions(text: string): string[] {
  return (text.match(/(?:[^,\\]|\\.)+/gs) ?? []).map((option) => option.replace(/\\(.)/gs, '$1'))
}
