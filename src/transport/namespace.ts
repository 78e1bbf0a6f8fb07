import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { HELPERS } from './helper.js'
import { findProgram } from './program.js'

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
true 2> /dev/null <> /dev/fuse || mount --bind /dev/null /dev/fuse
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

/** Numbers of system calls, which Perl has no names for. */
const CALLS: Readonly<Record<string, readonly [mount: number, unshare: number, prctl: number]>> = {
  x64: [165, 272, 157],
  arm64: [40, 97, 167],
}

/**
 * The same in one process instead of one for each step, which is most of the time that a start takes: programs of a page of Perl
 * start as fast as a shell, and Debian always has one.
 */
const IN_PERL = `
my ($way, $mount, $unshare, $prctl, $uid, $gid, $helper) = splice @ARGV, 0, 7;
delete $ENV{PERL_BADLANG};
my ($none, $root, $null, $fuse) = ('none', '/', '/dev/null', '/dev/fuse');
sub must { my ($what, $done) = @_; return if $done; print STDERR "fusetrace: $what: $!\\n"; exit 125 }
sub call { my $number = shift; return syscall($number + 0, @_) != -1 }
sub over { my ($from, $to) = @_; must("a stand-in over $to", call($mount, $from, $to, 0, 4096, 0)) }
sub put { my ($file, $text) = @_; my $to; open($to, '>', $file) && defined(syswrite($to, $text)) && close($to) }
my $user = $way eq 'user-namespace';
must('a namespace', call($unshare, $user ? 0x10020000 : 0x20000));
if ($user) {
  put('/proc/self/setgroups', 'deny');
  must('users of the namespace', put('/proc/self/uid_map', "0 $uid 1") && put('/proc/self/gid_map', "0 $gid 1"));
}
must('a private namespace', call($mount, $none, $root, 0, 0x44000, 0));
while (($_ = shift @ARGV) ne '--') { over($helper, $_) }
my $device;
if (open($device, '+<', $fuse)) { close $device } else { over($null, $fuse) }
if ($user) {
  must('a namespace within', call($unshare, 0x10000000));
  put('/proc/self/setgroups', 'deny');
  must('its users', put('/proc/self/uid_map', "$uid 0 1") && put('/proc/self/gid_map', "$gid 0 1"));
} else { must('fewer capabilities', call($prctl, 24, 21, 0, 0, 0)) }
exec { $ARGV[0] } @ARGV;
must("$ARGV[0]", 0);
`

export interface NamespaceOptions {
  /** The stand-in. */
  helper: string
  /** Where helpers and tools are looked for. */
  path: string
  uid: number
  gid: number
  environment: Readonly<Record<string, string | undefined>>
  command: readonly string[]
}

/** The command that runs a daemon in a mount namespace of its own, where the helpers are stand-ins; the process stays one. */
export function inNamespace(
  way: NamespaceWay,
  options: NamespaceOptions,
): { command: string[]; environment: NamespaceOptions['environment'] } {
  const { helper, path, uid, gid, environment, command } = options
  const rest = [helper, ...installedHelpers(path), '--', ...command]
  const perl = perlFor(way, options)
  if (perl) {
    const ids = [...perl.calls, uid, gid].map(String)
    return {
      command: [perl.program, '-e', IN_PERL, way, ...ids, ...rest],
      // A locale that is not installed would be a line in the daemon's log.
      environment: { ...environment, PERL_BADLANG: '0' },
    }
  }
  const script = `${ARRANGE}${LEAVE[way](uid, gid)}`
  return { command: [...ENTER[way], 'sh', '-c', script, 'fusetrace', ...rest], environment }
}

/** Null where the steps are to be taken by programs of their own. */
function perlFor(
  way: NamespaceWay,
  { path, environment }: NamespaceOptions,
): { program: string; calls: readonly number[] } | null {
  const calls = CALLS[process.arch]
  const program = findProgram('perl', { path, cwd: '/' })
  // What Perl loads besides may print; a /dev without the device is made by the script alone.
  if (!calls || program === null || environment.PERL5OPT !== undefined || !existsSync('/dev/fuse')) return null
  // Capabilities that are inherited outlive the bounding set.
  if (way === 'namespace' && hasCapability('CapInh')) return null
  return { program, calls }
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
    if (!hasCapability('CapEff')) return 'a mount namespace needs root (CAP_SYS_ADMIN)'
    return null
  }
  trial ??= tryUserNamespace()
  return trial
}

/** What came of the trial: it is a process, and the machine stays the same. */
let trial: Promise<string | null> | null = null

async function tryUserNamespace(): Promise<string | null> {
  const [file, ...args] = ENTER['user-namespace']
  // Loaded when something is run: whoever only replays, or reads a recording, is not to pay for it at each start.
  const { execa } = await import('execa')
  const { exitCode, stderr, shortMessage } = await execa(file as string, [...args, 'true'], {
    reject: false,
    stdin: 'ignore',
  })
  if (exitCode === 0) return null
  const words = stderr.trim().split('\n')[0] || shortMessage?.split('\n')[0] || 'it failed'
  return `no user namespace can be made here (${words})`
}

/** Whether a set of this process's capabilities has the one to mount. */
function hasCapability(set: 'CapEff' | 'CapInh'): boolean {
  try {
    const status = readFileSync('/proc/self/status', 'latin1')
    const bits = new RegExp(`^${set}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1]
    return bits !== undefined && ((BigInt(`0x${bits}`) >> CAP_SYS_ADMIN) & 1n) === 1n
  } catch {
    return false
  }
}
