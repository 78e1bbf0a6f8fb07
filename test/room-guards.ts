/** A line that keeps harm away, and what stands in its place when it is taken out. */
export interface Guard {
  /** What it keeps away. */
  readonly what: string
  readonly file: string
  readonly line: string
  readonly broken: string
  /** The quick tests that hold it up. */
  readonly tests: string
}

type Row = readonly [what: string, line: string, broken: string]

/** Lines of a file, held up by one test file. */
const of = (file: string, tests: string, ...rows: Row[]): Guard[] =>
  rows.map(([what, line, broken]) => ({ what, file, line, broken, tests }))

/** Of the rooms beside those that waits rest on: messages, faults, the stand-in kernel, relay, server, the kernel's events, output. */
export const ROOM_GUARDS: readonly Guard[] = [
  ...of('wire/cursor.ts', 'test/wire/bounds.test.ts', [
    'a name that goes on into what is behind the arguments',
    ' || nul >= this.end',
    '',
  ]),
  ...of(
    'wire/dirents.ts',
    'test/wire/bounds.test.ts',
    [
      'an entry of a listing with a name that no kernel takes',
      'if (namelen === 0 || namelen > MAX_NAME_BYTES)',
      'if (false)',
    ],
    ['an entry of a listing that is cut', 'if (before + align(HEAD_BYTES + namelen) > reader.left) break', ''],
  ),
  ...of('wire/read-fields.ts', 'test/wire/bounds.test.ts', [
    'a list that is longer than its message',
    'if (count * bytes > reader.left)',
    'if (false)',
  ]),
  ...of('wire/extensions.ts', 'test/wire/bounds.test.ts', [
    'more groups than there is room for',
    'if (count * 4 > reader.left)',
    'if (false)',
  ]),
  ...of(
    'faults/message-relay.ts',
    'test/faults/message-relay.test.ts',
    ['an interrupt of what the daemon has', 'if (!giveUp) return false', 'if (!giveUp) return true'],
    ['a fault that meets an answer twice', 'this.#pending.delete(unique)\n', '\n'],
  ),
  ...of('faults/fault.ts', 'test/faults/plan.test.ts', ['an error that no answer can have', ' || number > 511', '']),
  ...of(
    'vfs/init.ts',
    'test/vfs/limits.test.ts',
    ['a daemon of another major version', 'reply.major !== 7 || ', ''],
    ['a daemon that is too old', ' || reply.minor < OLDEST_MINOR', ''],
    ['messages that a socket cannot carry', 'Math.min(asked, room)', 'asked'],
    [
      'writes that a daemon does not take',
      'Math.min(Math.max(PAGE, reply.maxWrite), maxPages * PAGE)',
      'reply.maxWrite',
    ],
  ),
  ...of('vfs/unanswered.ts', 'test/vfs/limits.test.ts', [
    'a request that is given up with one before it',
    'if (endNs > nowNs) nextNs = Math.min(nextNs, endNs)\n        else this',
    'this',
  ]),
  ...of('vfs/lookup.ts', 'test/vfs/hostile.test.ts', [
    'a directory within itself',
    "if (at === dentry) throw new Errno('ELOOP')",
    'if (at.parent === at) break',
  ]),
  ...of('vfs/names.ts', 'test/vfs/hostile.test.ts', [
    'another thing than was to be made',
    "if ((entry.attr.mode & 0o170000) !== type) throw new Errno('EIO')",
    '',
  ]),
  ...of('vfs/file-calls.ts', 'test/vfs/hostile.test.ts', [
    'more copied than was asked for',
    "if (bytes > length) throw new Errno('EIO')",
    '',
  ]),
  ...of(
    'vfs/notifications.ts',
    'test/vfs/hostile.test.ts',
    ['content for a daemon beyond what a message holds', ', Number(offset) + core.features.maxPages * PAGE', ''],
    ['an open file that is pruned', 'inode.opens > 0 || inode.names.size === 0', 'inode.names.size === 0'],
  ),
  ...of(
    'relay/user-mount.ts',
    'test/relay/mounter.test.ts',
    ['an option that becomes two', "option.replace(/[\\\\,]/g, '\\\\$&')", 'option'],
    ['a device that is left open', 'if (device !== null) closeSync(device)', ''],
    ['a helper that hangs', "if (failure === LATE) child.kill('SIGKILL')", ''],
  ),
  ...of('relay/mounter.ts', 'test/relay/mounter.test.ts', [
    'a mount with programs that get more rights, and with devices',
    '(FLAGS.nosuid ?? 0) | (FLAGS.nodev ?? 0)',
    '0',
  ]),
  ...of(
    'relay/thread.ts',
    'test/relay/thread.test.ts',
    ['messages that are kept without a bound', 'Atomics.load(data.shared, Shared.waiting) > data.limitBytes', 'false'],
    ['an order that is lost while the daemon reads nothing', 'queue.length > 0 || !trySend(bytes)', '!trySend(bytes)'],
    ['a request that is taken back and ends the mount', ' || bytes === -ENOENT) return false', ') return false'],
    ['an end that is told twice', 'if (ended) return', ''],
    ['a thread that fails and leaves the mount', '  closeDaemon()\n}\nflush()', '}\nflush()'],
  ),
  ...of(
    'serve/server.ts',
    'test/serve/server.test.ts',
    ['clients without a bound', 'if (clients.size >= maxClients)', 'if (false)'],
    ['sockets beside one that somebody has named', 'if (!NAME.test(basename(own))) return', ''],
    ['a long message that ends', 'if (line.length > MAX_MESSAGE) throw', 'if (false) throw'],
  ),
  ...of('serve/server.ts', 'test/serve/bounds.test.ts', [
    'waits of clients that have gone',
    "for (const controller of this.#pending.values()) controller.abort('the client has gone')",
    '',
  ]),
  ...of(
    'serve/socket-path.ts',
    'test/serve/server.test.ts',
    ['a socket in a directory of anybody’s', 'if (directoryProblem(directory) !== null) return null', ''],
    ['a directory that is a link', "if (!stat.isDirectory()) return 'it is no directory'", ''],
  ),
  ...of(
    'serve/methods.ts',
    'test/serve/bounds.test.ts',
    ['steps without a bound', 'if (steps.length >= 100) throw', 'if (false) throw'],
    ['marks without a bound', 'this.#marks.size > MAX_MARKS ? this.#marks.keys() : []', '[]'],
    ['answers without a bound', 'Math.min(limit, MAX_OPERATIONS)', 'limit'],
  ),
  ...of('serve/client.ts', 'test/serve/bounds.test.ts', [
    'words of a server that reach the terminal raw',
    'printableLines(text)',
    'text',
  ]),
  ...of(
    'kernel/one-connection.ts',
    'test/kernel/sources.test.ts',
    ['events of the mount that got our number', 'if (isInit && this.#begun)', 'if (false)'],
    ['events that are held without a bound', 'this.#held.length < MAX_HELD', 'true'],
    ['events of the mount that had our number', 'held.slice(Math.max(0, first))', 'held'],
  ),
  ...of('kernel/open-source.ts', 'test/kernel/sources.test.ts', [
    'a bug that looks like a machine without BPF',
    "if (!(error instanceof FusetraceError) || error.code !== 'FT_ENVIRONMENT') throw error",
    '',
  ]),
  ...of('kernel/bpf-source.ts', 'test/kernel/sources.test.ts', [
    'half an answer that is taken for the whole',
    "whole || edge === 'send' ? body : ''",
    'body',
  ]),
  ...of('kernel/bpf-queue.ts', 'test/kernel/bpf-record.test.ts', [
    'a count of losses that goes round',
    '(dropped - this.#dropped) >>> 0',
    'dropped - this.#dropped',
  ]),
  ...of('report/page-html.ts', 'test/report/page-html.test.ts', [
    'a page that loads something',
    `"default-src 'none'",`,
    '',
  ]),
  ...of('export/csv.ts', 'test/export/bounds.test.ts', ['a formula in a spreadsheet', "? `'", '? `']),
  ...of(
    'cli/git.ts',
    'test/cli/git.test.ts',
    ['a name that is a pattern', "'--literal-pathspecs', ", ''],
    ['a program that a repository names', "'-c', 'core.fsmonitor=false', ", ''],
    ['a file that is written over', "'wx', 0o600", "'w', 0o666"],
  ),
  ...of('cli/recording-arguments.ts', 'test/cli/failure.test.ts', [
    'an output that is the input under another name',
    'from?.ino === to.ino && from.dev === to.dev',
    'input === output',
  ]),
]
