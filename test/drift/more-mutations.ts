import { drop, type Grammar, type Mutation, numbers, replace, text } from './mutations.js'

const gone = [
  'line-gone',
  'operation-gone',
  'understood-less',
  'level-gone',
  'reply-gone',
  'end-inferred',
  'errno-lost',
  'path-lost',
  'id-lost',
  'status-lost',
  ...text,
]
const changed = [...gone, 'operation-renamed', 'name-lost', 'pid-lost', 'field-moved', 'event-split', 'line-new']
export const whole = [
  ...changed,
  'encoding-changed',
  'prefix-changed',
  'dialect-changed',
  'timestamp-changed',
  'whitespace-changed',
]

const inRequests =
  (change: (raw: string) => string) =>
  (g: Grammar) =>
  (raw: string): string =>
    g.request.test(raw) ? change(raw) : raw
const both = (g: Grammar, raw: string): boolean => g.request.test(raw) || g.reply?.test(raw) === true

/** Beside the 39 that each dialect has long been held to. */
export const moreMutations: readonly Mutation[] = [
  // Lines that are not logged any more.
  {
    name: 'requests of CREATE no longer logged',
    codes: gone,
    of: (g) => (raw) => (g.request.test(raw) && g.opcode[0].test(raw) ? null : raw),
  },
  { name: 'no request logged any more', codes: gone, of: (g) => drop(g.request) },
  { name: 'nothing logged any more', codes: gone, of: () => () => null },
  { name: 'one line of prose instead of the log', codes: gone, of: () => null, whole: () => ['the daemon started'] },
  {
    name: 'replies and requests no longer logged',
    codes: gone,
    of: (g) => (g.reply ? (raw) => (both(g, raw) ? null : raw) : null),
  },
  {
    name: 'successes no longer logged',
    codes: gone,
    of: (g) => (g.reply && g.failure ? (raw) => (g.reply?.test(raw) && !g.failure?.test(raw) ? null : raw) : null),
  },
  { name: 'only requests logged', codes: gone, of: (g) => (raw) => (g.request.test(raw) ? raw : null) },
  { name: 'lines cut after 40 bytes', codes: whole, of: () => (raw) => raw.slice(0, 40) },
  { name: 'lines cut after 60 bytes', codes: whole, of: () => (raw) => raw.slice(0, 60) },
  // Order.
  {
    name: 'each request behind the line after it',
    codes: whole,
    of: () => null,
    whole: (g, lines) => swapRequests(g, lines),
  },
  { name: 'reply before its request', codes: whole, of: () => null, whole: (g, lines) => repliesFirst(g, lines) },
  // What is said of an operation.
  {
    name: 'the names of a rename change places',
    loses: ['paths'],
    codes: ['field-moved', 'path-lost'],
    of: (g) => replace(null, g.rename),
  },
  {
    name: 'request ids left out',
    codes: changed,
    of: (g) => g.id && ((raw) => (g.request.test(raw) ? raw.replace(g.id as RegExp, '') : raw)),
  },
  {
    name: 'request ids in capitals',
    codes: changed,
    of: (g) => g.id && ((raw) => (both(g, raw) ? raw.replace(g.id as RegExp, (id) => id.toUpperCase()) : raw)),
  },
  {
    name: 'pids left out',
    codes: changed,
    of: (g) => g.pid && ((raw) => (g.request.test(raw) ? raw.replace(g.pid as RegExp, '') : raw)),
  },
  { name: 'names left out', codes: changed, of: (g) => g.name && ((raw) => raw.replace(g.name as RegExp, '')) },
  {
    name: 'names in base64',
    codes: changed,
    of: (g) =>
      g.name && ((raw) => raw.replace(g.name as RegExp, (name) => Buffer.from(name, 'latin1').toString('base64'))),
  },
  {
    name: 'opcode numbers changed',
    codes: changed,
    of: (g) => (raw) =>
      g.request.test(raw) ? raw.replace(/(opcode: \w+ \()(\d+)/, '$1$29').replace(/(opcode_id=)(\d+)/, '$1$29') : raw,
  },
  {
    name: 'opcodes in lower case',
    codes: changed,
    of: inRequests((raw) => raw.replace(/\b[A-Z]{3,}\b/g, (word) => word.toLowerCase())),
  },
  {
    name: 'opcodes in capitals',
    codes: changed,
    of: (g) => (raw) => (both(g, raw) ? raw.replace(/\b[A-Z][a-z]{3,}\b/g, (word) => word.toUpperCase()) : raw),
  },
  {
    name: 'opcodes in brackets',
    codes: changed,
    of: (g) => (raw) => (g.request.test(raw) ? raw.replace(/\b[A-Z]{4,}\b/, '<$&>') : raw),
  },
  {
    name: 'opcodes with FUSE_ before them',
    codes: changed,
    of: (g) => (raw) => (g.request.test(raw) ? raw.replace(/(?<=[: =)])([A-Z]{4,})\b(?!\()/, 'FUSE_$1') : raw),
  },
  {
    name: 'errors without their number',
    codes: changed,
    of: (g) => g.failure && ((raw) => (g.failure?.test(raw) ? raw.replace(/-?\d+( \(|=)/, '$1') : raw)),
  },
  {
    name: 'error numbers without their sign',
    codes: changed,
    of: (g) => g.failure && ((raw) => (g.failure?.test(raw) ? raw.replace(/error(: |=)-/, 'error$1') : raw)),
  },
  {
    name: 'error texts left out',
    codes: changed,
    of: (g) =>
      g.failure &&
      ((raw) => (g.failure?.test(raw) ? raw.replace(/ \([A-Z][^)]*\)|"[a-z ]+"$|error_str="[^"]*"/, '') : raw)),
  },
  {
    name: 'failures said to be successes',
    codes: changed,
    of: (g) =>
      g.error &&
      ((raw) => (g.failure?.test(raw) ? raw.replace((g.error as readonly [RegExp, string])[0], 'done ') : raw)),
  },
  // Writing.
  {
    name: 'keys in capitals',
    codes: changed,
    of: inRequests((raw) => raw.replace(/\b[a-z]+(?=[:=] ?[\w"])/g, (key) => key.toUpperCase())),
  },
  {
    name: 'keys begin with a capital',
    codes: changed,
    of: inRequests((raw) => raw.replace(/\b[a-z]+(?=[:=] ?[\w"])/g, (key) => key[0]?.toUpperCase() + key.slice(1))),
  },
  { name: 'keys in quotes', codes: changed, of: inRequests((raw) => raw.replace(/\b[a-z]+(?=[:=] ?[\w"])/g, '"$&"')) },
  { name: 'equals signs become colons', codes: changed, of: inRequests((raw) => raw.replaceAll('=', ': ')) },
  { name: 'commas left out', codes: changed, of: inRequests((raw) => raw.replaceAll(', ', ' ')) },
  { name: 'bars instead of commas', codes: changed, of: inRequests((raw) => raw.replaceAll(', ', ' | ')) },
  { name: 'arrows instead of colons', codes: changed, of: inRequests((raw) => raw.replace(': ', ' -> ')) },
  {
    name: 'square brackets become round',
    codes: changed,
    of: (g) => (raw) => (both(g, raw) ? raw.replaceAll('[', '(').replaceAll(']', ')') : raw),
  },
  {
    name: 'round brackets become square',
    codes: changed,
    of: (g) => (raw) => (both(g, raw) ? raw.replaceAll('(', '[').replaceAll(')', ']') : raw),
  },
  { name: 'two blanks instead of one', codes: whole, of: inRequests((raw) => raw.replaceAll(' ', '  ')) },
  { name: 'tabs instead of blanks', codes: whole, of: inRequests((raw) => raw.replaceAll(' ', '\t')) },
  { name: 'a full stop at the end', codes: whole, of: inRequests((raw) => `${raw}.`) },
  { name: 'a semicolon at the end', codes: whole, of: inRequests((raw) => `${raw};`) },
  { name: 'lines in quotes', codes: whole, of: () => (raw) => `"${raw}"` },
  { name: 'a number in octal', codes: changed, of: (g) => numbers(g, (n) => `0o${BigInt(n).toString(8)}`) },
  {
    name: 'a number with separators',
    codes: changed,
    of: (g) => numbers(g, (n) => n.replace(/\B(?=(\d{3})+$)/g, '_')),
  },
  { name: 'a number with a sign', codes: changed, of: (g) => numbers(g, (n) => `+${n}`) },
  { name: 'a number with a fraction', codes: changed, of: (g) => numbers(g, (n) => `${n}.0`) },
  { name: 'a field new in the middle', codes: changed, of: inRequests((raw) => raw.replace(' ', ' v=2 ')) },
  { name: 'a field new at the begin', codes: whole, of: inRequests((raw) => `cpu=3 ${raw}`) },
  {
    name: 'a sequence number before each line',
    codes: whole,
    of: () => null,
    whole: (_, lines) => lines.map((line, i) => `${i} ${line}`),
  },
  { name: 'a thread name before each line', codes: whole, of: () => (raw) => `[worker-1] ${raw}` },
  // Wrapping.
  { name: 'syslog', codes: whole, of: () => (raw) => `Nov 22 20:00:41 host daemon[4711]: ${raw}` },
  { name: 'an ISO time before each line', codes: whole, of: () => (raw) => `2026-11-22T20:00:41.123456Z ${raw}` },
  { name: 'docker compose', codes: whole, of: () => (raw) => `mount-1  | ${raw}` },
  { name: 'logfmt', codes: whole, of: () => (raw) => `level=debug msg=${JSON.stringify(raw)}` },
  { name: 'a tag behind each line', codes: whole, of: () => (raw) => `${raw} #fuse` },
  // Lines beside.
  { name: 'blank lines between', codes: ['line-new', 'whitespace-changed'], of: () => (raw) => [raw, ''] },
  {
    name: 'a heartbeat among the lines',
    codes: ['line-new'],
    of: () => null,
    whole: (_, lines) => lines.flatMap((line, i) => (i % 50 === 49 ? [line, 'heartbeat ok'] : [line])),
  },
  {
    name: 'three lines of prose to each request',
    codes: ['line-new'],
    of: (g) => (raw) =>
      g.request.test(raw) ? ['queue depth is 3', 'cache hit ratio is 40%', raw, 'dispatching to a worker'] : raw,
  },
  {
    name: 'a banner of 20 lines',
    codes: ['line-new'],
    of: () => null,
    whole: (_, lines) => [...Array.from({ length: 20 }, (_, i) => `# banner line ${i}`), ...lines],
  },
]

function swapRequests(g: Grammar, lines: readonly string[]): string[] {
  const out = [...lines]
  for (let i = 0; i + 1 < out.length; i++) {
    if (!g.request.test(out[i] ?? '')) continue
    ;[out[i], out[i + 1]] = [out[i + 1] ?? '', out[i] ?? '']
    i++
  }
  return out
}

/** Each reply is moved before the request that it is nearest to. */
function repliesFirst(g: Grammar, lines: readonly string[]): string[] {
  if (g.reply === null) return [...lines]
  const out: string[] = []
  let request = -1
  for (const line of lines) {
    if (g.reply.test(line) && request >= 0) {
      out.splice(request, 0, line)
      request = -1
      continue
    }
    if (g.request.test(line)) request = out.length
    out.push(line)
  }
  return out
}
