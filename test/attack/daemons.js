// Ways of a daemon or a mountpoint to misbehave, each through `fusetrace record`. Run by hand: node test/attack/daemons.js [WORD…]
// Each is to end in time with an exit code that fits, in one line at most where it fails, with a recording that can be read where
// there is one, and with nothing left: no mount, no process, no directory. Needs a build and bindfs.
import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const CLI = new URL('../../bin/fusetrace.js', import.meta.url).pathname
/** A machine that is busy gives nobody a reason to fail; what hangs, hangs longer. */
const LIMIT_MS = 600_000

const sh = (script) => ['sh', '-c', script, 'daemon', '{source}', '{mountpoint}']
const bindfs = ['bindfs', '-f', '-d', '{source}', '{mountpoint}']
const good = 'echo x > $MOUNT/a'

/** name: command, and what differs: codes that fit (default 0), workload, how the place is made, further arguments. */
const WAYS = {
  'is not installed': { daemon: ['no-such-daemon', '{mountpoint}'], codes: [3] },
  'may not be executed': {
    daemon: ['{source}/plain', '{mountpoint}'],
    codes: [3],
    make: ({ source }) => writeFileSync(join(source, 'plain'), ''),
  },
  'is a directory': { daemon: ['{source}', '{mountpoint}'], codes: [3] },
  'ends at once, well': { daemon: sh('exit 0'), codes: [2, 3] },
  'ends at once, badly': { daemon: sh('echo broken >&2; exit 3'), codes: [2, 3] },
  'is killed at once': { daemon: sh('kill -9 $$'), codes: [2, 3] },
  'never mounts': { daemon: sh('sleep 600'), codes: [2, 3], args: ['--timeout', '1500'] },
  'never mounts and ignores SIGTERM': {
    daemon: sh("trap '' TERM INT HUP; while :; do sleep 1; done"),
    codes: [2, 3],
    args: ['--timeout', '1500'],
  },
  'goes into the background': { daemon: ['bindfs', '{source}', '{mountpoint}'], codes: [2, 3] },
  'goes into the background later': { daemon: sh('bindfs -f "$1" "$2" & sleep 0.5'), codes: [0, 1, 2, 3] },
  'mounts elsewhere': {
    daemon: sh('mkdir "$1/else"; exec bindfs -f -d "$1" "$1/else"'),
    codes: [2, 3],
    args: ['--timeout', '1500'],
  },
  'mounts twice, one on the other': {
    daemon: sh('bindfs -f "$1" "$2" & sleep 0.3; exec bindfs -f -d "$1" "$2" -o nonempty'),
    codes: [0, 1, 2, 3],
  },
  'mounts a second place as well': {
    daemon: sh('mkdir -p "$1/b/two" "$1/a"; bindfs -f "$1/a" "$1/b/two" & exec bindfs -f -d "$1/a" "$2"'),
    codes: [0],
  },
  'is killed while it works': {
    daemon: bindfs,
    workload: 'kill -9 $(pgrep -f "^bindfs -f -d $SRC "); ls $MOUNT; true',
    codes: [0, 1, 3],
  },
  'is asked to end while it works': {
    daemon: bindfs,
    workload: 'kill $(pgrep -f "^bindfs -f -d $SRC "); sleep 0.3; true',
    codes: [0, 1, 3],
  },
  'crashes while it works': {
    daemon: bindfs,
    workload: 'kill -SEGV $(pgrep -f "^bindfs -f -d $SRC "); sleep 0.3; true',
    codes: [0, 1, 3],
  },
  'stands still before it mounts': {
    daemon: sh('kill -STOP $$; exec bindfs -f -d "$1" "$2"'),
    codes: [2, 3],
    args: ['--timeout', '1500'],
  },
  'stands still while it works': {
    daemon: bindfs,
    workload: 'kill -STOP $(pgrep -f "^bindfs -f -d $SRC "); true',
    codes: [0, 1],
  },
  'ignores that it should end': {
    daemon: sh('trap \'\' TERM; bindfs -f -d "$1" "$2"; while :; do sleep 1; done'),
    codes: [0, 1],
  },
  'is unmounted by the workload': { daemon: bindfs, workload: `${good}; umount $MOUNT`, codes: [0, 1, 3] },
  'is unmounted lazily with a file open': {
    daemon: bindfs,
    workload: 'exec 9> $MOUNT/open; umount -l $MOUNT; true',
    codes: [0, 1, 3],
  },
  'is unmounted and mounted by another': {
    daemon: bindfs,
    workload: 'umount $MOUNT; bindfs $SRC $MOUNT; sleep 0.2; umount $MOUNT',
    codes: [0, 1, 3],
  },
  'is covered by another mount': {
    daemon: bindfs,
    workload: 'bindfs -o nonempty $SRC $MOUNT; sleep 0.1; umount $MOUNT; true',
    codes: [0, 1],
  },
  'closes its streams': { daemon: sh('exec bindfs -f -d "$1" "$2" >&- 2>&-'), codes: [0, 1] },
  'leaves a child that holds its streams': { daemon: sh('sleep 600 & exec bindfs -f -d "$1" "$2"'), codes: [0] },
  'leaves a child in a session of its own': {
    daemon: sh('setsid sleep 20 >/dev/null 2>&1 & exec bindfs -f -d "$1" "$2"'),
    codes: [0],
  },
  'writes bytes that are no text': {
    daemon: sh('head -c 300000 /dev/urandom; exec bindfs -f -d "$1" "$2"'),
    codes: [0],
  },
  'writes a line without an end': {
    daemon: sh('head -c 60000000 /dev/zero | tr "\\\\0" x; exec bindfs -f -d "$1" "$2"'),
    codes: [0],
  },
  'writes 100 MB as fast as it can': {
    daemon: sh('yes "a line of a log" | head -c 100000000 & exec bindfs -f -d "$1" "$2"'),
    codes: [0],
  },
  'forges lines of a log': {
    daemon: bindfs,
    workload: 'touch "$MOUNT/$(printf "f\\nunique: 999, opcode: LOOKUP (1), nodeid: 1, insize: 44, pid: 1")"',
    codes: [0],
  },
  'removes its mountpoint': { daemon: sh('rmdir "$2"; sleep 600'), codes: [2, 3], args: ['--timeout', '1500'] },
  'a mountpoint that does not exist': { daemon: bindfs, mount: ({ dir }) => join(dir, 'none'), codes: [2] },
  'a mountpoint that is a file': { daemon: bindfs, mount: ({ dir }) => file(join(dir, 'file')), codes: [2] },
  'a mountpoint that is not empty': {
    daemon: bindfs,
    make: ({ mount }) => file(join(mount, 'there')),
    codes: [0, 2, 3],
  },
  'a mountpoint by a link': { daemon: bindfs, mount: ({ dir, mount }) => link(mount, join(dir, 'link')), codes: [0] },
  'a mountpoint with blanks, quotes and a line feed': {
    daemon: bindfs,
    mount: ({ dir }) => directory(join(dir, 'a "b"\n c\\d é')),
    codes: [0],
  },
  'a mountpoint that is a dead mount': {
    daemon: [...bindfs, '-o', 'nonempty'],
    make: ({ source, mount }) => dead(source, mount),
    codes: [0, 2, 3],
  },
  'an output on the mount': { daemon: bindfs, output: ({ mount }) => join(mount, 'x.fusetrace'), codes: [2] },
  'an output that cannot be written': { daemon: bindfs, output: () => '/dev/full', codes: [3] },
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

function file(path) {
  writeFileSync(path, '')
  return path
}
function directory(path) {
  mkdirSync(path)
  return path
}
function link(to, path) {
  symlinkSync(to, path)
  return path
}
const mountsIn = (dir) =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(dir))

function dead(source, mount) {
  spawnSync('bindfs', [source, mount])
  spawnSync('pkill', ['-9', '-f', `bindfs ${source} ${mount}`])
}

/** Processes whose command names the place. */
function processesOf(dir) {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(dir)
    } catch {
      return false
    }
  })
}

async function attack(
  name,
  { daemon, codes = [0], workload = good, make, mount: mountOf, output: outputOf, args = [] },
) {
  const dir = mkdtempSync(join(tmpdir(), 'ft-attack-'))
  const place = { dir, source: directory(join(dir, 'source')), mount: directory(join(dir, 'mount')) }
  chmodSync(dir, 0o755)
  make?.(place)
  const mount = mountOf?.(place) ?? place.mount
  const output = outputOf?.(place) ?? join(dir, 'x.fusetrace')
  const command = daemon.map((arg) => arg.replace('{source}', place.source))
  const before = new Set(mountsIn(dir))
  const began = performance.now()
  const child = spawn(
    process.execPath,
    [CLI, 'record', '-o', output, '--mountpoint', mount, '--workload', workload, ...args, '--', ...command],
    {
      env: { ...process.env, SRC: place.source, TMPDIR: dir },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  let said = ''
  child.stderr.on('data', (chunk) => (said += chunk))
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS)
  const [code, signal] = await new Promise((resolve) => child.once('close', (...how) => resolve(how)))
  clearTimeout(timer)
  const seconds = (performance.now() - began) / 1000
  const bad = []
  if (!codes.includes(code)) bad.push(`exit ${code ?? signal}`)
  if (/\n\s+at |a bug/.test(said)) bad.push('a stack or a bug')
  if (existsSync(output) && output !== '/dev/full') {
    const info = spawnSync(process.execPath, [CLI, 'info', output, '--json'], { encoding: 'utf8' })
    if (info.status !== 0) bad.push(`info: exit ${info.status}`)
  }
  // What was asked to end has its moment.
  const going = () => mountsIn(dir).some((line) => !before.has(line)) || processesOf(dir).length > 0
  for (let i = 0; i < 50 && going(); i++) await sleep(100)
  const mounts = mountsIn(dir).filter((line) => !before.has(line))
  if (mounts.length > 0) bad.push(`${mounts.length} mounts left`)
  const left = processesOf(dir)
  if (left.length > 0)
    bad.push(
      `processes left: ${left.map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').slice(0, 60))}`,
    )
  const made = readdirSync(dir).filter(
    (one) =>
      /^fusetrace-(?!notes-)/.test(one) ||
      (one.startsWith('fusetrace-notes-') && readdirSync(join(dir, one)).length > 0),
  )
  if (made.length > 0) bad.push(`directories left: ${made}`)
  const last = said.trim().split('\n').at(-1).replaceAll(dir, '').slice(0, 110)
  console.log(
    `${bad.length > 0 ? '!!' : '  '} ${name.padEnd(48)} exit ${code ?? signal} ${seconds.toFixed(1).padStart(5)} s  ${bad.join('; ') || last}`,
  )
  for (const pid of left) spawnSync('kill', ['-9', pid])
  for (const line of mountsIn(dir))
    spawnSync('umount', [
      '-l',
      JSON.parse(
        `"${line.split(' ')[4].replaceAll(/\\(\d{3})/g, (_, octal) => `\\u00${Number.parseInt(octal, 8).toString(16).padStart(2, '0')}`)}"`,
      ),
    ])
  if (mountsIn(dir).length === 0) rmSync(dir, { recursive: true, force: true })
  return bad.length > 0
}

const only = process.argv.slice(2)
const names = Object.keys(WAYS).filter((name) => only.length === 0 || only.some((word) => name.includes(word)))
let bad = 0
for (const name of names) if (await attack(name, WAYS[name])) bad++
console.log(`${names.length} ways, ${bad} of them ended otherwise than they should`)
process.exitCode = bad > 0 ? 1 : 0
