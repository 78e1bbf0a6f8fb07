// A small file system in memory, by fuse-native, with libfuse's debug log: memory-fs.js MOUNTPOINT
import { readFileSync } from 'node:fs'
import Fuse from 'fuse-native'

const now = () => new Date()
const DIRECTORY = 0o040000
const FILE = 0o100000
const LINK = 0o120000

function node(mode, extra = {}) {
  const at = now()
  return {
    mode,
    uid: process.getuid(),
    gid: process.getgid(),
    mtime: at,
    atime: at,
    ctime: at,
    xattrs: new Map(),
    ...extra,
  }
}
const directory = (mode = 0o755) => node(DIRECTORY | (mode & 0o7777), { children: new Map() })
const file = (mode = 0o644) => node(FILE | (mode & 0o7777), { data: Buffer.alloc(0) })

const root = directory()

/** The node at a path; undefined when there is none. */
function at(path) {
  let found = root
  for (const name of path.split('/').filter((part) => part !== '')) found = found?.children?.get(name)
  return found
}

function split(path) {
  const cut = path.lastIndexOf('/')
  return { parent: at(path.slice(0, cut)), name: path.slice(cut + 1) }
}

function stat(found) {
  const { mode, uid, gid, mtime, atime, ctime } = found
  const size = found.data?.length ?? found.target?.length ?? 0
  const nlink = found.children ? 2 + [...found.children.values()].filter((child) => child.children).length : 1
  return {
    mode,
    uid,
    gid,
    size,
    nlink,
    mtime,
    atime,
    ctime,
    dev: 0,
    ino: 0,
    rdev: 0,
    blksize: 4096,
    blocks: Math.ceil(size / 512),
  }
}

/** An operation on the node at a path, which must be there. */
const on =
  (act) =>
  (path, ...rest) => {
    const done = rest.pop()
    const found = at(path)
    if (!found) return done(Fuse.ENOENT)
    done(...act(found, ...rest))
  }

function add(path, made, done) {
  const { parent, name } = split(path)
  if (!parent?.children) return done(Fuse.ENOENT)
  if (parent.children.has(name)) return done(Fuse.EEXIST)
  parent.children.set(name, made)
  parent.mtime = now()
  done(0, 1)
}

function remove(path, wanted, done) {
  const { parent, name } = split(path)
  const found = parent?.children?.get(name)
  if (!found) return done(Fuse.ENOENT)
  if (wanted === 'directory' && !found.children) return done(Fuse.ENOTDIR)
  if (wanted === 'file' && found.children) return done(Fuse.EISDIR)
  if (found.children?.size > 0) return done(Fuse.ENOTEMPTY)
  parent.children.delete(name)
  done(0)
}

function resize(found, size) {
  const data = Buffer.alloc(size)
  found.data.copy(data, 0, 0, Math.min(size, found.data.length))
  found.data = data
  found.mtime = now()
  return [0]
}

const ENODATA = -61

const operations = {
  init: (done) => done(0),
  getattr: on((found) => [0, stat(found)]),
  fgetattr: (path, _fd, done) => operations.getattr(path, done),
  readdir: on((found) => (found.children ? [0, [...found.children.keys()]] : [Fuse.ENOTDIR])),
  open: (path, _flags, done) => done(at(path) ? 0 : Fuse.ENOENT, 1),
  release: (_path, _fd, done) => done(0),
  create: (path, mode, done) => add(path, file(mode), done),
  mkdir: (path, mode, done) => add(path, directory(mode), done),
  symlink: (target, path, done) => add(path, node(LINK | 0o777, { target }), done),
  readlink: on((found) => (found.target ? [0, found.target] : [Fuse.EINVAL])),
  unlink: (path, done) => remove(path, 'file', done),
  rmdir: (path, done) => remove(path, 'directory', done),
  rename(from, to, done) {
    const [old, next] = [split(from), split(to)]
    const found = old.parent?.children?.get(old.name)
    if (!found || !next.parent?.children) return done(Fuse.ENOENT)
    if (next.parent.children.get(next.name)?.children?.size > 0) return done(Fuse.ENOTEMPTY)
    old.parent.children.delete(old.name)
    next.parent.children.set(next.name, found)
    done(0)
  },
  read(path, _fd, buffer, length, position, done) {
    const found = at(path)
    if (!found?.data) return done(0)
    done(found.data.copy(buffer, 0, position, Math.min(found.data.length, position + length)))
  },
  write(path, _fd, buffer, length, position, done) {
    const found = at(path)
    if (!found?.data) return done(Fuse.ENOENT)
    if (found.data.length < position + length) resize(found, position + length)
    buffer.copy(found.data, position, 0, length)
    found.mtime = now()
    done(length)
  },
  truncate: on(resize),
  ftruncate: (path, _fd, size, done) => operations.truncate(path, size, done),
  chmod: on((found, mode) => {
    found.mode = (found.mode & ~0o7777) | (mode & 0o7777)
    return [0]
  }),
  chown: on((found, uid, gid) => {
    Object.assign(found, { uid, gid })
    return [0]
  }),
  utimens: on((found, atime, mtime) => {
    Object.assign(found, { atime: new Date(atime), mtime: new Date(mtime) })
    return [0]
  }),
  setxattr: on((found, name, value) => {
    found.xattrs.set(name, Buffer.from(value))
    return [0]
  }),
  getxattr: on((found, name) => (found.xattrs.has(name) ? [0, found.xattrs.get(name)] : [ENODATA])),
  listxattr: on((found) => [0, [...found.xattrs.keys()]]),
  removexattr: on((found, name) => [found.xattrs.delete(name) ? 0 : ENODATA]),
}

/** One or several: all show the same files. */
const mountpoints = process.argv.slice(2)
const mounted = new Set()
const leave = () => {
  if (mounted.size === 0) process.exit(0)
  for (const fuse of mounted) fuse.unmount(() => mounted.delete(fuse) && leave())
}
process.on('SIGTERM', leave)
process.on('SIGINT', leave)
for (const mountpoint of mountpoints) {
  const fuse = new Fuse(mountpoint, operations, { debug: true })
  mounted.add(fuse)
  fuse.mount((error) => {
    if (error) {
      console.error(error.message)
      process.exit(1)
    }
    // fuse-native does not tell when somebody else has unmounted it. Driven without a mount there never is one.
    let seen = false
    const watch = setInterval(() => {
      const there = readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${mountpoint} `)
      if (seen && !there) {
        clearInterval(watch)
        mounted.delete(fuse)
        if (mounted.size === 0) process.exit(0)
      }
      seen ||= there
    }, 20)
  })
}
