"""A suite as users of the Python original write it: their names, their fixtures; run by `fusetrace record --workload`."""

import os
import subprocess

import pytest

from fusetrace import FuseTraceMonitor, SimpleWaitHelper, WaitError

MOUNT = os.environ["MOUNT"]


def below(*names):
    return os.path.join(MOUNT, *names)


@pytest.fixture
def helper(fuse_trace):
    return SimpleWaitHelper(fuse_trace)


def write(name, text="content"):
    with open(below(name), "w") as file:
        file.write(text)


def test_mount_ready(helper):
    assert helper.wait_for_mount_ready()


def test_file_visible(helper):
    write("a.txt")
    assert helper.wait_for_file_visible("a.txt")


def test_file_visible_by_its_path_in_the_mount(helper):
    write("b.txt")
    assert helper.wait_for_file_visible(below("b.txt"))


def test_dir_visible(helper):
    os.mkdir(below("dir"))
    assert helper.wait_for_dir_visible("dir")


def test_write_complete(helper):
    write("written.txt")
    assert helper.wait_for_write_complete("written.txt")


def test_deletion(helper):
    write("gone.txt")
    os.unlink(below("gone.txt"))
    assert helper.wait_for_deletion("gone.txt")


def test_rename(wait_for):
    write("old.txt")
    os.rename(below("old.txt"), below("new.txt"))
    assert wait_for.renamed("old.txt", "new.txt")["operation"]["newPath"] == "/new.txt"


def test_released(wait_for):
    write("released.txt")
    assert wait_for.released("released.txt")["operation"]["status"] == "ok"


def test_errno(wait_for):
    with pytest.raises(FileNotFoundError):
        os.stat(below("missing"))
    assert wait_for.operation(opcode="lookup", path="/missing")["operation"]["errno"] == "ENOENT"


def test_a_wait_that_is_not_satisfied(helper, wait_for):
    assert not helper.wait_for_file_visible("never", timeout=0.05)
    with pytest.raises(WaitError, match="awaited") as caught:
        wait_for.file_visible("never", timeout=0.05)
    assert caught.value.code == "FT_WAIT_TIMEOUT"


def test_stale_lines_do_not_count(fuse_trace, wait_for):
    write("stale.txt")
    wait_for.write_complete("stale.txt")
    with pytest.raises(WaitError):
        fuse_trace.wait("operation", opcode="create", path="/stale.txt", since=fuse_trace.fence()["mark"], timeout=0.05)


def test_recent_operations(helper):
    write("recent.txt")
    helper.wait_for_write_complete("recent.txt")
    assert any(operation["path"] == "/recent.txt" for operation in helper.recent_operations(50))


def test_trace_monitor(fuse_trace):
    monitor = FuseTraceMonitor(monitor=fuse_trace)
    write("monitored.txt")
    assert monitor.wait_for_operation("create", "/monitored.txt")
    assert monitor.wait_for_pattern(r"monitored\.txt")
    assert not monitor.wait_for_pattern("nobody logs this", timeout=0.05)


def test_another_process(wait_for):
    subprocess.run(["sh", "-c", "echo hi > %s" % below("child.txt")], check=True)
    assert wait_for.file_visible("child.txt")["by"] in ("trace", "probe")


def test_odd_names(wait_for):
    write("ä b\nc.txt")
    assert wait_for.file_visible("ä b\nc.txt")
    name = os.fsdecode(b"x\xffy.txt")
    write(name)
    assert wait_for.file_visible(name)["operation"]["path"] == "/x\\xFFy.txt"
    # Also where only a look at the file system can tell: it comes to be below the mount.
    beside = os.fsdecode(b"beside\xff.txt")
    open(os.path.join("source", beside), "w").close()
    assert wait_for.file_visible(beside)["by"] != "trace"
