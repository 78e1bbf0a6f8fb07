import { homedir, tmpdir } from 'node:os'
import { isAbsolute } from 'node:path'
import { BASIC_FORMAT, WIRE_FORMAT } from './format.js'
import type { RecordingHeader } from './row.js'

/** Variables that change what a daemon logs; nothing else of the environment is kept. */
const LOG_VARIABLES = ['RUST_LOG', 'RUST_LOG_STYLE', 'NO_COLOR', 'CLICOLOR_FORCE', 'RUST_BACKTRACE']

/** What `makeHeader` makes a header of; names of this machine are replaced by stable ones. */
export interface HeaderFacts {
  fusetraceVersion: string
  nodeVersion: string
  origin: RecordingHeader['origin']
  originNs: bigint
  originWallNs?: bigint | null
  kernel?: string | null
  dialect?: string
  dialectVersion?: number
  command?: readonly string[] | null
  mountpoint?: string | null
  branches?: readonly string[]
  daemonVersion?: string | null
  /** The daemon's whole environment; only what a log depends on is kept. */
  environment?: Readonly<Record<string, string | undefined>>
  /** It will hold the messages between kernel and daemon. */
  wire?: boolean
  /** Home directory, written as `~`. @default that of this user */
  home?: string
  /** Directory for temporary files, written as `$TMP`. @default that of this machine */
  temporary?: string
}

/**
 * The header of a recording. The mountpoint, the branches, the home directory and the directory for temporary files get
 * stable names (`$MOUNT`, `$BRANCH0`, `~`, `$TMP`), so that a second recording of the same run differs only where the run did.
 */
export function makeHeader(facts: HeaderFacts): RecordingHeader {
  const { mountpoint = null, branches = [], command = null, environment = {} } = facts
  const names: [string, string][] = []
  if (mountpoint !== null) names.push([mountpoint, '$MOUNT'])
  for (const [i, branch] of branches.entries()) names.push([branch, `$BRANCH${i}`])
  names.push([facts.temporary ?? tmpdir(), '$TMP'], [facts.home ?? homedir(), '~'])
  // The longest first: a mountpoint below /tmp is a mountpoint.
  names.sort(([a], [b]) => b.length - a.length)
  const rewrite = (text: string): string => stable(text, names)
  const kept = LOG_VARIABLES.flatMap((name) => {
    const value = environment[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return {
    format: facts.wire ? WIRE_FORMAT : BASIC_FORMAT,
    fusetraceVersion: facts.fusetraceVersion,
    nodeVersion: facts.nodeVersion,
    kernel: facts.kernel ?? null,
    origin: facts.origin,
    originNs: facts.originNs,
    originWallNs: facts.originWallNs ?? null,
    dialect: facts.dialect ?? 'none',
    dialectVersion: facts.dialectVersion ?? 1,
    command: command === null ? null : command.map(rewrite),
    mountpoint: mountpoint === null ? null : rewrite(mountpoint),
    branches: branches.map(rewrite),
    daemonVersion: facts.daemonVersion ?? null,
    environment: Object.fromEntries(kept),
    ...(facts.wire && { wire: true }),
  }
}

/** Puts stable names for directories, wherever they stand in an argument; a temporary name's random part goes too. */
function stable(text: string, names: readonly (readonly [string, string])[]): string {
  let out = text
  for (const [path, name] of names) {
    if (!isAbsolute(path) || path === '/') continue
    let from = 0
    for (let at = out.indexOf(path, from); at >= 0; at = out.indexOf(path, from)) {
      const after = out[at + path.length]
      const before = out[at - 1]
      from = at + path.length
      // `/tmp` is not in `/tmpfs` nor in `/var/tmp`.
      if ((after !== undefined && /[\w.-]/.test(after)) || (before !== undefined && /[\w./-]/.test(before))) continue
      out = out.slice(0, at) + name + out.slice(from)
      from = at + name.length
    }
  }
  return out.replace(/(\$TMP\/[\w.]*?-)[A-Za-z0-9]{6}(?![A-Za-z0-9])/g, '$1XXXXXX')
}

/** A header as it is packed. */
export function encodeHeader(header: RecordingHeader): Record<string, unknown> {
  return {
    ...header,
    originNs: String(header.originNs),
    originWallNs: header.originWallNs === null ? null : String(header.originWallNs),
    command: header.command === null ? null : [...header.command],
    branches: [...header.branches],
    environment: { ...header.environment },
    ...(header.redacted && { redacted: { ...header.redacted } }),
  }
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isDecimal = (value: unknown): value is string => isText(value) && /^-?\d{1,20}$/.test(value)
const textOrNull = (value: unknown): string | null => (isText(value) ? value : null)
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter(isText) : [])

/** A packed header as it was; null when it is none. */
export function decodeHeader(value: unknown): RecordingHeader | null {
  if (typeof value !== 'object' || value === null) return null
  const v = value as Record<string, unknown>
  const origin = (['record', 'import', 'test'] as const).find((name) => name === v.origin)
  if (!isDecimal(v.originNs) || !isText(v.dialect) || origin === undefined || !Number.isSafeInteger(v.dialectVersion)) {
    return null
  }
  const environment = typeof v.environment === 'object' && v.environment !== null ? v.environment : {}
  return {
    format: Number(v.format),
    fusetraceVersion: String(v.fusetraceVersion),
    nodeVersion: String(v.nodeVersion),
    kernel: textOrNull(v.kernel),
    origin,
    originNs: BigInt(v.originNs),
    originWallNs: isDecimal(v.originWallNs) ? BigInt(v.originWallNs) : null,
    dialect: v.dialect,
    dialectVersion: v.dialectVersion as number,
    command: Array.isArray(v.command) ? texts(v.command) : null,
    mountpoint: textOrNull(v.mountpoint),
    branches: texts(v.branches),
    daemonVersion: textOrNull(v.daemonVersion),
    environment: Object.fromEntries(Object.entries(environment).filter(([, text]) => isText(text))),
    ...(v.wire === true && { wire: true }),
    ...(v.redacted !== undefined && { redacted: countsOf(v.redacted) }),
  }
}

/** Counts by name, of those that can be names of stand-ins. */
function countsOf(value: unknown): Record<string, number> {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, count]) => /^[A-Za-z]\w{0,63}$/.test(name) && Number.isSafeInteger(count) && count > 0)
      .slice(0, 1000),
  )
}
