import { spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { FusetraceError } from '../errors.js'

/** What a repository says of a file below a directory, against its HEAD. */
export interface GitChange {
  /** From the repository's root. */
  readonly path: string
  readonly status: 'changed' | 'new' | 'deleted'
  /** All of it is staged: it has been accepted. */
  readonly staged: boolean
}

/** Longer than any honest answer takes. */
const TIMEOUT_MS = 60_000
const MAX_LISTING_BYTES = 64 * 1024 * 1024
/** Nothing that a repository's configuration names is run. */
const SAFE = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-c', 'core.quotePath=false']

/** Asks and changes a git repository. Paths are given as they are, never through a shell or as patterns. */
export class GitRepository {
  readonly root: string

  private constructor(root: string) {
    this.root = root
  }

  /** The repository that a directory is in; null when it is in none, or there is no git. */
  static around(directory: string): GitRepository | null {
    const found = spawnSync('git', [...SAFE, '-C', directory, 'rev-parse', '--show-toplevel'], options())
    if (found.status !== 0) return null
    const root = found.stdout.toString('utf8').replace(/\n$/, '')
    const head = spawnSync('git', [...SAFE, '-C', directory, 'rev-parse', '--verify', '-q', 'HEAD'], options())
    return head.status === 0 && root.startsWith('/') ? new GitRepository(root) : null
  }

  /** What differs from HEAD in a directory. */
  changes(directory: string): GitChange[] {
    const listing = this.#run([
      'status',
      '--porcelain=v1',
      '-z',
      '--no-renames',
      '--untracked-files=all',
      '--',
      directory,
    ])
    return listing
      .split('\0')
      .filter((entry) => entry.length > 3)
      .map((entry) => {
        const [index, tree, path] = [entry[0], entry[1], entry.slice(3)]
        const status = index === '?' || index === 'A' ? 'new' : index === 'D' || tree === 'D' ? 'deleted' : 'changed'
        return { path, status, staged: tree === ' ' }
      })
  }

  /**
   * Writes what a file holds in HEAD to another file, byte for byte.
   *
   * @throws FT_INPUT when HEAD has no such file
   */
  save(path: string, to: string): void {
    const file = openSync(to, 'wx', 0o600)
    try {
      // Not `git show`: that would send it through a filter for reading.
      const done = spawnSync('git', [...SAFE, 'cat-file', 'blob', `HEAD:${path}`], {
        ...options(this.root),
        stdio: ['ignore', file, 'pipe'],
      })
      if (done.status !== 0) throw failed(done.stderr)
    } finally {
      closeSync(file)
    }
  }

  /** Stages a file as it is now, or that it is gone. */
  stage(path: string): void {
    this.#run(['add', '--all', '--', path])
  }

  #run(args: readonly string[]): string {
    const done = spawnSync('git', [...SAFE, '--literal-pathspecs', ...args], options(this.root))
    if (done.status !== 0) throw failed(done.stderr, done.error)
    return done.stdout.toString('utf8')
  }
}

const options = (cwd?: string) => ({
  ...(cwd !== undefined && { cwd }),
  timeout: TIMEOUT_MS,
  maxBuffer: MAX_LISTING_BYTES,
})

function failed(stderr: Buffer | null, error?: Error): FusetraceError {
  const [said = ''] = (stderr?.toString('utf8') ?? '').trim().split('\n')
  return new FusetraceError('FT_INPUT', `git: ${said || (error?.message ?? 'it failed')}`, { hint: 'try git status' })
}
