"""The process that makes a trial: it ends with the one that began it, whatever became of that one."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SCRIPT = """
import multiprocessing, signal

from controller.replay.desk import end_with_parent


def work(sender):
    end_with_parent()
    sender.send(0)
    signal.pause()


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=work, args=(sender,), daemon=True)
    child.start()
    receiver.recv()
    print(child.pid, flush=True)
    signal.pause()
"""


def is_gone(pid: int) -> bool:
    """Whether a process has ended, be it that nobody asked how yet."""
    try:
        said = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return said.rpartition(")")[2].split()[0] == "Z"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_a_trial_does_not_outlive_a_server_that_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "begins.py"
    script.write_text(SCRIPT, encoding="utf-8")
    command = [sys.executable, str(script)]
    with subprocess.Popen(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert not is_gone(pid)
        parent.kill()
    deadline = time.monotonic() + 30
    while not is_gone(pid):
        assert time.monotonic() < deadline, "it goes on alone"
        time.sleep(0.05)
