import type { Raw } from '../../line/line.js'
import type { OperationFacts } from '../core/dialect.js'
import { goQuoted } from '../text/go-text.js'

/** A call that rclone traced, understood. */
export interface Call {
  opcode: string
  facts: OperationFacts
}

/** Reads the arguments of a call on an object; null when they are not this call's. */
type Reader = (object: Raw, args: Raw) => Call | null

/** `d/` and `/` are directories; anything else without a leading slash a file. */
const isDirectory = (object: Raw): boolean => object.endsWith('/')
/** rclone's names have no leading slash, those of a directory one at the end. */
export const pathOf = (object: Raw): Raw => `/${object.replace(/^\/|\/$/g, '')}`
const join = (directory: Raw, name: Raw): Raw => (directory === '/' ? `/${name}` : `/${directory}${name}`)

/** `KEY="…"` from `at` on; the end of the quoted string with it. */
function field(args: Raw, at: number, key: string): { value: Raw; end: number } | null {
  return args.startsWith(`${key}="`, at) ? goQuoted(args, at + key.length + 1) : null
}

const inDirectory =
  (opcode: string): Reader =>
  (object, args) => {
    const name = isDirectory(object) ? field(args, 0, 'name') : null
    return name?.end === args.length ? { opcode, facts: { path: join(object, name.value) } } : null
  }

const onNode =
  (opcode: string, args: RegExp): Reader =>
  (object, given) =>
    object !== '' && !object.startsWith('&{') && args.test(given) ? { opcode, facts: { path: pathOf(object) } } : null

const onHandle =
  (opcode: string, args: RegExp): Reader =>
  (object, given) => {
    const file = /^&\{([\s\S]+) \([a-z]{1,2}\)\}$/.exec(object)?.[1]
    return file !== undefined && args.test(given) ? { opcode, facts: { path: `/${file}` } } : null
  }

/** `rclone cmount` names whole paths. */
const onPath =
  (opcode: string, args: RegExp): Reader =>
  (object, given) =>
    object.startsWith('/') && args.test(given) ? { opcode, facts: { path: object } } : null

/** The first that can read a call's arguments does. */
const either =
  (...readers: Reader[]): Reader =>
  (object, args) => {
    for (const read of readers) {
      const call = read(object, args)
      if (call) return call
    }
    return null
  }

const renamed: Reader = (object, args) => {
  const from = field(args, 0, 'oldName')
  const to = from && field(args, from.end, ', newName')
  if (!from || !to || !isDirectory(object) || !args.startsWith(', newDir=', to.end)) return null
  const directory = args.slice(to.end + 9)
  return { opcode: 'rename', facts: { path: join(object, from.value), newPath: join(directory, to.value) } }
}

const linked: Reader = (object, args) => {
  const name = /^req=Link \[[^\]]{1,120}\] node \d{1,20} to "/.exec(args)
  const quoted = name && goQuoted(args, name[0].length - 1)
  if (!quoted || !args.startsWith(', old=', quoted.end)) return null
  return { opcode: 'link', facts: { path: pathOf(args.slice(quoted.end + 6)), newPath: join(object, quoted.value) } }
}

const symlinked: Reader = (object, args) => {
  const at = args.indexOf(', target=')
  if (!args.startsWith('newname=') || at < 0) return null
  return { opcode: 'symlink', facts: { path: join(object, args.slice(8, at)), target: args.slice(at + 9) } }
}

/** Two quoted or one: cmount's rename, link and symlink. */
const withNew =
  (opcode: string, key: string): Reader =>
  (object, args) => {
    const to = field(args, 0, key)
    if (!to) return null
    if (opcode === 'symlink') return { opcode, facts: { path: to.value, target: object } }
    return to.end === args.length ? { opcode, facts: { path: object, newPath: to.value } } : null
  }

const xattr =
  (opcode: string): Reader =>
  (object, args) => {
    const name = object.startsWith('/') ? field(args, 0, 'name') : null
    return name && { opcode, facts: { path: object, xattr: name.value } }
  }

const made: Reader = (object, args) => {
  const name = /^name=([\s\S]+), mode=\d{1,12}, rdev=\d{1,12}$/.exec(args)?.[1]
  return name === undefined ? null : { opcode: 'mknod', facts: { path: join(object, name) } }
}

const HANDLE = /^fh=0x[0-9A-F]{1,16}$/
const NOTHING = /^$/

/** The calls that stand for requests; rclone traces others in between, of its inner layers. */
export const CALLS: Readonly<Record<string, Reader>> = {
  Statfs: (object, args) => (args === '' ? { opcode: 'statfs', facts: { path: pathOf(object) } } : null),
  Lookup: inDirectory('lookup'),
  Create: either(inDirectory('create'), onPath('create', /^flags=0x[0-9A-F]{1,8}, mode=0/)),
  Mkdir: either(inDirectory('mkdir'), onPath('mkdir', /^mode=0[0-7]{1,7}$/)),
  Remove: inDirectory('unlink'),
  Rename: either(renamed, withNew('rename', 'newPath')),
  Link: either(linked, withNew('link', 'newpath')),
  Symlink: either(symlinked, withNew('symlink', 'newpath')),
  Mknod: either(made, onPath('mknod', /^mode=0x[0-9A-F]{1,8}, dev=/)),
  Attr: onNode('getattr', NOTHING),
  Setattr: onNode('setattr', /^(?:a|stat)=Setattr \[/),
  // cmount's names a whole path.
  Open: either(onNode('open', /^flags=Open[\w+]*$/), onPath('open', /^flags=0x[0-9A-Fa-f]{1,8}$/)),
  ReadDirAll: onNode('readdir', NOTHING),
  Readlink: onNode('readlink', NOTHING),
  Fsync: either(
    (object, args) =>
      isDirectory(object) && args === '' ? { opcode: 'fsyncdir', facts: { path: pathOf(object) } } : null,
    onNode('fsync', /^(?:$|datasync=)/),
  ),
  Read: either(onHandle('read', /^len=\d+, offset=\d+$/), onPath('read', /^ofst=\d+, fh=0x/)),
  Write: either(onHandle('write', /^len=\d+, offset=\d+$/), onPath('write', /^ofst=\d+, fh=0x/)),
  Flush: either(onHandle('flush', NOTHING), onPath('flush', HANDLE)),
  Release: either(onHandle('release', NOTHING), onPath('release', HANDLE)),
  Getattr: onPath('getattr', HANDLE),
  Opendir: onPath('opendir', NOTHING),
  Readdir: onPath('readdir', /^ofst=\d+, fh=0x/),
  Releasedir: onPath('releasedir', HANDLE),
  Fsyncdir: onPath('fsyncdir', /^datasync=/),
  OpenEx: onPath('open', /^flags=0x/),
  CreateEx: onPath('create', /^flags=0x[0-9A-F]{1,8}, mode=0/),
  Truncate: onPath('setattr', /^size=\d+, fh=0x/),
  Utimens: onPath('setattr', /^tmsp=/),
  Chmod: onPath('setattr', /^mode=0/),
  Chown: onPath('setattr', /^uid=\d+, gid=\d+$/),
  Access: onPath('access', /^mask=0/),
  Unlink: onPath('unlink', NOTHING),
  Rmdir: onPath('rmdir', NOTHING),
  Setxattr: xattr('setxattr'),
  Getxattr: xattr('getxattr'),
  Removexattr: xattr('removexattr'),
  Listxattr: onPath('listxattr', NOTHING),
}
