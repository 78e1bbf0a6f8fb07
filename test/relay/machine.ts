import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lacks } from '../live/machine.js'

/** Why nobody can stand between kernel and daemon here; an empty string when it can be done. */
export function lacksRelay(...programs: string[]): string {
  if (process.getuid?.() !== 0) return 'not root'
  try {
    import.meta.resolve('koffi')
  } catch {
    return 'no koffi'
  }
  return lacks(...programs)
}

const EXAMPLES = '/usr/share/doc/libfuse3-dev/examples'

/** A program of libfuse's examples, built into a directory of its own; null where it cannot be. */
export function libfuseExample(name: string): { program: string; remove(): void } | null {
  if (!existsSync(join(EXAMPLES, `${name}.c`))) return null
  const dir = mkdtempSync(join(tmpdir(), 'fusetrace-example-'))
  const program = join(dir, name)
  const build = `gcc -O1 -o ${program} ${EXAMPLES}/${name}.c $(pkg-config fuse3 --cflags --libs)`
  const remove = (): void => rmSync(dir, { recursive: true, force: true })
  if (spawnSync('sh', ['-c', build]).status === 0) return { program, remove }
  remove()
  return null
}
