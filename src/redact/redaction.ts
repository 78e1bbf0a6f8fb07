import { realpathSync } from 'node:fs'
import { homedir, hostname, tmpdir, userInfo } from 'node:os'
import type { RowRedaction } from '../recording/writer.js'
import type { KnownText } from './known-texts.js'
import { redactPattern } from './patterns.js'
import { Redactor } from './redactor.js'
import { redactHeader, redactRow } from './rows.js'
import { type Surroundings, secretsIn, textsOf } from './surroundings.js'

/** What is replaced beside what always is: patterns of the user's (of a match with a group the group); `false` replaces nothing. */
export type RedactOption = readonly (string | RegExp)[] | false

export interface RedactionOptions {
  /** @default only what always is */
  redact?: RedactOption | undefined
  /** Directories of a run, by the names of their stand-ins; they lose their names in log lines too. @default no run */
  directories?: Readonly<Record<string, string>> | undefined
  /** The daemon's command: secrets among its arguments are looked for in its log. */
  command?: readonly string[] | null
  /** The daemon's whole environment: the values of secrets in it are looked for everywhere. */
  environment?: Readonly<Record<string, string | undefined>>
  /** It holds messages of the kernel, with lengths in them. @default false */
  exactLength?: boolean
}

/**
 * What replaces secrets in a recording that is written; null when nothing is to be replaced.
 *
 * @throws FT_USAGE for a pattern that is none
 */
export function redactionFor(options: RedactionOptions): RowRedaction | null {
  const { redact = [], directories, command, environment = {}, exactLength = false } = options
  if (redact === false) return null
  const redactor = new Redactor({
    texts: [
      ...directoriesOf(directories ?? {}),
      ...textsOf(surroundingsHere(environment)),
      ...secretsIn(command ?? []),
    ],
    patterns: redact.map(redactPattern),
    directoriesInLines: directories !== undefined,
    exactLength,
  })
  return redactionBy(redactor)
}

/** A redactor for rows and headers. */
export function redactionBy(redactor: Redactor): RowRedaction {
  return {
    row: (row) => redactRow(row, redactor),
    header: (header) => redactHeader(header, redactor),
    get counts() {
      return redactor.counts
    },
  }
}

/** This machine and its user. */
export function surroundingsHere(environment: Surroundings['environment'] = process.env): Surroundings {
  return { home: homedir(), temporary: tmpdir(), user: userName(), host: hostname(), environment }
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // A user without an entry in passwd.
    return ''
  }
}

/** Directories as they are given and as the system may name them. */
export function directoriesOf(directories: Readonly<Record<string, string>>): KnownText[] {
  return Object.entries(directories).flatMap(([name, path]) =>
    [...new Set([path, real(path)])]
      .filter((text) => text.startsWith('/') && text.length > 1)
      .map((text) => ({ name, text, kind: 'directory' as const })),
  )
}

function real(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
