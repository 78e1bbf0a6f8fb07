import { describe, expect, test } from 'vitest'
import { readFuserRequest } from '../../src/dialect/text/fuser-request.js'

const read = (raw: string) => readFuserRequest(raw, 0)

describe("fuser's request lines", () => {
  test('a padded id, a padded inode and an escaped name', () => {
    const read1 = read(
      'FUSE(  8) ino 0x000000000000000f CREATE name "bad\\xFF\\n\\u{1b}\\"", mode 0o100644, flags 0x8041    ',
    )
    expect(read1).toMatchObject({ unique: 8, opcode: 'create', facts: { nodeId: '15', entry: 'bad\xff\n\x1b"' } })
  })

  test.each([
    ['LOOKUP name "a"', { facts: { nodeId: '1', entry: 'a' } }],
    ['GETXATTR name "user.x", size GetSize(GetXAttrSize)', { facts: { nodeId: '1', xattr: 'user.x' } }],
    ['SYMLINK target "a.txt", link_name "sym"', { facts: { nodeId: '1', entry: 'sym', target: 'a.txt' } }],
    ['SYMLINK name "sym", link "a.txt"', { facts: { nodeId: '1', entry: 'sym', target: 'a.txt' } }],
    [
      'RENAME src FilenameInDir { dir: INodeNo(1), name: "a }" }, dest FilenameInDir { dir: INodeNo(3), name: "b" }',
      { opcode: 'rename', facts: { nodeId: '1', entry: 'a }', otherNodeId: '3', otherEntry: 'b' } },
    ],
    [
      'RENAME2 name "a", newdir 0x0000000000000003, newname "b"',
      { opcode: 'rename2', facts: { nodeId: '1', entry: 'a', otherNodeId: '3', otherEntry: 'b' } },
    ],
    [
      'LINK ino INodeNo(2), dest FilenameInDir { dir: INodeNo(9), name: "hard" }',
      { facts: { nodeId: '9', entry: 'hard', otherNodeId: '2' } },
    ],
    ['LINK name "hard", oldnodeid 0x0000000000000002', { facts: { nodeId: '1', entry: 'hard', otherNodeId: '2' } }],
    ['WRITE fh FileHandle(3), offset 0, size 5, write flags 0x2', { opcode: 'write', handle: '3' }],
    ['READ fh 3, offset Ok(0), size 4096 thread=fuser-0', { opcode: 'read', handle: '3', thread: 'fuser-0' }],
    ['LOOKUP name "x thread=y"', { thread: null, facts: { entry: 'x thread=y' } }],
    ['FORGET nlookup 2', { opcode: 'forget', noReply: true, forgets: ['1'], forgetCounts: [2] }],
    [
      'BATCHFORGET nodes [ForgetOne { nodeid: INodeNo(5), nlookup: 1 }, ForgetOne { nodeid: INodeNo(6), nlookup: 3 }]',
      { opcode: 'batch_forget', noReply: true, forgets: ['5', '6'], forgetCounts: [1, 3] },
    ],
    ['SYNCFS', { opcode: 'syncfs' }],
    ['', { opcode: 'unknown' }],
  ])('%s', (text, expected) => {
    expect(read(`FUSE( 10) ino 0x0000000000000001 ${text}`)).toMatchObject({ unique: 10, ...expected })
    expect(read(`FUSE( 10) ino 0x0000000000000001: ${text}    `)).toMatchObject({ unique: 10, ...expected })
  })

  test.each([
    'FUSE( 10) ino 0x1 LOOKUP name "a',
    'FUSE( 10) ino 0x1 LOOKUP',
    'FUSE( 10) ino 0x1 lookup name "a"',
    'FUSE(x) ino 0x1 GETATTR',
    'FUSE( 10) ino 1 GETATTR',
    'FUSE',
    '',
  ])('%j is none', (text) => expect(read(text)).toBeNull())
})
