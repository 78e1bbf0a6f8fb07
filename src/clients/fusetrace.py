"""Waits for tests of FUSE file systems, from Python: a client of a monitor that `fusetrace serve` or `fusetrace record --workload`
serves. One file, standard library only, Python 3.7 or newer; also a pytest plugin (`pytest -p fusetrace`).

    from fusetrace import Monitor
    monitor = Monitor.connect()                    # FUSETRACE_SOCKET, or Monitor.connect("/path/of/socket")
    with monitor.step("create"):
        open(mnt + "/a.txt", "w").close()
    monitor.wait("file-visible", "a.txt")          # WaitError, with an explanation, when it does not come

As a pytest plugin it gives the fixtures `fuse_trace` (a Monitor) and `wait_for` (its waits as methods); each test is a step of the
recording, and a failed test's report ends with its last operations. Without a monitor, tests that ask for the fixtures are skipped.

`SimpleTraceMonitor` and `SimpleWaitHelper` have the names and methods of mergerfs-rs' own helpers: change the import.
"""

import contextlib
import hashlib
import json
import os
import socket
import stat
import subprocess
import tempfile
import threading

__all__ = ["Monitor", "WaitError", "MonitorGone", "SimpleTraceMonitor", "SimpleWaitHelper", "serve"]

PROTOCOL = 1


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
        candidate = os.path.join(directory, hashlib.sha256(os.fsencode(at)).hexdigest()[:24] + ".sock")
        if os.path.exists(candidate):
            return candidate
        parent = os.path.dirname(at)
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
        threading.Thread(target=self._read, daemon=True).start()
        hello = self.call("hello")
        if hello["protocol"] != PROTOCOL:
            raise MonitorGone("the monitor speaks protocol %s, this client %s" % (hello["protocol"], PROTOCOL))
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
        with self._lock:
            self._next += 1
            this = self._next
            message = {"jsonrpc": "2.0", "id": this, "method": method, "params": params}
            try:
                self._socket.sendall(json.dumps(message).encode() + b"\n")
            except OSError as error:
                raise MonitorGone("the monitor has gone: %s" % error) from None
        with self._arrived:
            while this not in self._answers:
                if self._ended is not None:
                    raise MonitorGone(self._ended)
                self._arrived.wait()
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
def serve(*daemon, output=None, command=("fusetrace",), options=()):
    """Starts `fusetrace serve -- DAEMON…` and gives its Monitor; ends both."""
    argv = [*command, "serve", *options, *(["-o", output] if output else []), "--", *daemon]
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


class SimpleTraceMonitor:
    """The monitor of mergerfs-rs' Python tests, by its names."""

    def __init__(self, process=None, monitor=None):
        self.process = process
        self.monitor = monitor or Monitor.connect()

    def start_capture(self):
        return None

    def stop_capture(self):
        self.monitor.close()

    def recent_operations(self, count=10):
        return self.monitor.operations(limit=count)

    def wait_for_operation(self, operation, path=None, timeout=5.0):
        params = {"opcode": operation, **({} if path is None else {"path": str(path)})}
        return _true(lambda: self.monitor.wait("operation", timeout=timeout, **params))

    def wait_for_pattern(self, pattern, timeout=5.0):
        return _true(lambda: self.monitor.wait("logged", pattern, timeout=timeout))


class SimpleWaitHelper:
    """The wait helper of mergerfs-rs' Python tests, by its names: True when it came, False when not."""

    def __init__(self, trace_monitor=None):
        given = trace_monitor if trace_monitor is not None else SimpleTraceMonitor()
        self.trace_monitor = given
        self.monitor = given if isinstance(given, Monitor) else given.monitor

    def _wait(self, kind, *args, timeout, **params):
        return _true(lambda: self.monitor.wait(kind, *[str(arg) for arg in args], timeout=timeout, **params))

    def wait_for_file_visible(self, path, timeout=5.0):
        return self._wait("file-visible", path, timeout=timeout)

    def wait_for_dir_visible(self, path, timeout=5.0):
        return self._wait("dir-visible", path, timeout=timeout)

    def wait_for_write_complete(self, path, timeout=5.0):
        return self._wait("write-complete", path, timeout=timeout)

    def wait_for_deletion(self, path, timeout=5.0):
        return self._wait("deleted", path, timeout=timeout)

    def wait_for_xattr_set(self, path, name, timeout=5.0):
        return self._wait("xattr-set", path, name, timeout=timeout)

    def wait_for_mount_ready(self, mountpoint=None, timeout=10.0):
        return self._wait("mount-ready", timeout=timeout)

    def recent_operations(self, count=10):
        return self.monitor.operations(limit=count)


def _true(wait):
    try:
        wait()
    except WaitError:
        return False
    return True


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
