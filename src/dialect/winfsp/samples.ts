import type { Sample } from '../core/dialect.js'

const AT = 'memfs-x64[TID=0ff4]: FFFFD38599230BB0: '

export const winfspSamples: readonly Sample[] = [
  {
    lines: `${AT}>>Create [UT---C] "\\a", FILE_OPEN, CreateOptions=40, FileAttributes=0, Security=NULL, AllocationSize=0:0, AccessToken=0000[PID=1a4], DesiredAccess=1\n${AT}<<Create IoStatus=c0000034[0]`,
    events: [
      { kind: 'request', unique: null, opcode: 'open', path: '/a', pid: 0x1a4 },
      { kind: 'reply', status: 'error', errno: 'ENOENT' },
    ],
  },
  {
    lines: `${AT}>>Create [UT----] "\\d, FILE_OPEN", FILE_CREATE, CreateOptions=21\n${AT}<<Create IoStatus=0[2] UserContext=0:1`,
    events: [
      { opcode: 'mkdir', path: '/d, FILE_OPEN' },
      { status: 'ok', errno: null },
    ],
  },
  {
    lines: `${AT}>>Write "\\d\\f"0000000000000000:00000000000001F4, Address=0, Offset=0:1000, Length=5, Key=0\n${AT}<<Write IoStatus=0[5]`,
    events: [{ opcode: 'write', path: '/d/f', values: { size: 5, offset: 4096 } }, { status: 'ok' }],
  },
  {
    lines: `${AT}>>SetInformation [Rename] "\\d\\f"0:1F4, NewFileName="\\g", AccessToken=0\n${AT}<<SetInformation IoStatus=0[0]`,
    events: [{ opcode: 'rename', path: '/d/f', newPath: '/g' }, { status: 'ok' }],
  },
  {
    lines: `${AT}>>Cleanup [Delete] "\\g", 0:1F4\n${AT}<<Cleanup IoStatus=0[0]\n${AT}>>Close 0:1F4\n${AT}<<Close IoStatus=0[0]`,
    events: [{ opcode: 'unlink', path: '/g' }, { status: 'ok' }, { opcode: 'release' }, { status: 'ok' }],
  },
  {
    lines: `FFFF12345678: >>QueryDirectory "\\"0:1, Address=0, Length=4096\nFFFF12345678: <<QueryDirectory IoStatus=80000006[0]`,
    events: [{ opcode: 'readdir', path: '/' }, { status: 'ok' }],
  },
]
