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
}
