import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeEach } from 'vitest'

const recordings = fileURLToPath(new URL('../../recordings', import.meta.url))

/** A project of a user's with recordings, anew for each test. */
export interface ReviewProject {
  readonly directory: string
  git(...args: string[]): string
  /** Puts a recording of this repository there under a name. */
  put(from: string, to: string): void
  /** Whether what stands under a name is that recording of this repository. */
  holds(name: string, from: string): boolean
  /** Commits three recordings; then one is changed, one is new, and one is gone. */
  committed(): void
}

export function reviewProjectEach(): ReviewProject {
  let directory: string
  /** What is committed, made once. */
  let made: string | null = null
  afterAll(() => {
    if (made !== null) rmSync(made, { recursive: true, force: true })
  })
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'fusetrace-review-test-'))
    mkdirSync(join(directory, 'recordings'))
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))
  const own = (name: string): string => join(directory, 'recordings', name)
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'commit.gpgsign=false', ...args], {
      cwd: directory,
      encoding: 'utf8',
    })
  const put = (from: string, to: string): void => copyFileSync(join(recordings, from), own(to))
  return {
    get directory() {
      return directory
    },
    git,
    put,
    holds: (name, from) => readFileSync(own(name)).equals(readFileSync(join(recordings, from))),
    committed() {
      if (made === null) {
        commit()
        made = mkdtempSync(join(tmpdir(), 'fusetrace-review-made-'))
        cpSync(directory, made, { recursive: true })
      } else cpSync(made, directory, { recursive: true })
      put('unionfs.fusetrace', "a 'b' é.fusetrace")
      put('demo.fusetrace', 'new.fusetrace')
      rmSync(own('gone.fusetrace'))
    },
  }

  function commit(): void {
    git('init', '-q')
    // A filter for reading must not stand between git and what is compared.
    writeFileSync(join(directory, '.gitattributes'), '*.fusetrace diff=broken\n')
    git('config', 'diff.broken.textconv', 'false')
    for (const name of ['same.fusetrace', "a 'b' é.fusetrace", 'gone.fusetrace']) put('bindfs.fusetrace', name)
    git('add', '.')
    git('commit', '-qm', 'first')
  }
}
