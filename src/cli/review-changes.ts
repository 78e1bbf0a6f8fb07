import { copyFileSync, existsSync, readdirSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { FusetraceError } from '../errors.js'
import { makeNotedDirectory, type NotedDirectory } from '../mount/noted-directory.js'
import { type GitChange, GitRepository } from './git.js'

/** A recording that is not what it was. */
export interface Change {
  /** As it is reached from here. */
  readonly file: string
  readonly status: 'changed' | 'new' | 'deleted'
  /** What it is held against: what git has of it, or the one that was kept beside it. */
  readonly against: 'HEAD' | 'previous'
}

const ENDING = '.fusetrace'
const PREVIOUS = '.previous'

/** The recordings of a directory that have changed, and what can be done about each. */
export class Changes {
  readonly all: readonly Change[]
  /** Null: only what was kept beside a recording is known of it. */
  readonly #git: GitRepository | null
  readonly #paths = new Map<string, string>()
  #scratch: NotedDirectory | null = null
  #saved = 0

  /** @throws FT_USAGE when there is no such directory */
  constructor(directory: string) {
    if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
      throw new FusetraceError('FT_USAGE', `there is no directory ${directory}`, {
        hint: 'recordings are looked for in recordings, or in the directory that is given',
      })
    }
    this.#git = GitRepository.around(directory)
    const changes = new Map<string, Change>()
    for (const [path, change] of this.#changedInGit(directory)) changes.set(path, change)
    for (const name of namesIn(directory)) {
      if (!name.endsWith(ENDING + PREVIOUS)) continue
      const file = join(directory, name.slice(0, -PREVIOUS.length))
      changes.set(file, { file, status: existsSync(file) ? 'changed' : 'deleted', against: 'previous' })
    }
    this.all = [...changes.values()].sort((a, b) => (a.file < b.file ? -1 : 1))
  }

  /** Whether a repository is asked. */
  get hasGit(): boolean {
    return this.#git !== null
  }

  /** A file with what a recording held before. Null for a new one. */
  before({ file, status, against }: Change): string | null {
    if (status === 'new') return null
    if (against === 'previous') return file + PREVIOUS
    this.#scratch ??= makeNotedDirectory('review')
    const saved = join(this.#scratch.path, `${this.#saved++}${ENDING}`)
    this.#git?.save(this.#pathOf(file), saved)
    return saved
  }

  /** Takes it as it is now: stages it in git, removes what was kept beside it. */
  accept({ file, against }: Change): void {
    if (against === 'previous') rmSync(file + PREVIOUS, { force: true })
    if (this.#paths.has(file)) this.#git?.stage(this.#pathOf(file))
  }

  /** Takes back what it was. */
  keep(change: Change): void {
    const { file, status, against } = change
    if (status === 'new') return
    if (against === 'previous') {
      renameSync(file + PREVIOUS, file)
      return
    }
    const before = this.before(change) as string
    // Never a moment without a whole recording under its name.
    copyFileSync(before, `${file}.keeping`)
    renameSync(`${file}.keeping`, file)
  }

  close(): void {
    this.#scratch?.remove()
  }

  *#changedInGit(directory: string): Generator<[string, Change]> {
    const git = this.#git
    if (git === null) return
    const real = realpathSync(directory)
    for (const { path, status, staged } of git.changes(real) satisfies GitChange[]) {
      if (!path.endsWith(ENDING)) continue
      const file = join(directory, relative(real, join(git.root, path)))
      this.#paths.set(file, path)
      if (!staged) yield [file, { file, status, against: 'HEAD' }]
    }
  }

  #pathOf(file: string): string {
    return this.#paths.get(file) ?? ''
  }
}

function namesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).map((name) => name.split(sep).join('/'))
}
