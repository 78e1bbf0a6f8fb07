/** What the checker does not find, or finds at another line, each with the reason. */
export const EXCEPTIONS: Readonly<Record<string, string>> = {
  'equals signs become colons | bindfs-d: wrong line':
    'A name among hundreds that looks like a line loses its path: the finding names the line of another kind that went with it.',
  'keys in capitals | gocryptfs-fusedebug: miss':
    'One path of hundreds, of an operation during which another was open: which detail is whose is not certain there.',
  'keys begin with a capital | gocryptfs-fusedebug: miss':
    'One path of hundreds, of an operation during which another was open: which detail is whose is not certain there.',
  'requests of CREATE no longer logged | fuser-simple-debug: miss':
    'A log of requests only, without CREATE, is the same text as the log of a workload that creates nothing.',
  'keys in capitals | fusepy-loopback: miss': 'Concerns what was written, not how: 1 of 294 writes.',
  'keys begin with a capital | fusepy-loopback: miss': 'Concerns what was written, not how: 1 of 294 writes.',
  'error worded differently | juicefs: miss':
    'One line an operation, and a name may hold a newline: a line whose end is not known is read as the begin of the next one.',
  'failures no longer logged | juicefs: miss':
    'One line an operation: without those that failed it is the log of a workload in which nothing fails.',
  'requests of CREATE no longer logged | juicefs: miss':
    'One line an operation: without those of CREATE it is the log of a workload that creates nothing.',
  'each request behind the line after it | juicefs: miss':
    'Whole operations change places: the same text as of a workload in another order.',
  'failures said to be successes | juicefs: miss':
    'One line an operation, and a name may hold a newline: a line whose end is not known is read as the begin of the next one.',
  ...each(
    ['failures no longer logged', 'requests of CREATE no longer logged', 'each request behind the line after it'],
    'moosefs: miss',
    'One line an operation: what is left, in another order, is the log of another workload.',
  ),
  ...each(
    ['failures no longer logged', 'requests of CREATE no longer logged', 'each request behind the line after it'],
    'loggedfs: miss',
    'One line an operation: what is left, in another order, is the log of another workload.',
  ),
  ...each(
    ['failures no longer logged', 'requests of CREATE no longer logged'],
    'glusterfs: miss',
    'One line an operation: what is left is the log of another workload.',
  ),
  'time stamps gone | loggedfs: miss':
    'Its lines have none of their own in syslog: they are read with whatever time another program has put before them.',
  'only requests logged | loggedfs: miss':
    'Only the line of its start is lost: the same text as a log that began later, in which no path is known.',
  'words coloured | loggedfs: miss':
    'Only the line of its start is lost, and only to whoever names the dialect: it comes before the first that shows what stands around words.',
  'names left out | loggedfs: miss':
    'A path that ends in a slash is the root’s: what is left is the log of a workload on the root, with paths that cannot be known.',
  'lines within XML | rclone: miss':
    'rclone traces calls of its inner layers by the same words: one whose arguments do not fit is taken for one of those.',
  'a byte order mark before the log | rclone: miss':
    'Concerns the first request only, which another log may begin behind.',
  'a byte order mark before the log | moosefs: miss':
    'Concerns the first request only, which another log may begin behind.',
  'requests of CREATE no longer logged | s3fs: miss':
    'A log of requests only, without CREATE, is the same text as the log of a workload that creates nothing.',
  'lines as JSON strings | fusepy-loopback: miss':
    'Concerns what was written, not how: 23 of 294 writes, whose text holds quotes, which are escaped once more.',
  'a byte order mark before the log | juicefs: miss':
    'Concerns the first request only, which another log may begin behind.',
  'a byte order mark before the log | s3fs: miss':
    'Concerns the first request only, which another log may begin behind.',
  ...each(
    ['opcode spelled differently', 'commas become semicolons', 'commas left out', 'bars instead of commas'],
    'winfsp: miss',
    'A Create whose disposition is not read is an open, as a workload that opens files would log it.',
  ),
  ...each(
    [
      'a number padded with zeros',
      'a number in brackets',
      'a number in octal',
      'a number in quotes',
      'a number with a sign',
      'equals signs become colons',
      'an event split in two',
    ],
    'winfsp: miss',
    'Only CreateOptions shows that a Create makes a directory; what is not read makes a file.',
  ),
  ...each(
    [
      'mergerfs-rs-trace-nocolor',
      'mergerfs-rs-v-json-nocolor',
      'fuser-simple-debug',
      'juicefs',
      'moosefs',
      's3fs',
      'loggedfs',
      'glusterfs',
    ].map((capture) => `every tenth request not logged | ${capture}`),
    'miss',
    'Nothing is left of a request that is not logged: what is there is the log of a workload without it.',
  ),
  ...each(
    ['fuser-simple-debug', 'juicefs', 'moosefs', 's3fs'].map((capture) => `the newest line first | ${capture}`),
    'miss',
    'Each line is whole by itself: the other way round it is the log of a workload in another order.',
  ),
  ...each(
    [
      'lines of one opcode cut short | juicefs',
      'two lines joined | juicefs',
      'lines of one opcode cut short | loggedfs',
      'a field renamed from the middle of the log on | loggedfs',
      'lines of one opcode cut short | glusterfs',
      'a field renamed from the middle of the log on | glusterfs',
    ],
    'miss',
    'A name may hold a newline and whole lines: one whose end is not there goes on in the next.',
  ),
  ...each(
    [
      'every tenth request not logged',
      'a field renamed from the middle of the log on',
      'opcodes spelled differently in the second half',
    ].map((mutation) => `${mutation} | rclone`),
    'miss',
    'rclone traces calls of its inner layers by the same words: lines that do not fit, and replies to nothing, are taken for those.',
  ),
  ...each(
    [
      'opcodes spelled differently in the second half',
      'lines of one opcode cut short',
      'the field names abbreviated',
    ].map((mutation) => `${mutation} | s3fs`),
    'miss',
    'Other functions of s3fs are logged by the same words, and a name may hold a newline; which getattr is a lookup depends on what came before.',
  ),
  ...each(
    [
      'a field renamed from the middle of the log on',
      'opcodes spelled differently in the second half',
      'lines of one opcode cut short',
    ].map((mutation) => `${mutation} | winfsp`),
    'miss',
    'Disposition and CreateOptions alone show that a Create makes a file or a directory; what is not read makes another.',
  ),
  'opcodes spelled differently in the second half | jacobsa2026-memfs-debug: miss':
    'NewFile beside CreateFile may be a call of its own: its letters are of no opcode.',
}

function each(changes: readonly string[], verdict: string, why: string): Record<string, string> {
  return Object.fromEntries(
    changes.map((change) => [change.includes(' | ') ? `${change}: ${verdict}` : `${change} | ${verdict}`, why]),
  )
}
