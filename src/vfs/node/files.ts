import type { BigIntStats, Dirent, Stats } from 'node:fs'
import type { DirectoryEntry } from '../directory.js'
import { Errno } from '../errno.js'
import type { OpenFile } from '../open-file.js'
import type { Vfs } from '../vfs.js'
import { copyFile } from './copy-file.js'
import { asNode } from './errors.js'
import { bytesOf, readAll, type StandInHandle, standInHandle, writeAll } from './handle.js'
import { below, modeOf, type NodePath, openFlags, timeNs } from './paths.js'
import { direntOf, statfsOf, statsOf } from './results.js'
import { scan } from './scan.js'
import { makeDirectories, removeTree } from './trees.js'

interface FileOptions {
  encoding?: BufferEncoding | null
  flag?: string | number
  mode?: number | string
  flush?: boolean
}

const optionsOf = <T extends object>(options: unknown): T =>
  (typeof options === 'string' ? { encoding: options } : (options ?? {})) as T

/** Methods of `node:fs/promises` on the stand-in: what Node asks the kernel for, in its order, with its results and errors. */
export interface StandInFiles {
  readonly [method: string]: (...args: never[]) => Promise<unknown>
  open(path: unknown, flags?: string | number, mode?: number): Promise<StandInHandle>
  lstat(path: unknown, options?: { bigint?: boolean }): Promise<Stats | BigIntStats>
}

/** @param directory what paths begin with that are given whole */
export function standInFiles(vfs: Vfs, directory: string): StandInFiles {
  const at = (path: unknown): NodePath => below(directory, path)
  const call = <T>(syscall: string, path: NodePath, run: (raw: string) => Promise<T>): Promise<T> =>
    asNode({ syscall, path: path.given }, () => run(path.raw))
  const call2 = <T>(syscall: string, path: NodePath, dest: NodePath, run: () => Promise<T>): Promise<T> =>
    asNode({ syscall, path: path.given, dest: dest.given }, run)
  const stat = async (syscall: 'stat' | 'lstat', path: unknown, options?: { bigint?: boolean }) =>
    statsOf(await call(syscall, at(path), (raw) => vfs.stat(raw, { follow: syscall === 'stat' })), options)
  const openFile = (path: unknown, flags: number, mode = 0o666): Promise<OpenFile> =>
    call('open', at(path), (raw) => vfs.open(raw, flags, mode))

  /** Runs while a file is open, and closes it in any case. */
  const withFile = async <T>(path: unknown, flags: number, mode: number, run: (file: OpenFile) => Promise<T>) => {
    const file = await openFile(path, flags, mode)
    try {
      return await run(file)
    } finally {
      await asNode({ syscall: 'close' }, () => vfs.close(file))
    }
  }
  const writeFile = async (path: unknown, data: unknown, given?: unknown, otherwise = 'w'): Promise<void> => {
    const options = optionsOf<FileOptions>(given)
    const bytes = bytesOf(data, options)
    await withFile(path, openFlags(options.flag, otherwise), modeOf(options.mode, 0o666), async (file) => {
      await writeAll(vfs, file, bytes)
      if (options.flush) await asNode({ syscall: 'fsync' }, () => vfs.sync(file))
    })
  }
  const list = (path: unknown): Promise<DirectoryEntry[]> => call('scandir', at(path), (raw) => scan(vfs, raw))
  const change = (follow: boolean) => ({ follow })

  return {
    access: (path: unknown, mode = 0) => call('access', at(path), (raw) => vfs.access(raw, mode)),
    appendFile: (path: unknown, data: unknown, options?: unknown) => writeFile(path, data, options, 'a'),
    writeFile: (path: unknown, data: unknown, options?: unknown) => writeFile(path, data, options),
    readFile: (path: unknown, options?: unknown) =>
      withFile(path, openFlags(optionsOf<FileOptions>(options).flag), 0o666, (file) => readAll(vfs, file, options)),
    chmod: (path: unknown, mode: number | string) => call('chmod', at(path), (raw) => vfs.chmod(raw, modeOf(mode, 0))),
    chown: (path: unknown, uid: number, gid: number) => call('chown', at(path), (raw) => vfs.chown(raw, uid, gid)),
    lchown: (path: unknown, uid: number, gid: number) =>
      call('lchown', at(path), (raw) => vfs.chown(raw, uid, gid, change(false))),
    copyFile: (from: unknown, to: unknown, mode = 0) =>
      call2('copyfile', at(from), at(to), () => copyFile(vfs, at(from).raw, at(to).raw, mode)),
    link: (from: unknown, to: unknown) => call2('link', at(from), at(to), () => vfs.link(at(from).raw, at(to).raw)),
    rename: (from: unknown, to: unknown) =>
      call2('rename', at(from), at(to), () => vfs.rename(at(from).raw, at(to).raw)),
    symlink: (target: unknown, path: unknown) => {
      const bytes = typeof target === 'string' ? Buffer.from(target, 'utf8') : Buffer.from(target as Uint8Array)
      return asNode({ syscall: 'symlink', path: bytes.toString('utf8'), dest: at(path).given }, () =>
        vfs.symlink(bytes.toString('latin1'), at(path).raw),
      )
    },
    lstat: (path: unknown, options?: { bigint?: boolean }) => stat('lstat', path, options),
    stat: (path: unknown, options?: { bigint?: boolean }) => stat('stat', path, options),
    statfs: async (path: unknown, options?: { bigint?: boolean }) =>
      statfsOf(await call('statfs', at(path), (raw) => vfs.statfs(raw)), options),
    utimes: (path: unknown, atime: unknown, mtime: unknown) =>
      call('utime', at(path), (raw) => vfs.utimes(raw, timeNs(atime), timeNs(mtime))),
    lutimes: (path: unknown, atime: unknown, mtime: unknown) =>
      call('lutime', at(path), (raw) => vfs.utimes(raw, timeNs(atime), timeNs(mtime), change(false))),
    truncate: async (path: unknown, length = 0) =>
      withFile(path, openFlags('r+'), 0o666, (file) =>
        asNode({ syscall: 'ftruncate' }, () => vfs.truncate(file, BigInt(Math.max(0, length)))),
      ),
    unlink: (path: unknown) => call('unlink', at(path), (raw) => vfs.unlink(raw)),
    rmdir: (path: unknown, options?: { recursive?: boolean }) =>
      options?.recursive ? removeTree(vfs, at(path)) : call('rmdir', at(path), (raw) => vfs.rmdir(raw)),
    rm: (path: unknown, options?: { force?: boolean; recursive?: boolean }) => removeTree(vfs, at(path), options ?? {}),
    mkdir: (path: unknown, given?: number | string | { mode?: number | string; recursive?: boolean }) => {
      const options = typeof given === 'object' && given !== null ? given : { mode: given }
      const mode = modeOf(options.mode, 0o777)
      return 'recursive' in options && options.recursive
        ? makeDirectories(vfs, at(path), mode)
        : call('mkdir', at(path), (raw) => vfs.mkdir(raw, mode))
    },
    readlink: async (path: unknown, options?: unknown) => {
      const target = Buffer.from(await call('readlink', at(path), (raw) => vfs.readlink(raw)), 'latin1')
      return textOrBytes(target, optionsOf<FileOptions>(options).encoding)
    },
    readdir: async (path: unknown, given?: unknown) => {
      const options = optionsOf<FileOptions & { withFileTypes?: boolean; recursive?: boolean }>(given)
      if (!options.recursive) return rendered(await list(path), at(path).given, options)
      return readTree(vfs, at(path), options)
    },
    open: async (path: unknown, flags: string | number = 'r', mode = 0o666) =>
      standInHandle(vfs, await openFile(path, openFlags(flags), mode)),
  } satisfies Record<string, (...args: never[]) => Promise<unknown>> as unknown as StandInFiles
}

const textOrBytes = (bytes: Buffer, encoding: unknown): string | Buffer =>
  encoding === 'buffer' ? bytes : bytes.toString((encoding as BufferEncoding | null) ?? 'utf8')

function rendered(
  entries: readonly DirectoryEntry[],
  path: string,
  { encoding, withFileTypes }: { encoding?: unknown; withFileTypes?: boolean },
): (string | Buffer | Dirent)[] {
  return entries.map((entry) => {
    const name = textOrBytes(Buffer.from(entry.name, 'latin1'), encoding)
    return withFileTypes ? direntOf(entry, name, path) : name
  })
}

/** All names below a directory, those of a directory together. */
async function readTree(
  vfs: Vfs,
  root: NodePath,
  options: { encoding?: BufferEncoding | null; withFileTypes?: boolean },
): Promise<(string | Buffer | Dirent)[]> {
  const all: (string | Buffer | Dirent)[] = []
  const queue: { raw: string; given: string; prefix: string }[] = [{ ...root, prefix: '' }]
  for (let next = queue.shift(); next; next = queue.shift()) {
    const { raw, given, prefix } = next
    const entries = await asNode({ syscall: 'scandir', path: given }, () => scan(vfs, raw))
    for (const entry of entries) {
      const text = Buffer.from(entry.name, 'latin1').toString('utf8')
      if (options.withFileTypes) all.push(...rendered([entry], given, options))
      else all.push(textOrBytes(Buffer.from(`${prefix}${entry.name}`, 'latin1'), options.encoding))
      const isDirectory = entry.type === 4 || (entry.type === 0 && (await isDirectoryAt(vfs, `${raw}/${entry.name}`)))
      if (isDirectory)
        queue.push({ raw: `${raw}/${entry.name}`, given: `${given}/${text}`, prefix: `${prefix}${entry.name}/` })
    }
  }
  return all
}

async function isDirectoryAt(vfs: Vfs, raw: string): Promise<boolean> {
  try {
    return ((await vfs.stat(raw, { follow: false })).mode & 0o170000) === 0o040000
  } catch (error) {
    if (error instanceof Errno) return false
    throw error
  }
}
