"""What the client says of a monitor that answers nothing, or nonsense."""

import json
import os
import socket
import threading

import pytest

import fusetrace

HELLO = {"protocol": 1, "mountpoint": None, "pid": 1}


@pytest.fixture
def served(tmp_path):
    """Serves one connection: answers each request with what `answer` makes of it, or not at all."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    path = str(tmp_path / "monitor.sock")
    listening.bind(path)
    listening.listen(1)

    def serve(answer):
        def run():
            connection, _ = listening.accept()
            with connection, connection.makefile("rb") as lines:
                for line in lines:
                    text = answer(json.loads(line))
                    if text is not None:
                        connection.sendall(text.encode() + b"\n")

        threading.Thread(target=run, daemon=True).start()
        return path

    yield serve
    listening.close()


def result(request):
    return json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": HELLO})


def test_an_answer_that_is_none(served):
    path = served(lambda request: result(request) if request["method"] == "hello" else "[]")
    with pytest.raises(fusetrace.MonitorGone, match="no answer"):
        fusetrace.Monitor(path).mark()


def test_no_hello(served, monkeypatch):
    monkeypatch.setattr(fusetrace, "HELLO_SECONDS", 0.05)
    with pytest.raises(fusetrace.MonitorGone, match="does not answer"):
        fusetrace.Monitor(served(lambda _: None))


def test_after_a_fork(served):
    monitor = fusetrace.Monitor(served(result))
    child = os.fork()
    if child == 0:
        try:
            monitor.mark()
        except fusetrace.MonitorGone:
            os._exit(7)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WEXITSTATUS(status) == 7
