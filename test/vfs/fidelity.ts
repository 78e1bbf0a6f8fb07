import fs from 'node:fs/promises'
import { join } from 'node:path'
import type { XattrFs } from '../../src/fixture/mount-fs.js'
import type { Operation } from '../../src/operation/operation.js'
import { isOwn } from '../../src/operation/own.js'

type Files = typeof fs & XattrFs

/** One named piece of the workload; errors are part of it. */
export type FidelityStep = readonly [
  name: string,
  run: (files: Files, at: (path: string) => string) => Promise<unknown>,
]

const ODD = ['with space', 'quo"te', 'ünïcødé-日本', 'back\\slash', '}: tricky', 'L'.repeat(200)]

/** What the suite's tests do, each thing once: files, directories, extended attributes, renames, links, errors, odd names. */
export const STEPS: readonly FidelityStep[] = [
  ['create', (files, at) => files.writeFile(at('a.txt'), 'content')],
  ['read', (files, at) => files.readFile(at('a.txt'), 'utf8')],
  ['stat', (files, at) => files.stat(at('a.txt'))],
  ['stat again', (files, at) => files.stat(at('a.txt'))],
  ['read what is missing', (files, at) => files.readFile(at('nope'))],
  ['look for what is missing', (files, at) => files.lstat(at('nope'))],
  ['mkdir', (files, at) => files.mkdir(at('d'))],
  ['mkdir what is there', (files, at) => files.mkdir(at('d'))],
  ['mkdir within missing', (files, at) => files.mkdir(at('x/y'))],
  ['mkdir recursive', (files, at) => files.mkdir(at('p/q/r'), { recursive: true })],
  ['mkdir recursive again', (files, at) => files.mkdir(at('p/q/r'), { recursive: true })],
  ['readdir', (files, at) => files.readdir(at(''))],
  ['readdir of an empty one', (files, at) => files.readdir(at('d'))],
  ['readdir of a file', (files, at) => files.readdir(at('a.txt'))],
  ['append', (files, at) => files.appendFile(at('a.txt'), 'more')],
  ['truncate', (files, at) => files.truncate(at('a.txt'), 4)],
  ['chmod', (files, at) => files.chmod(at('a.txt'), 0o640)],
  ['chown', (files, at) => files.chown(at('a.txt'), process.getuid?.() ?? 0, process.getgid?.() ?? 0)],
  ['utimes', (files, at) => files.utimes(at('a.txt'), 2_000_000, 2_000_000)],
  ['set an attribute', (files, at) => files.setXattr(at('a.txt'), 'user.a', 'value')],
  ['get an attribute', (files, at) => files.getXattr(at('a.txt'), 'user.a')],
  ['get what is missing', (files, at) => files.getXattr(at('a.txt'), 'user.none')],
  ['replace an attribute', (files, at) => files.setXattr(at('a.txt'), 'user.a', '')],
  ['list attributes', (files, at) => files.listXattr(at('a.txt'))],
  ['set one of a directory', (files, at) => files.setXattr(at('d'), 'user.d', 'd'.repeat(1000))],
  ['get one of a directory', (files, at) => files.getXattr(at('d'), 'user.d')],
  ['list none', (files, at) => files.listXattr(at('p'))],
  ['remove an attribute', (files, at) => files.removeXattr(at('d'), 'user.d')],
  ['remove what is missing', (files, at) => files.removeXattr(at('d'), 'user.d')],
  ['get one of what is missing', (files, at) => files.getXattr(at('nope'), 'user.a')],
  ['rename', (files, at) => files.rename(at('a.txt'), at('b.txt'))],
  ['rename what is missing', (files, at) => files.rename(at('nope'), at('nope2'))],
  ['rename a directory', (files, at) => files.rename(at('d'), at('p/dd'))],
  ['write below a renamed directory', (files, at) => files.writeFile(at('p/dd/in.txt'), 'x')],
  ['link', (files, at) => files.link(at('b.txt'), at('c.txt'))],
  ['stat a link', (files, at) => files.stat(at('c.txt'))],
  ['symlink', (files, at) => files.symlink('b.txt', at('sym'))],
  ['readlink', (files, at) => files.readlink(at('sym'))],
  ['read by a symlink', (files, at) => files.readFile(at('sym'))],
  ['access', (files, at) => files.access(at('b.txt'), 4)],
  ['statfs', (files, at) => files.statfs(at(''))],
  ['copy', (files, at) => files.copyFile(at('b.txt'), at('copy.txt'))],
  ['write 300 kB', (files, at) => files.writeFile(at('big'), Buffer.alloc(300_000, 7))],
  ['read 300 kB', (files, at) => files.readFile(at('big'))],
  [
    'a handle',
    async (files, at) => {
      const handle = await files.open(at('h'), 'a+')
      for (const piece of ['one', 'two']) await handle.write(piece)
      await handle.sync()
      await handle.datasync()
      await handle.stat()
      await handle.truncate(2)
      await handle.chmod(0o600)
      await handle.close()
    },
  ],
  ['overwrite', (files, at) => files.writeFile(at('h'), 'new')],
  ['exclusively', (files, at) => files.writeFile(at('h'), 'x', { flag: 'wx' })],
  [
    'rename over',
    async (files, at) => {
      await files.writeFile(at('r1'), '1')
      await files.writeFile(at('r2'), '2')
      await files.rename(at('r1'), at('r2'))
    },
  ],
  ['readdir with types', (files, at) => files.readdir(at(''), { withFileTypes: true })],
  ...ODD.flatMap((name): FidelityStep[] => [
    [`write ${name.slice(0, 20)}`, (files, at) => files.writeFile(at(name), name)],
    [`stat ${name.slice(0, 20)}`, (files, at) => files.stat(at(name))],
    [`unlink ${name.slice(0, 20)}`, (files, at) => files.unlink(at(name))],
  ]),
  ['unlink', (files, at) => files.unlink(at('b.txt'))],
  ['unlink what is missing', (files, at) => files.unlink(at('nope'))],
  ['unlink a directory', (files, at) => files.unlink(at('p'))],
  ['rmdir what is not empty', (files, at) => files.rmdir(at('p'))],
  ['rmdir a file', (files, at) => files.rmdir(at('big'))],
  ['rm recursive', (files, at) => files.rm(at('p'), { recursive: true })],
  ['rm what is missing', (files, at) => files.rm(at('nope'), { force: true })],
]

/** Steps in which Node does several things at once: their order is nobody's to tell. */
export const UNORDERED: ReadonlySet<string> = new Set(['rm recursive'])

/**
 * What counts of a step's operations: opcodes, paths and errors, in order. FORGETs come when they come. A path is `*` where the
 * kernel's events do not tell it.
 */
export function shape(operations: readonly Operation[]): string[] {
  return operations
    .filter((operation) => !isOwn(operation) && !/forget$/.test(operation.opcode))
    .map(({ opcode, path, errno, status }) => [opcode, errno ?? status, path ?? '*'].join(' '))
}

/** Whether two steps asked for the same; where the order is nobody's to tell, in any order. */
export function sameRequests(real: readonly string[], ours: readonly string[], ordered: boolean): boolean {
  if (real.length !== ours.length) return false
  if (ordered) return real.every((request, i) => matches(request, ours[i] ?? ''))
  const left = [...ours]
  // Those with a path first: others take what is left.
  const exactFirst = [...real].sort((a, b) => Number(a.endsWith(' *')) - Number(b.endsWith(' *')))
  return exactFirst.every((request) => {
    const at = left.findIndex((one) => matches(request, one))
    return at >= 0 && left.splice(at, 1).length === 1
  })
}

function matches(a: string, b: string): boolean {
  const [head, other] = [a, b].map((request) => request.slice(0, request.indexOf(' ', request.indexOf(' ') + 1)))
  return a === b || (head === other && (a.endsWith(' *') || b.endsWith(' *')))
}

/** Everything below a directory: names, types, modes, contents. */
export async function tree(root: string): Promise<string[]> {
  const all: string[] = []
  const visit = async (path: string): Promise<void> => {
    const stat = await fs.lstat(join(root, path))
    const content = stat.isFile()
      ? (await fs.readFile(join(root, path))).toString('base64')
      : stat.isSymbolicLink()
        ? await fs.readlink(join(root, path))
        : ''
    all.push(`${path} ${stat.mode.toString(8)} ${content}`)
    if (stat.isDirectory())
      for (const name of (await fs.readdir(join(root, path))).sort()) await visit(join(path, name))
  }
  for (const name of (await fs.readdir(root)).sort()) await visit(name)
  return all
}
