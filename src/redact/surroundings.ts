import type { KnownText } from './known-texts.js'

/** Whose machine it is, and where on it a run is. */
export interface Surroundings {
  readonly home: string
  /** For temporary files. */
  readonly temporary: string
  readonly user: string
  readonly host: string
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Directories that every machine has: they say nothing of anybody, and tests may have some of the same name on their mount. */
const COMMON_DIRECTORIES = new Set([
  '/root',
  '/home',
  '/tmp',
  '/var/tmp',
  '/usr/tmp',
  '/dev/shm',
  '/nonexistent',
  '/run',
  '/var',
])
/** Names that are words, or that many machines have. */
const COMMON_WORDS = new Set(
  'root user users admin administrator test tests tester build builder ci runner node vscode ubuntu debian fedora alpine docker nobody guest home localhost host server vm container default dev linux'.split(
    ' ',
  ),
)

/** Variables whose values are secrets. */
const SECRET_VARIABLE =
  /(?:token|secret|passw(?:or)?d|passphrase|credential|api_?key|access_?key|private_?key|auth_?key|_pat)(?:$|_|s$)/i

/** What is known to identify this machine and its user. */
export function textsOf({ home, temporary, user, host, environment }: Surroundings): KnownText[] {
  const texts: KnownText[] = []
  for (const [name, path] of [
    ['home', home],
    ['tmp', temporary],
  ] as const) {
    const text = path.replace(/(?<=.)\/+$/, '')
    if (!text.startsWith('/') || text === '/') continue
    texts.push({ name, text, kind: 'directory', ...(COMMON_DIRECTORIES.has(text) && { weak: true }) })
  }
  for (const [name, word] of [
    ['user', user],
    ['host', host],
  ] as const) {
    if (word.length > 2 && !COMMON_WORDS.has(word.toLowerCase()))
      texts.push({ name, text: word, kind: 'word', weak: true })
  }
  for (const [name, value] of Object.entries(environment)) {
    if (!SECRET_VARIABLE.test(name) || value === undefined || !worthHiding(value)) continue
    texts.push({ name: /^[A-Za-z]\w{0,60}$/.test(name) ? name : 'secret', text: value, kind: 'secret' })
  }
  return texts
}

/** Options of a command whose next argument is a secret. */
const SECRET_OPTION = /^--?(?:[\w-]*[-_])?(?:passw(?:or)?d|passphrase|token|secret|api-?key|access-?key|secret-?key)$/i

/** Secrets that a command is given as arguments of their own: a daemon may log them without saying what they are. */
export function secretsIn(command: readonly string[]): KnownText[] {
  return command.flatMap((arg, i) => {
    const value = command[i + 1]
    if (!SECRET_OPTION.test(arg) || value === undefined || value.startsWith('-') || value.length < 4) return []
    return [{ name: 'secret', text: value, kind: 'secret' as const, ...(!worthHiding(value) && { weak: true }) }]
  })
}

/** Long, and no word of a language: what is replaced wherever it stands must not stand there by chance. */
function worthHiding(value: string): boolean {
  if (value.length < 8 || value.length > 4096 || value.startsWith('/')) return false
  return value.length >= 20 || /\d/.test(value) || /[a-z][A-Z]|[^\w-]/.test(value)
}
