import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Way } from '../../src/transport/prepare.js'
import { installed } from '../transport/tools.js'

/** A daemon of Debian's, and how it is driven. */
export interface DrivenDaemon {
  readonly name: string
  /** Programs that must be there. */
  readonly needs: readonly string[]
  /** The way that is chosen for it as root. */
  readonly way: Way
  /** False: nothing can be written. */
  readonly writable?: false
  /** Its command; makes what it needs in `directory`. */
  command(paths: { mountpoint: string; source: string; directory: string }): string[]
}

const SFTP = '/usr/lib/openssh/sftp-server'
const PYTHON = '/usr/bin/python3'

/** Whether Debian's Python has a module. */
function pythonHas(module: string): boolean {
  try {
    execFileSync(PYTHON, ['-c', `import ${module}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export const DAEMONS: readonly DrivenDaemon[] = [
  {
    name: 'bindfs',
    needs: ['bindfs'],
    way: 'namespace',
    command: ({ mountpoint, source }) => ['bindfs', '-f', '-d', source, mountpoint],
  },
  {
    name: 'unionfs-fuse',
    needs: ['unionfs'],
    way: 'namespace',
    command: ({ mountpoint, source }) => ['unionfs', '-f', '-d', `${source}=RW`, mountpoint],
  },
  {
    name: 'mergerfs',
    needs: ['mergerfs'],
    way: 'namespace',
    command: ({ mountpoint, source }) => ['mergerfs', '-f', '-o', 'minfreespace=0', source, mountpoint],
  },
  {
    name: 'fuse-overlayfs',
    needs: ['fuse-overlayfs'],
    way: 'fd',
    command({ mountpoint, source, directory }) {
      for (const name of ['upper', 'work']) mkdirSync(join(directory, name))
      const layers = `lowerdir=${source},upperdir=${directory}/upper,workdir=${directory}/work`
      return ['fuse-overlayfs', '-f', '-d', '-o', layers, mountpoint]
    },
  },
  {
    name: 'squashfuse',
    needs: ['squashfuse', 'mksquashfs'],
    way: 'fd',
    writable: false,
    command({ mountpoint, source, directory }) {
      const image = join(directory, 'image.sqfs')
      execFileSync('mksquashfs', [source, image, '-quiet'], { stdio: 'ignore' })
      return ['squashfuse', '-f', '-d', image, mountpoint]
    },
  },
  {
    name: 'sshfs',
    needs: ['sshfs', SFTP],
    way: 'fd',
    command({ mountpoint, source, directory }) {
      const ssh = join(directory, 'ssh')
      writeFileSync(ssh, `#!/bin/sh\nexec ${SFTP}\n`)
      chmodSync(ssh, 0o755)
      return ['sshfs', '-f', '-d', '-o', `ssh_command=${ssh}`, `host:${source}`, mountpoint]
    },
  },
  {
    name: 'gocryptfs',
    needs: ['gocryptfs'],
    way: 'namespace',
    command({ mountpoint, directory }) {
      const cipher = join(directory, 'cipher')
      mkdirSync(cipher)
      const password = ['-q', '-extpass', 'echo secret']
      execFileSync('gocryptfs', ['-init', '-scryptn', '10', ...password, cipher], { stdio: 'ignore' })
      return ['gocryptfs', '-fg', '-nosyslog', '-fusedebug', ...password, cipher, mountpoint]
    },
  },
  {
    name: 'rclone',
    needs: ['rclone'],
    way: 'namespace',
    command: ({ mountpoint, source, directory }) => [
      'rclone',
      'mount',
      '--config',
      join(directory, 'rclone.conf'),
      '--vfs-cache-mode',
      'writes',
      '--cache-dir',
      join(directory, 'cache'),
      '-vv',
      '--debug-fuse',
      source,
      mountpoint,
    ],
  },
  {
    name: 'python3-fuse (xmp.py)',
    needs: [PYTHON, 'module fuse'],
    way: 'namespace',
    command: ({ mountpoint, source }) => [
      PYTHON,
      '/usr/share/doc/python3-fuse/examples/example/xmp.py',
      '-f',
      '-d',
      '-o',
      `root=${source}`,
      mountpoint,
    ],
  },
  {
    name: 'pyfuse3',
    needs: [PYTHON, 'module pyfuse3'],
    way: 'namespace',
    writable: false,
    command({ mountpoint, directory }) {
      const program = join(directory, 'one-file.py')
      writeFileSync(program, ONE_FILE)
      return [PYTHON, program, mountpoint]
    },
  },
]

/** What is missing on this machine; null when nothing is. */
export function missing({ needs }: DrivenDaemon): string | null {
  const there = (what: string): boolean =>
    what.startsWith('module ') ? pythonHas(what.slice('module '.length)) : installed(what)
  return needs.find((what) => !there(what)) ?? null
}

/** A file system of one file, `seen.txt`, by pyfuse3. */
const ONE_FILE = `import errno, os, stat, sys, time, pyfuse3, trio
CONTENT = b'seen'
class One(pyfuse3.Operations):
    def attributes(self, inode):
        entry = pyfuse3.EntryAttributes()
        entry.st_ino = inode
        entry.st_mode = (stat.S_IFDIR | 0o755) if inode == pyfuse3.ROOT_INODE else (stat.S_IFREG | 0o644)
        entry.st_nlink = 1
        entry.st_size = 0 if inode == pyfuse3.ROOT_INODE else len(CONTENT)
        return entry
    async def getattr(self, inode, ctx=None):
        return self.attributes(inode)
    async def lookup(self, parent, name, ctx=None):
        if name != b'seen.txt': raise pyfuse3.FUSEError(errno.ENOENT)
        return self.attributes(2)
    async def opendir(self, inode, ctx):
        return inode
    async def readdir(self, fh, start, token):
        if start == 0: pyfuse3.readdir_reply(token, b'seen.txt', self.attributes(2), 1)
    async def open(self, inode, flags, ctx):
        return pyfuse3.FileInfo(fh=inode)
    async def read(self, fh, offset, size):
        return CONTENT[offset:offset + size]
pyfuse3.init(One(), sys.argv[1], set(pyfuse3.default_options))
trio.run(pyfuse3.main)
pyfuse3.close()
`

/** One for each way to be driven, which every run of the tests has: a helper (libfuse 2), a descriptor (libfuse 3), Go. */
export const CORE: ReadonlySet<string> = new Set(['bindfs', 'fuse-overlayfs', 'gocryptfs'])
