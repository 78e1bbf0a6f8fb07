"""Waits for tests of FUSE file systems, from Python: a client of a monitor that `fusetrace serve` or `fusetrace record --workload`
serves. One file, standard library only, Python 3.7 or newer; also a pytest plugin (`pytest -p fusetrace`).

    from fusetrace import Monitor
    monitor = Monitor.connect()                    # FUSETRACE_SOCKET, or Monitor.connect("/path/of/socket")
    with monitor.step("create"):
        open(mnt + "/a.txt", "w").close()
    monitor.wait("file-visible", "a.txt")          # WaitError, with an explanation, when it does not come

As a pytest plugin it gives the fixtures `fuse_trace` (a Monitor) and `wait_for` (its waits as methods); each test is a step of the
recording, and a failed test's report ends with its last operations. Without a monitor, tests that ask for the fixtures are skipped.

`SimpleTraceMonitor` and `SimpleWaitHelper` have the names and methods of mergerfs-rs' own helpers: change the import. They also watch
daemons that the tests start themselves: `SimpleTraceMonitor(process)`.
"""

import contextlib
import errno
import hashlib
import json
import os
import queue
import re
import shlex
import socket
import stat
import subprocess
import tempfile
import threading
import time

__all__ = ["Monitor", "WaitError", "MonitorGone", "SimpleTraceMonitor", "SimpleWaitHelper", "FuseTraceMonitor", "serve"]

PROTOCOL = 1
#: How long a monitor may take to say hello.
HELLO_SECONDS = 30


class MonitorGone(Exception):
    """No monitor is served, or it has ended."""


class WaitError(AssertionError):
    """A wait was not satisfied; the message explains why. `code` is fusetrace's (`FT_WAIT_TIMEOUT`, …)."""

    def __init__(self, message, code=None, reason=None, hint=None):
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.hint = hint


def socket_for(path):
    """The socket of the monitor whose mount a path lies in, or None."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    directory = os.path.join(runtime, "fusetrace") if runtime else os.path.join(tempfile.gettempdir(), "fusetrace-sockets-%d" % os.getuid())
    try:
        found = os.lstat(directory)
    except OSError:
        return None
    # Somebody else's sockets are not talked to.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        return None
    at = os.path.abspath(path)
    while True:
        parent = os.path.dirname(at)
        # The mount itself is not asked: it may hang. Only links above it are resolved.
        for name in {at, os.path.join(os.path.realpath(parent), os.path.basename(at))}:
            candidate = os.path.join(directory, hashlib.sha256(os.fsencode(name)).hexdigest()[:24] + ".sock")
            if os.path.exists(candidate):
                return candidate
        if parent == at:
            return None
        at = parent


class Monitor:
    """A connection to a served monitor. Threads may share it; a wait of one does not hold up the others."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.connect(path)
        except OSError as error:
            self._socket.close()
            raise MonitorGone("no monitor answers at %s: %s" % (path, error)) from None
        self.path = path
        self._lock = threading.Lock()
        self._next = 0
        self._answers = {}
        self._arrived = threading.Condition()
        self._ended = None
        # A process that is forked from this one has the socket, but not the thread that reads it.
        self._process = os.getpid()
        threading.Thread(target=self._read, daemon=True).start()
        try:
            hello = self._result(self._send("hello", {}), HELLO_SECONDS)
            if hello["protocol"] != PROTOCOL:
                raise MonitorGone("the monitor speaks protocol %s, this client %s" % (hello["protocol"], PROTOCOL))
        except Exception:
            self.close()
            raise
        self.mountpoint = hello["mountpoint"]
        self.pid = hello["pid"]

    @classmethod
    def connect(cls, path=None, mount=None):
        """The monitor at a socket, else of FUSETRACE_SOCKET, else of the mount that a path (or this directory) lies in."""
        found = path or os.environ.get("FUSETRACE_SOCKET") or socket_for(mount or ".")
        if not found:
            raise MonitorGone("no monitor is served: run under `fusetrace record --workload` or start `fusetrace serve`")
        return cls(found)

    def call(self, method, **params):
        """A request of the protocol, and its result."""
        return self._result(self._send(method, params))

    def _send(self, method, params):
        if os.getpid() != self._process:
            raise MonitorGone("this connection is of the process before the fork: call Monitor.connect() in this one")
        with self._lock:
            self._next += 1
            this = self._next
            message = {"jsonrpc": "2.0", "id": this, "method": method, "params": params}
            try:
                self._socket.sendall(json.dumps(message).encode() + b"\n")
            except OSError as error:
                raise MonitorGone("the monitor has gone: %s" % error) from None
        return this

    def _result(self, this, within=None):
        with self._arrived:
            if not self._arrived.wait_for(lambda: this in self._answers or self._ended is not None, within):
                raise MonitorGone("the monitor at %s does not answer" % self.path)
            if this not in self._answers:
                raise MonitorGone(self._ended)
            answer = self._answers.pop(this)
        if "error" in answer:
            error = answer["error"]
            data = error.get("data") or {}
            if error["code"] == 1:
                raise WaitError(data.get("explanation", error["message"]), data.get("code"), data.get("reason"), data.get("hint"))
            raise ValueError(error["message"])
        return answer["result"]

    def _read(self):
        problem = "the monitor has gone"
        try:
            with self._socket.makefile("rb") as stream:
                for line in stream:
                    answer = json.loads(line)
                    if not isinstance(answer, dict):
                        raise ValueError("it answered what is no answer")
                    with self._arrived:
                        self._answers[answer.get("id")] = answer
                        self._arrived.notify_all()
        except (OSError, ValueError) as error:
            problem = "the monitor has gone: %s" % error
        with self._arrived:
            self._ended = problem
            self._arrived.notify_all()

    def wait(self, kind, *args, timeout=None, since=None, **params):
        """Waits; `timeout` in seconds. Kinds and their params are those of `fusetrace wait --help`."""
        if timeout is not None:
            params["timeoutMs"] = timeout * 1000
        if since is not None:
            params["since"] = since
        return self.call("wait", kind=kind, args=[os.fspath(arg) for arg in args], **params)

    def mark(self, name=None):
        """A mark, for `since`."""
        return self.call("mark", **({} if name is None else {"name": name}))["mark"]

    def fence(self):
        """An exact mark, where the log allows: `{"mark": …, "exact": …}`."""
        return self.call("fence")

    def operations(self, since=None, limit=None):
        """Operations so far, oldest first, as `fusetrace show --operations --json` prints them."""
        params = {key: value for key, value in (("since", since), ("limit", limit)) if value is not None}
        return self.call("operations", **params)["operations"]

    @contextlib.contextmanager
    def step(self, name):
        """A named piece of the run; waits look from its begin on."""
        self.call("step.begin", name=name)
        try:
            yield
        finally:
            self.call("step.end", name=name)

    def stop(self):
        """Ends the monitor; its mount is taken down."""
        self.call("stop")

    def close(self):
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


@contextlib.contextmanager
def serve(*daemon, output=None, command=None, options=()):
    """Starts `fusetrace serve -- DAEMON…` and gives its Monitor; ends both."""
    argv = [*(command or _program()), "serve", *options, *(["-o", output] if output else []), "--", *daemon]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE)
    try:
        line = process.stdout.readline()
        if not line:
            raise MonitorGone("fusetrace serve ended with %s" % process.wait())
        with Monitor(json.loads(line)["socket"]) as monitor:
            yield monitor
            monitor.stop()
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


class Waits:
    """The waits as methods: `wait_for.file_visible("a.txt")`."""

    def __init__(self, monitor):
        self._monitor = monitor

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args, **params: self._monitor.wait(name.replace("_", "-"), *args, **params)


class Operation(dict):
    """An operation as `Monitor.operations` gives it, also by the original's names: `operation`, `timestamp`, `error_code`, `details`."""

    def __init__(self, fields):
        super().__init__(fields)
        code = getattr(errno, str(fields["errno"]), None)
        self.update(operation=fields["opcode"], timestamp=fields["startNs"] / 1e9, error_code=code, details=fields)

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class _Operations(list):
    """A list that is also the method that it once was: `recent_operations[-5:]`, `recent_operations(5)`."""

    def __call__(self, count=10):
        return self[-count:]


class _Daemon:
    """A daemon that a test has started with its log on a pipe, and the monitor that reads it; shared by all who ask for the process."""

    def __init__(self, process):
        self.process = process
        self.lines = []
        self._users = 0
        self._monitor = None
        self._server = None
        self._lock = threading.Lock()
        self._queue = queue.Queue()
        streams = _pipes(process)
        self._open = len(streams)
        for stream in streams:
            threading.Thread(target=self._read, args=(getattr(stream, "buffer", stream),), daemon=True).start()

    @classmethod
    def of(cls, process):
        if not _pipes(process):
            return None
        if getattr(process, "_fusetrace", None) is None:
            process._fusetrace = cls(process)
        return process._fusetrace

    def _read(self, stream):
        # To its end, also when nobody looks any more: a daemon whose pipe is full stands still.
        with contextlib.suppress(OSError, ValueError):
            for line in iter(stream.readline, b""):
                self.lines.append(line.decode("utf-8", "replace").rstrip("\r\n"))
                self._queue.put(line)
        self._queue.put(None)

    def _hand_on(self, stdin):
        with contextlib.suppress(OSError), stdin:
            while self._open > 0:
                line = self._queue.get()
                if line is None:
                    self._open -= 1
                else:
                    stdin.write(line)
                    if self._queue.empty():
                        stdin.flush()

    def use(self):
        with self._lock:
            self._users += 1

    def leave(self):
        with self._lock:
            self._users -= 1
            if self._users > 0 or self._server is None:
                return
            if self._monitor is not None:
                self._monitor.close()
            self._server.terminate()
            self._server.wait()
            self._server.stdout.close()

    def monitor(self, mountpoint, timeout):
        with self._lock:
            if self._monitor is None:
                if self._server is not None:
                    raise MonitorGone("fusetrace serve has ended")
                found = _mount_of(self.process, mountpoint, timeout)
                if found is None:
                    raise MonitorGone("no FUSE mount of process %d has come within %s s" % (self.process.pid, timeout))
                argv = [*_program(), "serve", "--attach", found, "--log", "-", "--timeout", str(max(1.0, timeout) * 1000)]
                self._server = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
                threading.Thread(target=self._hand_on, args=(self._server.stdin,), daemon=True).start()
                line = self._server.stdout.readline()
                if not line:
                    raise MonitorGone("fusetrace serve ended with %s" % self._server.wait())
                self._monitor = Monitor(json.loads(line)["socket"])
            return self._monitor


class SimpleTraceMonitor:
    """The monitor of mergerfs-rs' Python tests, by its names: of the daemon that a test has started with its log on a pipe
    (`SimpleTraceMonitor(process)`), else of the monitor that is served.

    For a daemon of its own it runs a `fusetrace serve` on its mount, which is found among the arguments of the process, or named by
    `mountpoint`. FUSETRACE_PROGRAM names another program than `fusetrace`.
    """

    #: What `wait_for_pattern` knows besides regular expressions.
    patterns = (
        "lookup create write mkdir rmdir unlink getattr setxattr getxattr listxattr removexattr rename read release mount_ready".split()
    )

    def __init__(self, process=None, monitor=None, mountpoint=None):
        self.process = process
        self.mountpoint = mountpoint
        self._given = monitor
        self._daemon = None
        self._stopped = False

    def start_capture(self):
        """Reads the log from now on."""
        if self._given is None and self._daemon is None and not self._stopped:
            self._daemon = _Daemon.of(self.process)
            if self._daemon is None:
                self._given = Monitor.connect()
            else:
                self._daemon.use()

    def stop_capture(self):
        """Ends the capture; the daemon and its mount are left alone."""
        self._stopped = True
        daemon, self._daemon = self._daemon, None
        if daemon is not None:
            daemon.leave()

    @property
    def monitor(self):
        """The Monitor. Raises MonitorGone when none can be had."""
        return self._connected(10.0)

    def _connected(self, timeout):
        if self._stopped:
            raise MonitorGone("the capture has been stopped")
        self.start_capture()
        return self._given or self._daemon.monitor(self.mountpoint, timeout)

    def _operation(self, opcode, path, timeout):
        def wait():
            monitor = self.monitor
            params = {} if path is None else {"path": _below(path, monitor.mountpoint)}
            return Operation(monitor.wait("operation", timeout=timeout, opcode=opcode, **params)["operation"])

        return _found(wait)

    def wait_for_mount_ready(self, timeout=10.0):
        return _found(lambda: self._connected(timeout).wait("mount-ready", timeout=timeout)) is not None

    def wait_for_pattern(self, pattern, timeout=5.0):
        """One of `patterns`, or a regular expression for a line of the log."""
        if pattern == "mount_ready":
            return self.wait_for_mount_ready(timeout)
        if pattern in self.patterns:
            return self._operation(pattern, None, timeout) is not None
        return _found(lambda: self.monitor.wait("logged", pattern, timeout=timeout)) is not None

    @property
    def recent_operations(self):
        """What has ended, oldest first: `recent_operations[-5:]`, or `recent_operations(5)`."""
        operations = map(Operation, self.monitor.operations())
        return _Operations(operation for operation in operations if operation["status"] != "unfinished")

    @property
    def log_lines(self):
        """Of a daemon of its own."""
        return [] if self._daemon is None else self._daemon.lines

    def get_recent_logs(self, count=50):
        return self.log_lines[-count:]


class FuseTraceMonitor(SimpleTraceMonitor):
    """The original's other monitor, by its names."""

    def wait_for_operation(self, operation, path=None, timeout=5.0, check_fn=None):
        """The operation when it has ended (`check_fn`, of one, says whether it is meant), else None."""
        if check_fn is None:
            return self._operation(operation, path, timeout)
        until = time.monotonic() + timeout
        while True:
            with contextlib.suppress(MonitorGone):
                wanted = None if path is None else "/" + _below(path, self.monitor.mountpoint).lstrip("/")
                for candidate in self.completed_operations:
                    if candidate.operation == operation and wanted in (None, candidate.path) and check_fn(candidate):
                        return candidate
            if time.monotonic() >= until:
                return None
            time.sleep(0.02)

    @property
    def completed_operations(self):
        return self.recent_operations

    def get_failed_operations(self):
        return [operation for operation in self.completed_operations if operation["status"] == "error"]

    def get_operation_count(self, operation):
        return sum(1 for one in self.completed_operations if one["opcode"] == operation)

    def get_logs(self):
        return list(self.log_lines)


class SimpleWaitHelper:
    """The wait helper of mergerfs-rs' Python tests, by its names: True when it came, False when not.

    Where the log tells of no operation at all (`RUST_LOG=info`), and without a monitor, it looks at the file system, as the original does.
    """

    def __init__(self, trace_monitor=None):
        if trace_monitor is None:
            with contextlib.suppress(MonitorGone):
                trace_monitor = Monitor.connect()
        if isinstance(trace_monitor, Monitor):
            trace_monitor = SimpleTraceMonitor(monitor=trace_monitor)
        self.trace_monitor = trace_monitor
        self._silent = False

    def _wait(self, kind, path, *args, timeout, there, **params):
        until = time.monotonic() + timeout
        if self.trace_monitor is not None:
            monitor = self.trace_monitor.monitor
            below = _below(path, monitor.mountpoint)
            # A log that has told nothing is given half a second, once, to begin with it.
            while not self._silent or monitor.operations(limit=1):
                told = bool(monitor.operations(limit=1))
                left = max(0.0, until - time.monotonic())
                if _found(lambda: monitor.wait(kind, below, *args, timeout=left if told else min(left, 0.5), **params)) is not None:
                    return True
                if told:
                    return False
                self._silent = True
        while not there(os.fspath(path)):
            if time.monotonic() >= until:
                return False
            time.sleep(0.02)
        return True

    def wait_for_file_visible(self, filepath, timeout=2.0):
        return self._wait("file-visible", filepath, timeout=timeout, there=os.path.exists)

    def wait_for_dir_visible(self, dirpath, timeout=2.0):
        return self._wait("dir-visible", dirpath, timeout=timeout, there=os.path.isdir)

    def wait_for_write_complete(self, filepath, timeout=2.0):
        return self._wait("write-complete", filepath, timeout=timeout, there=os.path.exists)

    def wait_for_deletion(self, path, timeout=2.0):
        return self._wait("deleted", path, timeout=timeout, there=lambda at: not os.path.lexists(at))

    def wait_for_xattr_set(self, path, name, timeout=2.0):
        return self._wait("xattr-set", path, name, timeout=timeout, there=lambda at: name in os.listxattr(at, follow_symlinks=False))

    def wait_for_xattr_operation(self, path, operation="setxattr", timeout=2.0):
        if self.trace_monitor is None:
            return True
        return self.trace_monitor._operation(operation, path, timeout) is not None

    def wait_for_mount_ready(self, mountpoint=None, timeout=10.0):
        return self.trace_monitor is None or self.trace_monitor.wait_for_mount_ready(timeout)

    def recent_operations(self, count=10):
        return [] if self.trace_monitor is None else self.trace_monitor.recent_operations(count)


def _found(wait):
    """What a wait gives, or None."""
    try:
        return wait()
    except (WaitError, MonitorGone):
        return None


def _pipes(process):
    return [stream for stream in (getattr(process, "stdout", None), getattr(process, "stderr", None)) if stream is not None]


def _below(path, mountpoint):
    """A path as the monitor knows it: links above the mountpoint resolved, the mount itself not asked."""
    path = os.fspath(path)
    if mountpoint is None or not os.path.isabs(path) or path.startswith(mountpoint):
        return path
    at = path
    while at != os.path.dirname(at):
        if os.path.join(os.path.realpath(os.path.dirname(at)), os.path.basename(at)) == mountpoint:
            return path[len(at) :] or "/"
        at = os.path.dirname(at)
    return path


def _mount_of(process, named, timeout):
    """Where the process has mounted a FUSE file system; None when none comes."""
    words = process.args if isinstance(process.args, (list, tuple)) else shlex.split(os.fsdecode(process.args))
    try:
        cwd = os.readlink("/proc/%d/cwd" % process.pid)
    except OSError:
        cwd = os.getcwd()
    meant = {os.path.join(cwd, os.fsdecode(word)) for word in ([named] if named is not None else words)}
    meant = {os.path.join(os.path.realpath(os.path.dirname(word)), os.path.basename(word)) for word in map(os.path.normpath, meant)}
    until = time.monotonic() + timeout
    while True:
        with open("/proc/self/mountinfo", "rb") as table:
            for line in table:
                fields = line.split()
                at = os.fsdecode(re.sub(rb"\\([0-7]{3})", lambda code: bytes([int(code[1], 8)]), fields[4]))
                if at in meant and fields[fields.index(b"-") + 1].startswith(b"fuse"):
                    return at
        if time.monotonic() >= until or process.poll() is not None:
            return None
        time.sleep(0.01)


def _program():
    """How fusetrace is called: FUSETRACE_PROGRAM, the package that this file is in, or `fusetrace` on the PATH."""
    if os.environ.get("FUSETRACE_PROGRAM"):
        return shlex.split(os.environ["FUSETRACE_PROGRAM"])
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../bin/fusetrace.js")
    return ["node", here] if os.path.exists(here) else ["fusetrace"]


def _brief(operation):
    names = " → ".join(repr(operation[key]) for key in ("path", "newPath") if operation.get(key) is not None)
    return "%12.6f  %-12s %-10s %s" % (operation["startNs"] / 1e9, operation["opcode"], operation["errno"] or operation["status"], names)


try:
    import pytest
except ImportError:
    pass
else:
    _CONNECTION = []

    def _monitor():
        if not _CONNECTION:
            _CONNECTION.append(Monitor.connect())
        return _CONNECTION[0]

    @pytest.fixture(scope="session")
    def fuse_trace():
        """The monitor that is served; the test is skipped where none is."""
        try:
            return _monitor()
        except MonitorGone as error:
            pytest.skip(str(error))

    @pytest.fixture
    def wait_for(fuse_trace):
        """The monitor's waits as methods."""
        return Waits(fuse_trace)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(item):
        """Each test is a step of the recording."""
        if not os.environ.get("FUSETRACE_SOCKET") and not _CONNECTION:
            yield
            return
        try:
            monitor = _monitor()
            item._fusetrace_mark = monitor.mark()
            monitor.call("step.begin", name=item.nodeid)
        except (MonitorGone, ValueError):
            yield
            return
        yield
        with contextlib.suppress(MonitorGone, ValueError):
            monitor.call("step.end", name=item.nodeid)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(item, call):
        """A failed test's report ends with what the file system was asked last."""
        outcome = yield
        report = outcome.get_result()
        mark = getattr(item, "_fusetrace_mark", None)
        if report.when == "call" and report.failed and mark is not None:
            with contextlib.suppress(MonitorGone, ValueError):
                last = _monitor().operations(since=mark, limit=20)
                report.sections.append(("fusetrace: last operations", "\n".join(map(_brief, last)) or "none"))
