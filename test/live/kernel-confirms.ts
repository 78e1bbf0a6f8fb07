import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fusetrace, jsonLines, lacks, lacksKernel, placeEach } from './machine.js'

const here = placeEach()

/** Makes, moves and removes files; what fails is a step of its own. */
export const WRITES = [
  'echo "::step files"; for i in 1 2 3; do echo hi > $MOUNT/f$i; done; cat $MOUNT/f1; echo "::end"',
  'echo "::step directories"; mkdir -p $MOUNT/d/e; ls -la $MOUNT; mv $MOUNT/f2 $MOUNT/d/g; echo "::end"',
  'echo "::step errors"; cat $MOUNT/nope; rmdir $MOUNT/d; rm $MOUNT/f3; echo "::end"',
  'true',
].join('\n')
const READS = 'ls -lR $MOUNT; cat $MOUNT/d/f; cat $MOUNT/nope; true'

interface Case {
  name: string
  programs: string[]
  /** Makes what it needs; returns its command. */
  daemon(): string[]
  workload?: string
  /** A create whose path must be known; null where the log has no clear names or nothing can be written. */
  creates: string | null
}

const cases: Case[] = [
  { name: 'bindfs', programs: ['bindfs'], daemon: () => ['bindfs', '-d', here.source, '{mountpoint}'], creates: '/f1' },
  {
    name: 'unionfs-fuse',
    programs: ['unionfs'],
    daemon: () => ['unionfs', '-d', `${here.source}=RW`, '{mountpoint}'],
    creates: '/f1',
  },
  {
    name: 'fuse-overlayfs',
    programs: ['fuse-overlayfs'],
    daemon() {
      for (const name of ['lower', 'upper', 'work']) mkdirSync(here.file(name))
      const layers = `lowerdir=${here.file('lower')},upperdir=${here.file('upper')},workdir=${here.file('work')}`
      return ['fuse-overlayfs', '-d', '-f', '-o', layers, '{mountpoint}']
    },
    creates: '/f1',
  },
  {
    name: 'gocryptfs',
    programs: ['gocryptfs'],
    daemon() {
      const [cipher, password] = [here.file('cipher'), here.file('password')]
      mkdirSync(cipher)
      writeFileSync(password, 'secret')
      execFileSync('gocryptfs', ['-q', '-init', '-scryptn', '10', '-passfile', password, cipher])
      return ['gocryptfs', '-fg', '-fusedebug', '-passfile', password, cipher, '{mountpoint}']
    },
    creates: '/f1',
  },
  {
    name: 'rclone',
    programs: ['rclone'],
    daemon: () => [
      'rclone',
      'mount',
      '-vv',
      '--debug-fuse',
      '--vfs-cache-mode',
      'off',
      `:local:${here.source}`,
      '{mountpoint}',
    ],
    creates: '/f1',
  },
  {
    name: 'squashfuse',
    programs: ['squashfuse', 'mksquashfs'],
    daemon() {
      mkdirSync(join(here.source, 'd'))
      writeFileSync(join(here.source, 'd', 'f'), 'x')
      execFileSync('mksquashfs', [here.source, here.file('image'), '-quiet', '-no-progress'])
      return ['squashfuse', '-d', '-f', here.file('image'), '{mountpoint}']
    },
    workload: READS,
    creates: null,
  },
]

/** The same workload on file systems, by name: what their logs show is held against the kernel's events. */
export function kernelConfirms(isWanted: (name: string) => boolean): void {
  const noKernel = lacksKernel()
  for (const one of cases) if (isWanted(one.name)) confirms(one, noKernel)
}

function confirms({ name, programs, daemon, workload = WRITES, creates }: Case, noKernel: string): void {
  const lacking = lacks(...programs) || noKernel
  test.skipIf(lacking)(
    `${name}: the kernel confirms what its log shows (${lacking || 'with tracepoints'})`,
    async () => {
      const file = here.file('run.fusetrace')
      const run = await fusetrace('record', '-o', file, '--kernel', '--workload', workload, '--', ...daemon())
      expect(run.stderr).toMatch(/events of the kernel/)
      expect(run.exitCode).toBe(0)
      const verified = await fusetrace('verify', file, '--json')
      const result = JSON.parse(verified.stdout)
      expect(result).toMatchObject({ kernelLost: 0 })
      expect(verified.exitCode).toBe(0)
      const shown = jsonLines((await fusetrace('show', file, '--operations', '--json')).stdout)
      expect(shown.length).toBeGreaterThan(10)
      if (creates !== null) {
        expect(shown).toContainEqual(expect.objectContaining({ opcode: 'create', path: creates, status: 'ok' }))
      }
      expect(leftInstances()).toEqual([])
    },
  )
}

/** Instances that were made here; those of others may be of a recorder that a test killed. */
function leftInstances(): string[] {
  return readdirSync('/sys/kernel/tracing/instances').filter((name) => name.startsWith(`fusetrace-${process.pid}-`))
}
