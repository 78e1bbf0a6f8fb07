/** What the checker does not find, or finds at another line, each with the reason. */
export const EXCEPTIONS: Readonly<Record<string, string>> = {
  'a word taken out | rclone-vv-debugfuse: miss':
    "The line of rclone's one fallocate has no opcode; nothing but its prefix said what it is.",
  'a field gone | mergerfs-rs-v-json-nocolor: wrong line':
    'Without thread ids, lines that lie between two operations are attributed otherwise; the finding names a line that did not change.',
  'indentation | mergerfs-rs-v-pretty-nocolor: wrong line':
    'Events of several lines: the finding names another line of the event.',
  'requests logged twice | mergerfs-rs-v-pretty-nocolor: wrong line':
    'Events of several lines: the finding names another line of the event.',
  'a new line beside each request | mergerfs-rs-v-pretty-nocolor: wrong line':
    'Events of several lines: the finding names another line of the event.',
  'three lines of prose to each request | mergerfs-rs-v-pretty-nocolor: wrong line':
    'Events of several lines: the finding names another line of the event.',
  'requests of CREATE no longer logged | fuser-simple-debug: miss':
    'A log of requests only, without CREATE, is the same text as the log of a workload that creates nothing.',
  'each request behind the line after it | mergerfs-rs-trace-nocolor: miss':
    'The only error line is attributed to the operation before; one failure of 326 operations.',
  'each request behind the line after it | mergerfs-rs-v-json-nocolor: miss':
    'The only error line is attributed to the operation before; one failure of 326 operations.',
  'keys in quotes | mergerfs-rs-v-json-nocolor: miss':
    'The quotes end the JSON string of renames and links only, 4 of 326 operations, which a log without them shows as well.',
  'a number with separators | gocryptfs-fusedebug: miss':
    'Only node numbers above 999 get a separator; most requests are read as before.',
  'logfmt | rclone-vv-debugfuse: false alarm':
    "Wrapped lines hide the end of rclone's own subjects; a path is read otherwise.",
  'opcodes with FUSE_ before them | bindfs-d: miss':
    'A name among hundreds that looks like a line, or a detail between two lines: one or two paths of hundreds, below what counts as more than an accident.',
  'opcodes with FUSE_ before them | libfuse3-passthrough_ll-d: miss':
    'A name among hundreds that looks like a line, or a detail between two lines: one or two paths of hundreds, below what counts as more than an accident.',
  'keys in capitals | gocryptfs-fusedebug: miss':
    'A name among hundreds that looks like a line, or a detail between two lines: one or two paths of hundreds, below what counts as more than an accident.',
  'keys in capitals | jacobsa2026-memfs-debug: miss':
    'A name among hundreds that looks like a line, or a detail between two lines: one or two paths of hundreds, below what counts as more than an accident.',
  'keys begin with a capital | gocryptfs-fusedebug: miss':
    'A name among hundreds that looks like a line, or a detail between two lines: one or two paths of hundreds, below what counts as more than an accident.',
  'keys begin with a capital | jacobsa2026-memfs-debug: miss':
    'A name among hundreds that looks like a line, or a detail between two lines: one or two paths of hundreds, below what counts as more than an accident.',
  'equals signs become colons | bindfs-d: miss':
    'A name among hundreds that looks like a line, or a detail between two lines: one or two paths of hundreds, below what counts as more than an accident.',
  'blank lines between | libfuse3-passthrough_ll-d: miss':
    'A name among hundreds that looks like a line, or a detail between two lines: one or two paths of hundreds, below what counts as more than an accident.',
  'blank lines between | bindfs-d: miss':
    'A name among hundreds that looks like a line, or a detail between two lines: one or two paths of hundreds, below what counts as more than an accident.',
  'a heartbeat among the lines | bindfs-d: miss':
    'A name among hundreds that looks like a line, or a detail between two lines: one or two paths of hundreds, below what counts as more than an accident.',
  'three lines of prose to each request | bindfs-d: miss':
    'A name among hundreds that looks like a line, or a detail between two lines: one or two paths of hundreds, below what counts as more than an accident.',
  'three lines of prose to each request | libfuse3-passthrough_ll-d: miss':
    'A name among hundreds that looks like a line, or a detail between two lines: one or two paths of hundreds, below what counts as more than an accident.',
  'requests of CREATE no longer logged | s3fs: miss':
    'A log of requests only, without CREATE, is the same text as the log of a workload that creates nothing.',
  'requests of CREATE no longer logged | juicefs: miss':
    'One line an operation: without those of CREATE it is the log of a workload that creates nothing.',
  'failures no longer logged | juicefs: miss':
    'One line an operation: without those that failed it is the log of a workload in which nothing fails.',
  'error worded differently | juicefs: miss':
    'One line an operation: those that failed are not read at all, 25 of 224, and nothing else shows that they were there.',
  'failures said to be successes | juicefs: miss':
    'One line an operation: those that failed are not read at all, 25 of 224, and nothing else shows that they were there.',
  'each request behind the line after it | juicefs: miss':
    'Whole operations change places: the same text as of a workload in another order.',
  'requests logged twice | juicefs: false alarm':
    'One line an operation: the second of two equal lines is not read, and counts as a reply without a request.',
  'requests of CREATE no longer logged | virtiofsd: wrong line':
    'The lines that changed are gone; the finding can only name the replies that are left.',
  'double quotes become single | fusepy-loopback: miss':
    'Concerns what was written, not how: 18 of 294 writes, whose data holds a quote.',
  'keys in capitals | fusepy-loopback: miss': 'Concerns what was written, not how: 1 of 294 writes.',
  'keys begin with a capital | fusepy-loopback: miss': 'Concerns what was written, not how: 1 of 294 writes.',
  'logfmt | fusepy-loopback: false alarm':
    'The level stands in a key of its own now, behind which that of the line is not seen.',
  ...each(
    ['opcode spelled differently', 'commas become semicolons', 'commas left out', 'bars instead of commas'],
    'winfsp: miss',
    'A Create whose disposition is not read is an open, as a workload that opens files would log it.',
  ),
  ...each(
    ['a number padded with zeros', 'a number in brackets', 'a number in octal'],
    'winfsp: miss',
    'Only CreateOptions shows that a Create makes a directory; what is not read makes a file.',
  ),
  ...each(
    [
      'a field renamed',
      'a field gone',
      'a number in hexadecimal',
      'a number padded with zeros',
      'a number with a unit',
      'a number in quotes',
      'a number in brackets',
      'keys in capitals',
      'keys begin with a capital',
      'keys in quotes',
      'a number in octal',
      'a number with separators',
      'a number with a sign',
      'a number with a fraction',
    ],
    'alluxio: wrong line',
    'An Exit repeats what its Enter said: the finding names the Exit that has no Enter any more, a line that did not change.',
  ),
}

function each(mutations: readonly string[], verdict: string, why: string): Record<string, string> {
  return Object.fromEntries(mutations.map((mutation) => [`${mutation} | ${verdict}`, why]))
}
