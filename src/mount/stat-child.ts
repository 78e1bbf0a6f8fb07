/** What is asked of the file system; `path` is latin1 raw bytes. */
export interface StatRequest {
  readonly stat: 'lstat' | 'stat' | 'statfs'
  readonly path: string
}

/** `errno` is null when the look succeeded. `dev` and `ino` are decimal strings. */
export interface StatAnswer {
  readonly errno: string | null
  readonly type: 'file' | 'directory' | 'symlink' | 'other' | null
  readonly dev: string | null
  readonly ino: string | null
  readonly size: number | null
}

/**
 * The whole program of the process that looks at mounts; its source text is given to `node -e`, so it may use nothing
 * from outside of itself. It reads one question a line and may stay for ever in the system call that answers it.
 */
export function probeChild(): void {
  const fs = process.getBuiltinModule('node:fs')
  const stat = (question: StatRequest): StatAnswer => {
    try {
      const path = Buffer.from(question.path, 'latin1')
      if (question.stat === 'statfs') {
        fs.statfsSync(path)
        return { errno: null, type: null, dev: null, ino: null, size: null }
      }
      const s = question.stat === 'stat' ? fs.statSync(path, { bigint: true }) : fs.lstatSync(path, { bigint: true })
      const type = s.isFile() ? 'file' : s.isDirectory() ? 'directory' : s.isSymbolicLink() ? 'symlink' : 'other'
      return {
        errno: null,
        type,
        dev: String(s.dev),
        ino: String(s.ino),
        size: Number(s.size),
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      return {
        errno: code ?? 'EIO',
        type: null,
        dev: null,
        ino: null,
        size: null,
      }
    }
  }
  let rest = ''
  process.stdin.setEncoding('latin1')
  process.stdin.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) process.stdout.write(`${JSON.stringify(stat(JSON.parse(line)))}\n`)
  })
}
