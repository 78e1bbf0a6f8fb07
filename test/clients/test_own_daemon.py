"""A suite that starts its daemons itself, as mergerfs-rs' own does: only the import of its helpers differs."""

import os
import subprocess

import pytest

from fusetrace import FuseTraceMonitor, SimpleTraceMonitor, SimpleWaitHelper


def mount(tmp_path, *flags):
    for name in ("source", "mount"):
        (tmp_path / name).mkdir()
    argv = ["bindfs", "-f", *flags, str(tmp_path / "source"), str(tmp_path / "mount")]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def mounted(tmp_path, request):
    process = mount(tmp_path, *getattr(request, "param", ["-d"]))
    trace_monitor = SimpleTraceMonitor(process)
    trace_monitor.start_capture()
    assert trace_monitor.wait_for_mount_ready(timeout=30.0)
    yield process, tmp_path / "mount", trace_monitor
    trace_monitor.stop_capture()
    # It is the test's own: nothing of it has been taken down.
    assert os.path.ismount(tmp_path / "mount") and process.poll() is None
    subprocess.run(["umount", str(tmp_path / "mount")], check=True)
    process.wait(timeout=30)


def test_waits(mounted, tmp_path):
    process, mountpoint, trace_monitor = mounted
    wait_helper = SimpleWaitHelper(trace_monitor)
    (mountpoint / "a.txt").write_text("content")
    assert wait_helper.wait_for_file_visible(mountpoint / "a.txt", timeout=30.0)
    assert wait_helper.wait_for_write_complete(mountpoint / "a.txt", timeout=30.0)
    (mountpoint / "dir").mkdir()
    assert wait_helper.wait_for_dir_visible(mountpoint / "dir", timeout=30.0)
    (mountpoint / "a.txt").unlink()
    # By another name of the same place.
    (tmp_path / "alias").symlink_to(tmp_path)
    assert wait_helper.wait_for_deletion(tmp_path / "alias" / "mount" / "a.txt", timeout=30.0)
    assert not wait_helper.wait_for_file_visible(mountpoint / "never", timeout=0.05)
    assert trace_monitor.wait_for_pattern("create", timeout=30.0)
    assert not trace_monitor.wait_for_pattern("symlink never logged", timeout=0.05)
    assert [op["operation"] for op in trace_monitor.recent_operations[-200:] if op.path == "/a.txt" and op.operation == "unlink"]
    assert any("CREATE" in line for line in trace_monitor.get_recent_logs(10000))


def test_two_monitors_of_one_process(mounted):
    process, mountpoint, trace_monitor = mounted
    advanced = FuseTraceMonitor(process)
    advanced.start_capture()
    (mountpoint / "b.txt").write_text("content")
    found = advanced.wait_for_operation("create", "/b.txt", timeout=30.0)
    assert found.error_code is None and found.path == "/b.txt"
    assert advanced.wait_for_operation("write", timeout=30.0, check_fn=lambda op: op.details["path"] == "/b.txt")
    assert not os.path.exists(mountpoint / "missing")
    assert advanced.wait_for_operation("lookup", mountpoint / "missing", timeout=30.0).error_code == 2
    advanced.stop_capture()
    assert advanced.wait_for_operation("destroy", timeout=0.05) is None
    assert SimpleWaitHelper(trace_monitor).wait_for_file_visible(mountpoint / "b.txt", timeout=30.0)


@pytest.mark.parametrize("mounted", [[]], indirect=True)
def test_a_log_that_tells_nothing(mounted):
    process, mountpoint, trace_monitor = mounted
    wait_helper = SimpleWaitHelper(trace_monitor)
    (mountpoint / "c.txt").write_text("content")
    assert wait_helper.wait_for_write_complete(mountpoint / "c.txt", timeout=30.0)
    (mountpoint / "c.txt").unlink()
    assert wait_helper.wait_for_deletion(mountpoint / "c.txt", timeout=30.0)
    assert not wait_helper.wait_for_file_visible(mountpoint / "never", timeout=0.05)


def test_a_daemon_that_ends(tmp_path):
    process = mount(tmp_path, "-d", "--no-such-option")
    trace_monitor = SimpleTraceMonitor(process)
    assert not trace_monitor.wait_for_mount_ready(timeout=30.0)
    trace_monitor.stop_capture()
    process.wait(timeout=30)
    # Without any monitor the helper looks for itself.
    wait_helper = SimpleWaitHelper(None)
    (tmp_path / "d.txt").write_text("content")
    assert wait_helper.wait_for_file_visible(tmp_path / "d.txt")
    assert not wait_helper.wait_for_dir_visible(tmp_path / "d.txt", timeout=0.05)
