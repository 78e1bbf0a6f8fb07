import { existsSync, mkdirSync } from 'node:fs'
import * as fs from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import type { Command } from 'commander'
import { EXIT, FusetraceError } from '../errors.js'
import { startLive } from '../live/session.js'
import { makeNotedDirectory } from '../mount/noted-directory.js'
import { toJson } from '../operation/json.js'
import type { Operation } from '../operation/operation.js'
import { openRecording } from '../recording/reader.js'
import { openReplay } from '../replay/open-replay.js'
import { duration, painter } from '../report/format.js'
import { timeline } from '../report/timeline.js'
import { packageFile } from '../version.js'
import type { WaitResult } from '../wait/engine/machine.js'
import type { Session } from '../wait/engine/session.js'
import { timelineLine } from './show-parts.js'

/** File systems that the demo can mount, the first that is installed. */
const DAEMONS: readonly { readonly program: string; command(source: string): string[] }[] = [
  { program: 'bindfs', command: (source) => ['bindfs', '-f', '-d', source, '{mountpoint}'] },
  { program: 'unionfs', command: (source) => ['unionfs', '-f', '-d', `${source}=RW`, '{mountpoint}'] },
]

/** What a start fails with where nothing can be mounted, as in a container that has /dev/fuse and may not use it. */
const CANNOT_MOUNT: ReadonlySet<string> = new Set(['FT_DAEMON', 'FT_ENVIRONMENT'])

interface DemoStep {
  readonly name: string
  act(mount: string): Promise<unknown>
  wait(session: Session): Promise<WaitResult>
  readonly says: string
}

const STEPS: readonly DemoStep[] = [
  {
    name: 'create a file',
    act: (mount) => fs.writeFile(join(mount, 'hello.txt'), 'hello, world\n'),
    wait: ({ waitFor }) => waitFor.fileVisible('hello.txt'),
    says: "waitFor.fileVisible('hello.txt')",
  },
  {
    name: 'make a directory',
    act: (mount) => fs.mkdir(join(mount, 'folder')),
    wait: ({ waitFor }) => waitFor.dirVisible('folder'),
    says: "waitFor.dirVisible('folder')",
  },
  {
    name: 'rename the file',
    act: (mount) => fs.rename(join(mount, 'hello.txt'), join(mount, 'folder/moved.txt')),
    wait: ({ waitFor }) => waitFor.renamed('hello.txt', 'folder/moved.txt'),
    says: "waitFor.renamed('hello.txt', 'folder/moved.txt')",
  },
  {
    name: 'read what is not there',
    act: (mount) => fs.readFile(join(mount, 'missing')).catch(() => undefined),
    wait: ({ waitFor }) => waitFor.operation({ errno: 'ENOENT', path: 'missing' }),
    says: "waitFor.operation({ errno: 'ENOENT', path: 'missing' })",
  },
  {
    name: 'delete the file',
    act: (mount) => fs.unlink(join(mount, 'folder/moved.txt')),
    wait: ({ waitFor }) => waitFor.deleted('folder/moved.txt'),
    says: "waitFor.deleted('folder/moved.txt')",
  },
]

/** The recording that comes with the package, for machines without FUSE. */
const COMMITTED: string = fileURLToPath(packageFile('recordings/demo.fusetrace'))

/** `fusetrace demo`: the whole loop on this machine. */
export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description('the whole loop, on this machine, now: record a live mount, show it, replay it, wait on it, check it')
    .option('-o, --output <file>', 'keep the recording')
    .action(async (options: { output?: string }) => {
      const daemon = installed()
      const why = daemon === null ? whyNot() : ''
      const directory = makeNotedDirectory('demo')
      try {
        const recording = daemon === null ? instead(why) : await record(daemon, directory.path, options.output)
        const good = await examine(recording)
        if (!good) process.exitCode = EXIT.finding
        const kept = recording === options.output ? ` The recording is ${options.output}.` : ''
        say(good ? `\nAll of it agrees.${kept}` : '\nLive and replay differ: that is a bug in fusetrace.')
      } finally {
        directory.remove()
      }
    })
}

const say = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

function installed(): (typeof DAEMONS)[number] | null {
  if (!existsSync('/dev/fuse')) return null
  const path = (process.env.PATH ?? '').split(delimiter)
  return DAEMONS.find(({ program }) => path.some((place) => existsSync(join(place, program)))) ?? null
}

function whyNot(): string {
  if (!existsSync('/dev/fuse')) return 'There is no /dev/fuse here, so nothing can be mounted'
  return `None of ${DAEMONS.map(({ program }) => program).join(', ')} is installed (apt install bindfs)`
}

/** Says why nothing is recorded, and what is shown instead. */
function instead(why: string): string {
  say(`1. ${why}; a committed recording of a bindfs mount takes its place: recordings/demo.fusetrace`)
  return COMMITTED
}

/** Mounts, acts, waits, records; where the machine lets nobody mount, says so. */
async function record(daemon: (typeof DAEMONS)[number], directory: string, output?: string): Promise<string> {
  const source = join(directory, 'source')
  const mountpoint = join(directory, 'mount')
  mkdirSync(source)
  mkdirSync(mountpoint)
  const recording = output ?? join(directory, 'demo.fusetrace')
  say(`1. Mounting ${daemon.program} and recording what it logs`)
  const opening = await startLive({
    daemon: daemon.command(source),
    mountpoint,
    branches: [source],
    record: recording,
  }).catch((error: unknown) => error as Error)
  if (opening instanceof Error) {
    if (!(opening instanceof FusetraceError) || !CANNOT_MOUNT.has(opening.code)) throw opening
    return instead(`It cannot be mounted here (${opening.message})`)
  }
  await using session = opening
  for (const step of STEPS) {
    await session.step(step.name, () => step.act(mountpoint))
    const { waitedNs, by } = await step.wait(session)
    say(`   ${step.name.padEnd(24)} ${step.says.padEnd(58)} ${duration(waitedNs)} (by ${by})`)
  }
  await session.quiet()
  await session.close()
  return recording
}

/** Shows, replays, waits on and compares a recording. */
async function examine(recording: string): Promise<boolean> {
  const paint = painter(process.stdout)
  const reader = openRecording(recording)
  const live: Operation[] = []
  say('\n2. What was recorded')
  for (const item of timeline(reader)) {
    // Compared are all of them, our own requests too, which are not shown.
    if (item.kind === 'operation') live.push(item.operation)
    if ('own' in item && item.own) continue
    say(`   ${timelineLine(item, paint)}`)
  }
  const complete = reader.complete
  reader.close()

  say('\n3. The same waits on the recording: no mount, no daemon, a virtual clock')
  await using session = await openReplay(recording)
  for (const step of STEPS) {
    await session.step(step.name, () => undefined)
    const { operation, by } = await step.wait(session)
    say(
      `   ${step.says.padEnd(58)} ${operation ? `operation #${operation.id} ${operation.opcode}` : 'a probe'} (by ${by})`,
    )
  }
  await session.playToEnd()

  say('\n4. Live and replayed operations, one by one')
  const replayed = [...session.monitor.recentOperations()].sort((a, b) => a.id - b.id)
  let same = 0
  for (const [i, operation] of live.entries()) {
    const other = replayed[i]
    if (other && isDeepStrictEqual(toJson(operation), toJson(other))) same++
    else
      say(
        `   #${operation.id} differs: ${JSON.stringify(toJson(operation))} live, ${other ? JSON.stringify(toJson(other)) : 'nothing'} replayed`,
      )
  }
  say(`   ${same} of ${live.length} are equal, ${replayed.length} were replayed`)
  return complete && same === live.length && replayed.length === live.length && live.length > 0
}
