"""Houqin as an operator has it: commands in child processes, a site file on disk, requests with a token.

Every child is ended by its own process id, whatever happens.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import httpx
from ruamel.yaml import YAML

from tests.servers import free_port, wait_for
from tests.sites import small_site_data

ENDS_WITHIN_S: Final = 10.0
"""What Ctrl-C may take."""


def houqin(*arguments: str | Path) -> list[str]:
    """The command line of `houqin` with messages in English."""
    return [sys.executable, "-m", "houqin", "--language", "en", *(str(argument) for argument in arguments)]


def finished(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself, with what it printed."""
    return subprocess.run(
        houqin(*arguments), capture_output=True, text=True, timeout=60, check=False, env=_environment()
    )


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}


class Child:
    """A long-lived command. Leaving the block ends it, if need be for good."""

    def __init__(self, folder: Path, name: str, *arguments: str | Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._out, self._err = folder / f"{name}.out", folder / f"{name}.err"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(houqin(*arguments), stdout=out, stderr=err, env=_environment())

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def said(self) -> str:
        """Standard output so far."""
        return self._out.read_text(encoding="utf-8")

    @property
    def complained(self) -> str:
        """Standard error so far."""
        return self._err.read_text(encoding="utf-8")

    def wait_said(self, words: str, timeout_s: float = 30.0) -> None:
        """Returns once it has printed `words`."""
        wait_for(lambda: words in self.said or self.process.poll() is not None, f"{words!r} printed", timeout_s)
        assert words in self.said, f"it ended with {self.process.returncode}: {self.complained[-2000:]}"

    def word_after(self, words: str) -> str:
        """The word that follows `words` in what it printed."""
        self.wait_said(words)
        wait_for(lambda: "\n" in self.said.split(words, 1)[1], "the rest of the line")
        return self.said.split(words, 1)[1].split()[0]

    def interrupt(self) -> int:
        """Ctrl-C; its exit code.

        Raises:
            subprocess.TimeoutExpired: it did not end within ten seconds.
        """
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=ENDS_WITHIN_S)

    def end(self) -> None:
        """Ends it for good."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


class Visitor:
    """Somebody who asks the API, with a token or without."""

    def __init__(self, address: str, token: str | None = None) -> None:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self.http = httpx.Client(base_url=address, headers=headers, timeout=20, trust_env=False)

    def __enter__(self) -> Visitor:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def get(self, path: str, **query: str | int) -> Any:
        """The JSON under `/api/v1`."""
        answer = self.http.get(f"/api/v1{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def live(self, **query: str) -> dict[str, dict[str, Any]]:
        """The live points by id."""
        return {point["id"]: point for point in self.get("/live", **query)["points"]}

    def order(self, equipment: str, **wish: Any) -> str:
        """The id of a command."""
        answer = self.http.post(f"/api/v1/equipment/{equipment}/commands", json=wish)
        assert answer.status_code == 202, answer.text
        command: str = answer.json()["command_id"]
        return command


def until(condition: Callable[[], bool], what: str, timeout_s: float = 30.0) -> None:
    """Polls a condition that asks over HTTP."""
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, f"{what} did not happen within {timeout_s:g} s"
        time.sleep(0.1)


def office_data() -> dict[str, Any]:
    """A small office whose links and forecast are free ports of this machine, with a broker of the simulator's own."""
    data = small_site_data(plant_port=free_port(), meters_port=free_port(), broker_port=free_port())
    data["links"]["sensors"]["embedded"] = True
    data["weather"]["forecast"] = [{"provider": "open_meteo", "url": f"http://127.0.0.1:{free_port()}"}]
    data["polls"] = {"fast_s": 0.5, "normal_s": 1, "slow_s": 2}
    return data


def write_site(path: Path, data: Mapping[str, Any]) -> Path:
    """Writes a site file."""
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(data, file)
    return path
