import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redactPattern } from '../../src/redact/patterns.js'
import { Redactor } from '../../src/redact/redactor.js'
import { STAND_IN, wholeName } from '../../src/redact/stand-in.js'
import { textsOf } from '../../src/redact/surroundings.js'
import { anyText } from '../any-text.js'
import { tries } from '../tries.js'

const RUN = '/var/tmp/u 1/fusetrace-AbC123'
const texts = [
  { name: 'mount', text: `${RUN}/mount`, kind: 'directory' as const },
  { name: 'branch0', text: `${RUN}/branch0`, kind: 'directory' as const },
  { name: 'run', text: RUN, kind: 'directory' as const },
  ...textsOf({
    home: '/home/José',
    temporary: '/tmp',
    user: 'jose77',
    host: 'jose-laptop',
    environment: { GITHUB_TOKEN: 'very-Secret-123456', SSH_AUTH_SOCK: '/tmp/ssh-1/agent', HOME: '/home/José' },
  }),
]
const redactor = () => new Redactor({ texts, directoriesInLines: true })
/** Stand-ins by their whole names, without what fills them up to the length of what they stand for. */
const unfilled = (text: string): string => text.replace(STAND_IN, (_, name: string) => `{${wholeName(name)}}`)
const inLog = (text: string): string => unfilled(redactor().text(text, 'log'))
const inCommand = (text: string): string => redactor().text(text, 'command')
// Put together here, so that nobody takes this file for one that holds secrets.
const GITHUB = `ghp_${'aB3'.repeat(12)}`
const AWS = `AKIA${'ABCDEFGH12345678'}`
const JWT = `eyJhbGciOiJIUzI1NiJ9.${'eyJzdWIiOiIxMjM0NTY3ODkwIn0'}.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U`

describe('what is replaced in a log', () => {
  test.each([
    ['a GitHub token', `got ${GITHUB}, ok`, 'got {token1}, ok'],
    ['an AWS key', `key ${AWS} of`, 'key {token1} of'],
    ['a JWT', `t=${JWT};`, 't={token1};'],
    ['a bearer', 'Authorization: Bearer abcdefghijklmnop1234', 'Authorization: Bearer {token1}'],
    ['a password that is set', 'mount -o user=x,password=hunter2,ro', 'mount -o user=x,password={secret1},ro'],
    ['a quoted one', '{"password": "hunter2 and more"}', '{"password": "{secret1}"}'],
    ['a URL with a user', 'to https://bob:pa55w0rd@example.org/x', 'to https://{secret1}@example.org/x'],
    ['a secret of the environment', 'auth very-Secret-123456 done', 'auth {GITHUB_TOKEN} done'],
    ['the same twice', `${GITHUB} ${AWS} ${GITHUB}`, '{token1} {token2} {token1}'],
    ['the mountpoint', `mounted on ${RUN}/mount (ro)`, 'mounted on {mount} (ro)'],
    ['what is below a branch', `open("${RUN}/branch0/d/a.txt")`, 'open("{branch0}/d/a.txt")'],
    ['the home directory', 'read /home/José/.config/x', 'read {home}/.config/x'],
    ['a directory in a URL', `file://${RUN}/mount/a`, 'file://{mount}/a'],
    ['a user and a host', 'ssh jose77@jose-laptop', 'ssh {user}@{host}'],
  ])('%s', (_, text, expected) => {
    expect(inLog(text)).toBe(expected)
  })

  test.each([
    ['JSON', JSON.stringify(`"${RUN}/mount"`), '"\\"{mount}\\""'],
    ['JSON in JSON', JSON.stringify(JSON.stringify({ password: 'hunter2' })), '"{\\"password\\":\\"{secret1}\\"}"'],
    ['escaped slashes', `${RUN}/mount/a`.replaceAll('/', '\\/'), '{mount}\\/a'],
    ['octal escapes', `${RUN}/mount`.replace(' ', '\\040'), '{mount}'],
    ['octal escapes of bytes', '/home/Jos\\303\\251/x', '{home}/x'],
    ["Rust's escapes", '/home/Jos\\u{e9}/x', '{home}/x'],
    ['percent signs', `path=${encodeURIComponent(`${RUN}/mount/a b`)}`, 'path={mount}%2Fa%20b'],
    ['percent signs twice', encodeURIComponent(encodeURIComponent('/home/José')), '{home}'],
    ['a token with an escape in it', `%67${GITHUB.slice(1)}`, '{token1}'],
    [
      'colours around the sign',
      '\x1b[3mpassword\x1b[0m\x1b[2m=\x1b[0mhunter2\x1b[0m',
      '\x1b[3mpassword\x1b[0m\x1b[2m=\x1b[0m{secret1}\x1b[0m',
    ],
  ])('in %s', (_, text, expected) => {
    expect(inLog(text)).toBe(expected)
  })

  test('a key over several lines, and what comes between of another stream stays', () => {
    const one = redactor()
    const lines = [
      '-----BEGIN OPENSSH PRIVATE KEY-----',
      'b3BlbnNzaC1rZXktdjEAAAAA',
      'QUJD',
      '-----END OPENSSH PRIVATE KEY-----',
      'LOOKUP /a',
    ]
    expect(lines.map((line) => unfilled(one.line(line, 'stderr')))).toEqual([
      lines[0],
      '{key1}',
      '{key2}',
      lines[3],
      'LOOKUP /a',
    ])
    one.line(lines[0] as string, 'stderr')
    expect(one.line('unique: 2, opcode: LOOKUP (1), nodeid: 1', 'stdout')).toBe(
      'unique: 2, opcode: LOOKUP (1), nodeid: 1',
    )
  })

  test('a key in one line', () => {
    expect(inLog('k="-----BEGIN RSA PRIVATE KEY-----\\nMIIEow\\n-----END RSA PRIVATE KEY-----"')).toBe(
      'k="-----BEGIN RSA PRIVATE KEY-----{key1}-----END RSA PRIVATE KEY-----"',
    )
  })
})

describe('what stays in a log', () => {
  test.each([
    'LOOKUP /password.txt',
    'LOOKUP /tokens/secret.json',
    'create /tmp/a.txt',
    'mkdir /root',
    'getxattr key=user.mergerfs.version',
    'unique: 12, opcode: LOOKUP (1), nodeid: 1, insize: 46, pid: 17',
    'token=3 secret=no password= key=',
    'open /home/other/x',
    'rename /key=value.txt -> /token: next.txt',
    'write size=4096 offset=0 fh=0x7f0001020304',
    'the author of jose77.txt',
    'sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'https://example.org:8080/a@b',
    'user_id=1000 Basic authentication',
    '{home} {token1}',
  ])('%s', (text) => {
    expect(inLog(text)).toBe(text)
  })
})

test('commands lose what is only likely, too', () => {
  expect(inCommand('sshfs jose77@jose-laptop:/x /tmp/mnt')).toBe('sshfs {user}@{host}:/x {tmp}/mnt')
  expect(inCommand('-rw-r--r-- 1 jose77 jose77 0 a')).toBe('-rw-r--r-- 1 {user} {user} 0 a')
  expect(inCommand('/var/tmp/x /tmpfs')).toBe('/var/tmp/x /tmpfs')
})

test('patterns of the user, with a group the group alone', () => {
  const one = new Redactor({ patterns: [redactPattern('customer-\\d+'), redactPattern(/serial=(\w+)/i)] })
  expect(unfilled(one.text('customer-17 Serial=abcd customer-18 customer-17 é', 'log'))).toBe(
    '{redacted1} Serial={redacted2} {redacted3} {redacted1} é',
  )
  expect(one.counts).toEqual({ redacted: 4 })
  expect(() => redactPattern('(')).toThrow(/no regular expression/)
  expect(() => redactPattern('a*')).toThrow(/empty text/)
})

test('stand-ins of the same length, where lengths matter', () => {
  const one = new Redactor({ texts, directoriesInLines: true, exactLength: true })
  const raw = `a\0${RUN}/mount/x\0${GITHUB}\0password=abcd\0`
  const redacted = one.raw(raw, 'log')
  expect(redacted.length).toBe(raw.length)
  expect(redacted).toMatch(/^a\0\{mount~*\}\/x\0\{token1~*\}\0password=\{s1\}\0$/)
})

test('bytes that are no UTF-8 stay around what is replaced', () => {
  expect(unfilled(redactor().raw(`\xff${GITHUB}\xfe`, 'log'))).toBe('\xff{token1}\xfe')
})

test('whatever is written around it, and again is the same', () => {
  fc.assert(
    fc.property(anyText, anyText, (before, after) => {
      const text = redactor().text(`${before} ${GITHUB} ${RUN}/mount ${after}`, 'log')
      expect(text).not.toContain(GITHUB)
      expect(text).not.toContain(RUN)
      expect(redactor().text(text, 'log')).toBe(text)
    }),
    { numRuns: tries(5, 50) },
  )
})

test('long lines that nearly match take no longer for it', () => {
  const one = redactor()
  for (const piece of [
    'eyJ-',
    'eyJaaaaaaaa.',
    '-----BEGIN PRIVATE KEY',
    '-----BEGIN PRIVATE KEY-----',
    'http://a:',
    'password=',
    'cookie: a=',
    '\\u{',
    'bearer ',
  ]) {
    one.raw(piece.repeat(200_000 / piece.length), 'log')
  }
})

test('what two of the user’s patterns share is replaced whole', () => {
  const patterns = ['alpha-beta', 'beta-gamma'].map(redactPattern)
  const shown = new Redactor({ patterns }).raw('see alpha-beta-gamma here', 'command')
  expect(shown).toBe('see {redacted1} here')
})

test.each(['password=none', 'secret: undefined', 'password=redacted', 'passwd=<unset>', 'password=******'])(
  '%s says nothing and stays',
  (text) => expect(inCommand(text)).toBe(text),
)
