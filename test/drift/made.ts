import type { Line } from '../../src/line/line.js'

/** One request of a made log: as each dialect without a capture would write it. */
interface Call {
  opcode: 'lookup' | 'create' | 'write' | 'rename' | 'unlink' | 'mkdir' | 'getattr'
  name: string
  newName: string
  node: number
  id: number
  failed: boolean
}

/** A small workload: files are made, written, renamed and removed; every third name is looked for in vain first. */
function* calls(): Generator<Call> {
  let id = 2
  for (let i = 0; i < 40; i++) {
    const about = { name: `file${i}.txt`, newName: `moved${i}.txt`, node: 10 + i }
    const call = (opcode: Call['opcode'], failed = false): Call => {
      id += 2
      return { opcode, ...about, id, failed }
    }
    if (i % 3 === 0) yield call('lookup', true)
    yield call('create')
    yield call('write')
    yield call('getattr')
    yield call('rename')
    if (i % 4 === 0) yield call('mkdir', i % 8 === 0)
    yield { ...call('unlink', i % 5 === 0), name: about.newName }
  }
}

const clock = (id: number): string =>
  `03:${String(4 + Math.floor(id / 60)).padStart(2, '0')}:${String(id % 60).padStart(2, '0')}`
const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** Log lines of a call, by dialect. Their forms are those of the dialects' samples. */
const WRITERS: Readonly<Record<string, (call: Call) => string[]>> = {
  juicefs({ opcode, name, newName, node, id, failed }) {
    const file = `(${node},[-rw-r--r--:0100644,1,0,0,1661,1661,1661,12])`
    const asked = {
      lookup: `1,${name}`,
      create: `1,${name},-rw-r--r--:0100644`,
      write: `${node},5,0`,
      getattr: `${node}`,
      rename: `1,${name},1,${newName},0`,
      mkdir: `1,${name}.d,drwxr-xr-x:0040755`,
      unlink: `1,${name}`,
    }[opcode]
    const entry = ['create', 'getattr', 'mkdir'].includes(opcode) ? ` ${file}` : ''
    const outcome = failed ? 'no such file or directory' : `OK${entry}${opcode === 'create' ? ' [fh:3]' : ''}`
    return [`2022.08.30 ${clock(id)}.489323 [uid:0,gid:0,pid:9] ${opcode} (${asked}): ${outcome} <0.000179>`]
  },
  moosefs({ opcode, name, newName, node, id, failed }) {
    const entry = ` (1.0,${node},1.0,[-rw-r--r--:0100644,1,0,0,1661,1661,1661,12])`
    const [asked, answer] = {
      lookup: [`1,${name}`, entry],
      create: [`1,${name},O_WRONLY|O_CREAT,-rw-r--r--:0100644`, `${entry} (direct_io:0) [handle:0000001A]`],
      write: [`${node},5,0) [handle:0000001A]`, ' (5)'],
      getattr: [`${node}) [no handle]`, ' (1.0,[-rw-r--r--:0100644,1,0,0,1661,1661,1661,12])'],
      rename: [`1,${name},1,${newName},0`, ''],
      mkdir: [`1,${name}.d,drwxr-xr-x:0755`, entry],
      unlink: [`1,${name}`, ''],
    }[opcode] as [string, string]
    const outcome = failed ? 'ENOENT (No such file or directory)' : `OK${answer}`
    const asking = asked.includes(')') ? asked : `${asked})`
    return [`04.22 ${clock(id)}.489323: uid:0 gid:0 pid:9 cmd:${opcode} (${asking}: ${outcome}`]
  },
  loggedfs({ opcode, name, newName, id, failed }) {
    const [level, outcome] = failed ? ['ERROR', 'FAILURE'] : ['INFO', 'SUCCESS']
    const at = `2018-03-21 ${clock(id)},375 `
    const line = (call: string): string =>
      `${at}${level} [default] ${call} {${outcome}} [ pid = 934 /usr/bin/cp uid = 0 ]`
    const path = `/mnt/disk/${name}`
    const lines = {
      lookup: [`getattr ${path}`],
      create: [`mknod ${path} 100644 S_IFREG (normal file creation)`, `getattr ${path}`, `open writeonly ${path}`],
      write: [`write 5 bytes to ${path} at offset 0`, `5 bytes written to ${path} at offset 0`],
      getattr: [`getattr ${path}`],
      rename: [`rename ${path} to /mnt/disk/${newName}`],
      mkdir: [`mkdir ${path}.d 755`],
      unlink: [`unlink ${path}`],
    }[opcode].map(line)
    return id === 4 ? [`${at}INFO [default] LoggedFS starting at /mnt/disk.`, ...lines] : lines
  },
  glusterfs({ opcode, name, newName, node, id, failed }) {
    const by = { create: 'create', rename: 'rename', write: 'writev', getattr: 'attr', unlink: 'unlink' }[
      opcode as string
    ]
    const asked = {
      lookup: `LOOKUP() /${name}`,
      create: `CREATE() /${name}`,
      write: 'WRITE',
      getattr: `STAT() /${name}`,
      rename: `/${name} -> /${newName}`,
      mkdir: `MKDIR() /${name}.d`,
      unlink: `UNLINK() /${name}`,
    }[opcode]
    const answer = { create: `0x7efc (ino=${node})`, write: '5/5,0/0', rename: `0 (buf->ia_ino=${node})`, unlink: '0' }
    const outcome = failed ? '-1 (No such file or directory)' : (answer[opcode as 'create'] ?? `${node}`)
    return [
      `[2026-11-28 ${clock(id)}.695923 +0000] ${failed ? 'W' : 'T'} [fuse-bridge.c:1034:fuse_${by ?? 'entry'}_cbk] 0-glusterfs-fuse: ${id}: ${asked} => ${outcome}`,
    ]
  },
  rclone({ opcode, name, newName, id, failed }) {
    const at = `2026/11/22 ${clock(id)} DEBUG : `
    const [object, method, asked, answer] = {
      lookup: ['/', 'Lookup', `name="${name}"`, 'node=<nil>, '],
      create: ['/', 'Create', `name="${name}"`, `node=${name}, handle=&{${name} (rw)}, `],
      write: [`&{${name} (rw)}`, 'Write', 'len=5, offset=0', 'written=5, '],
      getattr: [name, 'Attr', '', 'a=valid=1s ino=0 size=5 mode=-rw-rw-r--, '],
      rename: ['/', 'Rename', `oldName="${name}", newName="${newName}", newDir=/`, ''],
      mkdir: ['/', 'Mkdir', `name="${name}.d"`, `node=${name}.d/, `],
      unlink: ['/', 'Remove', `name="${name}"`, ''],
    }[opcode] as [string, string, string, string]
    const outcome = failed ? 'no such file or directory' : '<nil>'
    return [`${at}${object}: ${method}: ${asked}`, `${at}${object}: >${method}: ${answer}err=${outcome}`]
  },
  s3fs({ opcode, name, newName, id }) {
    const asked = {
      lookup: `getattr(808): [path=/${name}]`,
      create: `create(1050): [path=/${name}][size=1][mode=100644][flags=0x8241]`,
      write: `write(1200): [path=/${name}][size=4096][offset=8192][pseudo_fd=2]`,
      getattr: `getattr(808): [path=/${name}]`,
      rename: `rename(1500): [from=/${name}][to=/${newName}]`,
      mkdir: `mkdir(960): [path=/${name}.d][mode=0755]`,
      unlink: `unlink(998): [path=/${name}]`,
    }[opcode]
    return [
      `2023-01-02T${clock(id)}.678Z [INF] s3fs.cpp:s3fs_${asked}`,
      '[INF]       curl.cpp:RequestPerform(2323): HTTP response code 200',
    ]
  },
  virtiofsd({ opcode, node, id, failed }) {
    const at = `[2024-01-02T${clock(id)}Z DEBUG virtiofsd::server] `
    const number = { lookup: 1, create: 35, write: 16, getattr: 3, rename: 12, mkdir: 9, unlink: 10 }[opcode]
    const reply = failed
      ? `Replying ERROR, header: OutHeader { error: -2 (No such file or directory), unique: ${id}, len: 16 }`
      : `Replying OK, header: OutHeader { len: 120, error: 0, unique: ${id} }`
    return [
      `${at}Received request: opcode=${capitalized(opcode)} (${number}), inode=${node}, unique=${id}, pid=836`,
      `${at}${reply}`,
    ]
  },
  winfsp({ opcode, name, newName, id, failed }) {
    const at = `memfs-x64[TID=0ff4]: FFFF${1000 + id}: `
    const [kind, asked] = {
      lookup: ['Create', ` [UT---C] "\\${name}", FILE_OPEN, CreateOptions=40`],
      create: ['Create', ` [UT---C] "\\${name}", FILE_CREATE, CreateOptions=40`],
      write: ['Write', ` "\\${name}", 0:1F4, Address=0, Offset=0:1000, Length=5, Key=0`],
      getattr: ['QueryInformation', ` "\\${name}", 0:1F4`],
      rename: ['SetInformation', ` [Rename] "\\${name}", 0:1F4, NewFileName="\\${newName}", AccessToken=0`],
      mkdir: ['Create', ` [UT----] "\\${name}.d", FILE_CREATE, CreateOptions=21`],
      unlink: ['Cleanup', ` [Delete] "\\${name}", 0:1F4`],
    }[opcode] as [string, string]
    return [`${at}>>${kind}${asked}`, `${at}<<${kind} IoStatus=${failed ? 'c0000034' : '0'}[0]`]
  },
  alluxio({ opcode, name, newName, id, failed }) {
    const at = `2021-05-06 ${clock(id)},123 DEBUG AlluxioFuseFileSystem - `
    const asked = {
      lookup: `getattr(path=/${name})`,
      create: `Fuse.Create(path=/${name},mode=100644)`,
      write: `Fuse.Write(path=/${name},fd=2,size=4096,offset=0)`,
      getattr: `getattr(path=/${name})`,
      rename: `rename(oldPath=/${name},newPath=/${newName})`,
      mkdir: `mkdir(path=/${name}.d,mode=755)`,
      unlink: `unlink(path=/${name})`,
    }[opcode]
    return [`${at}Enter: ${asked}`, `${at}Exit (${failed ? -2 : 0}): ${asked} in 1 ms`]
  },
  fuse3({ opcode, name, newName, node, id, failed }) {
    const at = (level: string): string =>
      `2025-01-02T${clock(id)}.123456Z ${level} gvfs_fuse::debug: ${opcode.toUpperCase()} `
    const named = ' parent="/" parent_id=1'
    const asked = {
      lookup: `${named} name="${name}"`,
      create: `${named} name="${name}" mode=33188 flags=33345`,
      write: ` inode=${node} fh=3 offset=0 size=5 flags=0`,
      getattr: ` inode=${node} fh=None flags=0`,
      rename: `${named} name="${name}" new_parent="/" new_parent_id=1 new_name="${newName}"`,
      mkdir: `${named} name="${name}.d" mode=493`,
      unlink: `${named} name="${name}"`,
    }[opcode]
    return [
      `${at('DEBUG')}started req.unique=${id} uid=501 gid=20 pid=435${asked}`,
      failed
        ? `${at('ERROR')}failed req.unique=${id} e=Errno(2)`
        : `${at('DEBUG')}completed req.unique=${id} reply=ReplyEntry { ttl: 1s, attr: FileAttr { ino: ${node}, size: 0 } }`,
    ]
  },
}

/** The lines of a made log, of a dialect that no capture is there of; null for another name. */
export function madeLog(dialect: string): Line[] | null {
  const write = WRITERS[dialect]
  if (write === undefined) return null
  return [...calls()]
    .flatMap(write)
    .map((raw, index) => ({ index, atNs: index * 1000, stream: 'stderr', raw, terminated: true }))
}
