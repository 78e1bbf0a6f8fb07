import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { execa } from 'execa'
import { HELPERS } from './helper.js'

/** How a mount namespace of the daemon's own can be had: as root, or by a user namespace. */
export type NamespaceWay = 'namespace' | 'user-namespace'

/**
 * Puts the stand-in over every helper that is installed. Libraries open /dev/fuse before they find that they may not mount: where it
 * cannot be opened, something that can lies over it, and where there is none, a /dev that has one is made.
 */
const ARRANGE = `
set -e
helper=$1
shift
while [ "$1" != -- ]; do mount --bind "$helper" "$1"; shift; done
shift
if [ ! -e /dev/fuse ]; then
  new=\${helper%/*}/dev
  mkdir "$new"
  mount -t tmpfs -o mode=755 none "$new"
  for node in /dev/*; do
    if [ -L "$node" ]; then cp -P "$node" "$new/"
    elif [ -d "$node" ]; then mkdir "$new/\${node##*/}"; mount --rbind "$node" "$new/\${node##*/}"
    else : > "$new/\${node##*/}"; mount --bind "$node" "$new/\${node##*/}"; fi
  done
  : > "$new/fuse"
  mount --rbind "$new" /dev
fi
(: <> /dev/fuse) 2> /dev/null || mount --bind /dev/null /dev/fuse
`

/**
 * Without CAP_SYS_ADMIN in its mount namespace a daemon's own mount(2) fails with EPERM, and it asks its helper. In a user
 * namespace that is reached by one more namespace within, in which the user is who they were.
 */
const LEAVE: Readonly<Record<NamespaceWay, (uid: number, gid: number) => string>> = {
  namespace: () => 'exec setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin -- "$@"',
  'user-namespace': (uid, gid) => `exec unshare --user --map-user=${uid} --map-group=${gid} -- "$@"`,
}

const ENTER: Readonly<Record<NamespaceWay, readonly string[]>> = {
  namespace: ['unshare', '--mount', '--propagation', 'private', '--'],
  'user-namespace': ['unshare', '--user', '--map-root-user', '--mount', '--propagation', 'private', '--'],
}

/** The command that runs a daemon in a mount namespace of its own, where the helpers are stand-ins; the process stays one. */
export function inNamespace(
  way: NamespaceWay,
  options: { helper: string; path: string; uid: number; gid: number; command: readonly string[] },
): string[] {
  const { helper, path, uid, gid, command } = options
  const script = `${ARRANGE}${LEAVE[way](uid, gid)}`
  return [...ENTER[way], 'sh', '-c', script, 'fusetrace', helper, ...installedHelpers(path), '--', ...command]
}

/** The helpers of this machine: where libraries look for them, and along `PATH`. */
function installedHelpers(path: string): string[] {
  const directories = ['/bin', '/usr/bin', '/usr/local/bin', ...path.split(delimiter)]
  const found = directories.flatMap((directory) => HELPERS.map((name) => join(directory, name))).filter(existsSync)
  return [...new Set(found.map((file) => realpathSync(file)))]
}

const CAP_SYS_ADMIN = 21n

/** Null where such a namespace can be made, else why not. */
export async function whyNoNamespace(way: NamespaceWay): Promise<string | null> {
  if (way === 'namespace') {
    if (!mayMount()) return 'a mount namespace needs root (CAP_SYS_ADMIN)'
    return null
  }
  const [file, ...args] = ENTER[way]
  const trial = await execa(file as string, [...args, 'true'], { reject: false, stdin: 'ignore' })
  if (trial.exitCode === 0) return null
  const words = trial.stderr.trim().split('\n')[0] || trial.shortMessage?.split('\n')[0] || 'it failed'
  return `no user namespace can be made here (${words})`
}

/** Whether this process may mount. */
function mayMount(): boolean {
  try {
    const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]
    return effective !== undefined && ((BigInt(`0x${effective}`) >> CAP_SYS_ADMIN) & 1n) === 1n
  } catch {
    return false
  }
}
