import type { Raw } from '../../line/line.js'
import type { OperationFacts, OperationValues } from '../core/dialect.js'

/** What a call's line says. */
export type CallFacts = OperationFacts & { values?: OperationValues }

const NUMBER =
  /\[(mode|flags|size|offset|pseudo_fd|fd|uid|gid|mtime|ctime|atime|[ac]time\/[ac]time|dev|rdev|mask|value|list|datasync|multihead|policy)=([^[\]]{0,80})\]$/
const VALUES: Readonly<Record<string, keyof OperationValues>> = {
  mode: 'mode',
  flags: 'flags',
  size: 'size',
  offset: 'offset',
  pseudo_fd: 'fh',
  fd: 'fh',
}
/** Who asked, as versions since 1.96 add it. */
const ASKED = /\[pid=(\d{1,10}),uid=\d{1,10},gid=\d{1,10}\]$/
/** What each call's line ends with, where something follows the names: a name with a newline goes on until it comes. */
const LAST: Readonly<Record<string, RegExp>> = {
  mknod: /^\[dev=/,
  create: /^\[(?:flags|mode)=/,
  mkdir: /^\[mode=/,
  chmod: /^\[mode=/,
  chown: /^\[gid=/,
  utimens: /^\[\w{1,5}(?:\/\w{5})?=/,
  truncate: /^\[size=/,
  open: /^\[flags=/,
  opendir: /^\[flags=/,
  read: /^\[(?:pseudo_)?fd=/,
  write: /^\[(?:pseudo_)?fd=/,
  setxattr: /^\[flags=/,
  getxattr: /^\[size=/,
  listxattr: /^\[size=/,
  access: /^\[mask=/,
}

/** Whether a line that goes on over several ends here. */
export function isWhole(call: string, text: Raw): boolean {
  const rest = text.replace(ASKED, '')
  const last = LAST[call]
  if (/^(?:rename|symlink|link)$/.test(call)) return rest.endsWith(']') && rest.includes('][to=')
  return last === undefined ? rest.endsWith(']') : last.test(NUMBER.exec(rest.slice(-120))?.[0] ?? '')
}

/** `[path=/a][mode=100644][flags=0x8241]`: names stand raw, what follows them does not. Null when it is something else. */
export function readArguments(call: string, text: Raw): CallFacts | null {
  const values: OperationValues = {}
  const asked = ASKED.exec(text.slice(-60))
  let rest = asked ? text.slice(0, -asked[0].length) : text
  for (let last = NUMBER.exec(rest.slice(-120)); last; last = NUMBER.exec(rest.slice(-120))) {
    const key = VALUES[last[1] ?? '']
    const value = last[1] === 'mode' ? Number.parseInt(last[2] ?? '', 8) : Number(last[2])
    if (key !== undefined && Number.isSafeInteger(value)) values[key] = value as never
    rest = rest.slice(0, -last[0].length)
  }
  const facts: CallFacts | null = namesOf(call, rest)
  if (facts === null) return null
  if (asked) facts.pid = Number(asked[1])
  if (Object.keys(values).length > 0) facts.values = values
  return facts
}

function namesOf(call: string, rest: Raw): OperationFacts | null {
  if (!rest.endsWith(']')) return null
  if (rest.startsWith('[from=')) {
    const at = rest.indexOf('][to=')
    // Where the names could be cut in two ways, they are left out.
    if (at < 0 || at !== rest.lastIndexOf('][to=')) return at < 0 ? null : {}
    const [from, to] = [rest.slice(6, at), rest.slice(at + 5, -1)]
    return call === 'symlink' ? { path: to, target: from } : { path: from, newPath: to }
  }
  // An open file that was unlinked has no name any more.
  if (rest === '[path=null]' || rest.startsWith('[unlinked path=/')) return {}
  if (!rest.startsWith('[path=/')) return null
  const at = call.endsWith('xattr') && call !== 'listxattr' ? rest.lastIndexOf('][name=') : -1
  return at < 0 ? { path: rest.slice(6, -1) } : { path: rest.slice(6, at), xattr: rest.slice(at + 7, -1) }
}
