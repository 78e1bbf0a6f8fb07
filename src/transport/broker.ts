import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HELPERS, POLL_HACK, removeMade } from './helper.js'

/** What a daemon's command says in place of its mountpoint, until the broker knows the number. */
export const BROKER_PLACE = '/dev/fd/fusetrace'
/** The broker's first argument when it is to become the daemon. */
const EXEC = 'fusetrace-exec'
/** Longest path of a socket, bytes. */
const MAX_SOCKET_PATH = 100
/** Longest first message, bytes. */
const MAX_HELLO = 1024 * 1024

/** The number of sendmsg(2), which Perl has no name for. */
const SENDMSG: Readonly<Record<string, number>> = { x64: 46, arm64: 211 }

/**
 * Does what Node cannot without koffi: makes a socket of messages, gives the daemon one end, and carries messages between the
 * other end and a socket of Node's. It is the daemon's stand-in for `fusermount`, or becomes the daemon with the end open.
 */
const script = (perl: string, directory: string, bytes: number): string => `#!${perl}
use strict; use Socket;
my ($place, $sendmsg, $bytes) = ('${directory.replace(/[\\']/g, '\\$&')}', ${SENDMSG[process.arch]}, ${bytes});
my $become = @ARGV && $ARGV[0] eq '${EXEC}';
shift @ARGV if $become;
sub fail { print STDERR "fusermount: @_\\n"; exit 1 }
sub report {
  my $node;
  socket($node, AF_UNIX, SOCK_STREAM, 0) && connect($node, sockaddr_un("$place/socket")) or fail("the stand-in is gone: $!");
  my $words = join("\\0", @_);
  put($node, pack('V', length $words) . $words);
  return $node;
}
sub put { my ($to, $data) = @_; while (length $data) { my $n = syswrite($to, $data) // exit 0; substr($data, 0, $n) = '' } }
if (!$become) {
  for (@ARGV) {
    if ($_ eq '-V' || $_ eq '--version') { print "fusermount3 version: 3.14.0\\n"; exit 0 }
    if ($_ eq '--unmount' || /^-u[qz]*$/) { report('unmount'); exit 0 }
    last if $_ eq '--';
  }
  fail('no socket to send a descriptor to (_FUSE_COMMFD)') unless $ENV{_FUSE_COMMFD};
}
$^F = 1000;
socketpair(my $ours, my $theirs, AF_UNIX, SOCK_SEQPACKET, 0) or fail("socketpair: $!");
for my $socket ($ours, $theirs) { setsockopt($socket, SOL_SOCKET, $_, pack('i', $bytes)) for 7, 8, 32, 33 }
my ($room) = sort { $a <=> $b } map { unpack('i', getsockopt($_, SOL_SOCKET, 7)) - 32 } $ours, $theirs;
my $node = report('mount', $room, @ARGV);
my $child = fork() // fail("fork: $!");
if ($child) {
  close $ours; close $node;
  if ($become) {
    waitpid($child, 0);
    my $fd = fileno $theirs;
    s{${BROKER_PLACE}}{/dev/fd/$fd} for @ARGV;
    exec { $ARGV[0] } @ARGV;
    print STDERR "$ARGV[0]: $!\\n"; exit 127;
  }
  my $byte = "\\0";
  my $iov = pack('P Q', $byte, 1);
  my $control = pack('Q i i i x4', 20, 1, 1, fileno $theirs);
  my $message = pack('x16 P Q P Q x8', $iov, 1, $control, length $control);
  syscall($sendmsg, $ENV{_FUSE_COMMFD} + 0, $message, 0) != -1 or fail("sendmsg: $!");
  exit 0 if $ARGV[0] =~ /^-/;
  my $hack = "$ARGV[0]/${POLL_HACK}";
  my ($file, $made);
  if (!-e $hack && open($file, '>', $hack)) { open($made, '>', "$place/made") && print $made "$hack\\n" }
  exit 0;
}
exit 0 if $become && fork();
close $theirs;
if (!$become) { open(my $asked, '<&=', $ENV{_FUSE_COMMFD}); close $asked }
open(STDIN, '<', '/dev/null'); open(STDOUT, '>', '/dev/null'); open(STDERR, '>', '/dev/null');
$SIG{$_} = 'IGNORE' for qw(TERM INT HUP PIPE);
chdir '/';
my ($from, @queue) = ('');
for (;;) {
  my ($in, $out) = ('', '');
  vec($in, fileno $ours, 1) = 1;
  # A daemon that does not read is given no more than it takes.
  if (@queue) { vec($out, fileno $ours, 1) = 1 } else { vec($in, fileno $node, 1) = 1 }
  select($in, $out, undef, undef);
  if (vec($in, fileno $ours, 1)) {
    my $n = sysread($ours, my $message, $bytes);
    last unless $n;
    put($node, pack('V', $n) . $message);
  }
  if (vec($in, fileno $node, 1)) {
    last unless sysread($node, $from, 1 << 20, length $from);
    while (length $from >= 4) {
      my $length = unpack('L', $from);
      last if length $from < $length;
      push @queue, substr($from, 0, $length, '');
    }
  }
  while (@queue) {
    last unless defined send($ours, $queue[0], 0x4040) || !$!{EAGAIN};
    shift @queue;
  }
}
`

/** What reports itself from the daemon's side. */
export interface BrokerOptions {
  /** The program `perl`. */
  perl: string
  /** Where to make the directory that holds it. */
  scratch: string
  /** Room for messages that is asked for in the socket, bytes. */
  bytes: number
  /** The daemon has its end. `room`: the longest message, bytes; `args`: the helper's arguments. */
  onMount(mount: { socket: Socket; room: number; args: string[]; rest: Buffer }): void
  /** The daemon has asked its helper to unmount: it wants to end. */
  onUnmount(): void
}

export interface Broker {
  /** The stand-in for helpers. */
  readonly program: string
  /** A directory that holds it under all names of a helper, for `PATH`. */
  readonly directory: string
  /** The command that becomes this one, with its end of the socket in place of `BROKER_PLACE`. */
  becoming(command: readonly string[]): string[]
  close(): void
}

/** Whether there is a broker for this machine. */
export const canBroker = (): boolean => process.arch in SENDMSG

/** Makes the broker, and listens for it until it is closed. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const name = 'fusetrace-helper-'
  const near = join(options.scratch, name)
  const directory = mkdtempSync(near.length + 20 > MAX_SOCKET_PATH ? join(tmpdir(), name) : near)
  const server = createServer((socket) => greet(socket, options))
  server.unref()
  const close = (): void => {
    server.close()
    removeMade(directory)
    rmSync(directory, { recursive: true, force: true })
  }
  try {
    await new Promise<void>((done, fail) => {
      server.once('error', fail)
      server.listen(join(directory, 'socket'), done)
    })
    const program = join(directory, 'helper')
    writeFileSync(program, script(options.perl, directory, options.bytes))
    chmodSync(program, 0o700)
    for (const helper of HELPERS) symlinkSync('helper', join(directory, helper))
    return { program, directory, becoming: (command) => [options.perl, program, EXEC, ...command], close }
  } catch (error) {
    close()
    throw error
  }
}

/** Reads what a broker says first: what the daemon wants. */
function greet(socket: Socket, { onMount, onUnmount }: BrokerOptions): void {
  let read = Buffer.alloc(0)
  const take = (chunk: Buffer): void => {
    read = Buffer.concat([read, chunk])
    if (read.length < 4) return
    const length = read.readUInt32LE(0)
    if (length > MAX_HELLO) socket.destroy()
    if (length > MAX_HELLO || read.length < 4 + length) return
    socket.off('data', take)
    const [word, room, ...args] = read.toString('latin1', 4, 4 + length).split('\0')
    if (word === 'mount') onMount({ socket, room: Number(room), args, rest: read.subarray(4 + length) })
    else {
      socket.destroy()
      onUnmount()
    }
  }
  socket.on('error', () => undefined)
  socket.on('data', take)
}
