import { INVAL_ENTRY, type Notification, type NotificationBody } from '../wire/index.js'
import { invalidate } from './attributes.js'
import { dropPages } from './content.js'
import { addDentry, type Core, dropDentry, type Inode } from './core.js'
import { PAGE } from './init.js'

/** Does what the daemon says unasked. A kernel would answer with an error where it cannot; a socket has no way to. */
export function notified(core: Core, notification: Notification): void {
  switch (notification.notification) {
    case 'inval_inode':
      invalidateNode(core, notification.body)
      break
    case 'inval_entry':
      invalidateEntry(core, notification.body)
      break
    case 'delete':
      removeEntry(core, notification.body)
      break
    case 'store':
      store(core, notification.body)
      break
    case 'retrieve':
      retrieve(core, notification.body)
      break
    case 'prune':
      for (const nodeId of notification.body.nodeIds) prune(core, core.inodes.get(nodeId))
      break
    default:
    // `poll`: nobody sleeps here. `resend`, `inc_epoch` and what is unknown change nothing.
  }
}

function invalidateNode(core: Core, { ino, off, len }: NotificationBody<'inval_inode'>): void {
  const inode = core.inodes.get(ino)
  if (!inode) return
  invalidate(inode)
  inode.target = null
  if (off < 0n) return
  if (len <= 0n) for (const index of [...inode.pages.keys()]) if (index * PAGE >= Number(off)) inode.pages.delete(index)
  if (len > 0n) dropPages(inode, Number(off), Number(len))
}

function childOf(core: Core, parent: bigint, name: Buffer): { dir: Inode; child: ReturnType<typeof addDentry> } | null {
  const dir = core.inodes.get(parent)
  const [dentry] = dir?.names ?? []
  const child = dentry?.children.get(name.toString('latin1'))
  return dir && child ? { dir, child } : null
}

function invalidateEntry(core: Core, { parent, name, flags }: NotificationBody<'inval_entry'>): void {
  const dir = core.inodes.get(parent)
  if (dir) invalidate(dir)
  const found = childOf(core, parent, name)
  if (!found) return
  found.child.validUntilNs = Number.NEGATIVE_INFINITY
  if ((flags & INVAL_ENTRY.EXPIRE_ONLY) === 0) dropDentry(core, found.child)
}

function removeEntry(core: Core, { parent, child, name }: NotificationBody<'delete'>): void {
  const found = childOf(core, parent, name)
  if (!found) return
  invalidate(found.dir)
  if (found.child.inode && found.child.inode.nodeId !== child) return
  const dir = found.child.parent
  const text = found.child.name
  dropDentry(core, found.child)
  if (dir) addDentry(core, dir, text, null)
}

function store(core: Core, { nodeId, offset, data }: NotificationBody<'store'>): void {
  const inode = core.inodes.get(nodeId)
  if (!inode) return
  const start = Number(offset)
  if (start + data.length > inode.size) inode.attributes.size = BigInt(start + data.length)
  for (let at = start; at < start + data.length; ) {
    const index = Math.floor(at / PAGE)
    const end = Math.min(start + data.length, (index + 1) * PAGE)
    const whole = at === index * PAGE && (end === (index + 1) * PAGE || end === inode.size)
    const page = inode.pages.get(index) ?? (whole ? Buffer.alloc(PAGE) : null)
    if (page) {
      data.copy(page, at - index * PAGE, at - start, end - start)
      inode.pages.set(index, page)
    }
    at = end
  }
}

function retrieve(core: Core, { notifyUnique, nodeId, offset, size }: NotificationBody<'retrieve'>): void {
  const inode = core.inodes.get(nodeId)
  const pieces: Buffer[] = []
  const end = Math.min(Number(offset) + size, inode?.size ?? 0, Number(offset) + core.features.maxPages * PAGE)
  for (let at = Number(offset); at < end; ) {
    const index = Math.floor(at / PAGE)
    const page = inode?.pages.get(index)
    if (!page) break
    const until = Math.min(end, (index + 1) * PAGE)
    pieces.push(page.subarray(at - index * PAGE, until - index * PAGE))
    at = until
  }
  const data = Buffer.concat(pieces)
  core.connection.postAs(notifyUnique, 'notify_reply', nodeId, { offset, size: data.length, data })
}

function prune(core: Core, inode: Inode | undefined): void {
  if (!inode || inode.opens > 0 || inode.names.size === 0) return
  for (const dentry of [...inode.names]) if (dentry.children.size === 0 && dentry.parent) dropDentry(core, dentry)
  if (inode.names.size > 0) return
  core.inodes.delete(inode.nodeId)
  core.forget(inode.nodeId, inode.nlookup)
}
