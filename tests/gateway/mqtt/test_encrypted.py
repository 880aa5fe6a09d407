"""Encrypted lines: who is believed, who is refused, and what is said about it."""

from __future__ import annotations

import asyncio
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from facility.model.entries import MqttLink
from gateway.mqtt.reading_ahead import ReadAhead
from tests.gateway.mqtt.broker import CLIMATE, Bench, broker_site, eventually, mosquitto_with, publish
from tests.gateway.mqtt.certificates import lock_key, make_authority, make_certificate
from tests.servers import Server, free_port, require

pytestmark = [pytest.mark.server, pytest.mark.asyncio]

POINT = "climate-401.temperature"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The authority `ca` with the broker, a broker of another name and the gateway; and one nobody knows, `other`."""
    folder = tmp_path_factory.mktemp("keys")
    make_authority(folder, "ca")
    make_authority(folder, "other")
    make_certificate(folder, "broker", "ca", "IP:127.0.0.1")
    make_certificate(folder, "elsewhere", "ca", "DNS:broker.example")
    make_certificate(folder, "gateway", "ca", "DNS:gateway.example")
    make_certificate(folder, "stranger", "other", "DNS:gateway.example")
    lock_key(folder, "gateway", "secret")
    return folder


def conf(keys: Path, name: str, plain_port: int) -> list[str]:
    """An encrypted listener that wants a certificate, and a plain one for devices."""
    return [
        "allow_anonymous true", "listener {port} 127.0.0.1", f"cafile {keys}/ca.pem", f"certfile {keys}/{name}.pem",
        f"keyfile {keys}/{name}.key", "require_certificate true", f"listener {plain_port} 127.0.0.1",
    ]  # fmt: skip


@pytest.fixture
def plain_port() -> int:
    return free_port()


@pytest.fixture
def broker(tmp_path: Path, keys: Path, plain_port: int) -> Iterator[Server]:
    with mosquitto_with(tmp_path, *conf(keys, "broker", plain_port)) as server:
        yield server


def tls(keys: Path, *, ca: str | None = "ca", own: str | None = "gateway") -> dict[str, Any]:
    """The key `tls` as a loaded site file has it."""
    found: dict[str, Any] = {} if ca is None else {"ca_file": f"{keys}/{ca}.pem"}
    return found if own is None else {**found, "cert_file": f"{keys}/{own}.pem", "key_file": f"{keys}/{own}.key"}


async def refusal(port: int, **link: Any) -> str:
    """What the line says when it does not come up."""
    bench = Bench(broker_site(port, **link), durable=True)
    task = asyncio.create_task(bench.line.run())
    await eventually(lambda: len(bench.heard.links) == 1, "being refused")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not bench.heard.links[0].up
    return bench.heard.links[0].detail


@pytest.mark.parametrize("version", ["3.1.1", "5"])
async def test_messages_come_over_an_encrypted_line(broker: Server, keys: Path, plain_port: int, version: str) -> None:
    site = broker_site(broker.port, version=version, tls=tls(keys))
    async with Bench(site, durable=True).running() as bench:
        said = [(CLIMATE, f'{{"temperature": {20 + n / 100}}}') for n in range(500)]
        await asyncio.to_thread(publish, plain_port, *said)
        await eventually(lambda: len(bench.heard.values(POINT)) == 500, "all that came in few records")
        assert bench.heard.values(POINT) == [20 + n / 100 for n in range(500)]
        await eventually(lambda: bench.line.unacknowledged == 0, "acknowledgement")


async def test_bytes_that_were_decrypted_and_not_handed_out_are_not_forgotten(
    broker: Server, keys: Path, plain_port: int
) -> None:
    """A large message followed by a small one ends in the middle of a record: nothing on the wire wakes the loop."""
    site = broker_site(broker.port, tls=tls(keys), max_payload_bytes=1_000_000)
    async with Bench(site, durable=True).running() as bench:
        padding = "x" * 200_000
        said = [(CLIMATE, f'{{"temperature": {n}, "note": "{padding}"}}') for n in range(5)]
        await asyncio.to_thread(publish, plain_port, *said, (CLIMATE, '{"temperature": 30}'))
        await eventually(lambda: bench.heard.values(POINT) == [0, 1, 2, 3, 4, 30], "large ones and the small one")


async def test_a_broker_that_another_authority_vouches_for_is_not_believed(broker: Server, keys: Path) -> None:
    assert "certificate verify failed" in await refusal(broker.port, tls=tls(keys, ca="other"))


async def test_a_broker_that_the_system_does_not_know_is_not_believed(broker: Server, keys: Path) -> None:
    assert "certificate verify failed" in await refusal(broker.port, tls=tls(keys, ca=None, own=None))


async def test_a_broker_of_another_name_is_not_believed(tmp_path: Path, keys: Path) -> None:
    with mosquitto_with(tmp_path, *conf(keys, "elsewhere", free_port())) as broker:
        assert "IP address mismatch" in await refusal(broker.port, tls=tls(keys))


@pytest.mark.parametrize("own", [None, "stranger"])
async def test_a_gateway_without_a_certificate_of_the_authority_is_refused(
    broker: Server, keys: Path, own: str | None
) -> None:
    assert "the broker" in await refusal(broker.port, tls=tls(keys, own=own))


async def test_a_line_in_clear_does_not_reach_an_encrypted_broker(broker: Server) -> None:
    assert "the broker" in await refusal(broker.port)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"ca_file": "none.pem"}, "none.pem is not there or may not be read"),
        ({"ca_file": "gateway.key"}, "cannot be reached"),
        ({"cert_file": "broker.pem", "key_file": "gateway.key"}, "do not fit each other"),
        ({"cert_file": "gateway.pem", "key_file": "secret.key"}, "passphrase"),
    ],
)
async def test_what_is_wrong_with_the_files_is_said(keys: Path, wrong: dict[str, str], said: str) -> None:
    files = {**tls(keys), **{key: f"{keys}/{name}" for key, name in wrong.items()}}
    assert said in await refusal(free_port(), tls=files)


@pytest.mark.parametrize(
    ("user", "password", "said"),
    [
        ("gateway", "open sesame", None),
        ("gateway\n", "open sesame\n", None),
        ("gateway", "wrong-secret", "refuses the gateway"),
        ("gateway", "", "password is empty"),
        ("gateway", None, "password cannot be read"),
        ("gateway", b"\xff\xfe", "is not UTF-8"),
    ],
)
async def test_user_and_password_may_stand_in_files_and_are_never_shown(
    tmp_path: Path, user: str, password: str | bytes | None, said: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "user").write_text(user)
    if password is not None:
        (tmp_path / "password").write_bytes(password if isinstance(password, bytes) else password.encode())
    with mosquitto_with(tmp_path, "listener {port} 127.0.0.1", *_users(tmp_path)) as broker:
        link = {"username_file": f"{tmp_path}/user", "password_file": f"{tmp_path}/password"}
        if said is None:
            async with Bench(broker_site(broker.port, **link), durable=True).running() as bench:
                assert bench.line.up
        else:
            assert said in (detail := await refusal(broker.port, **link))
            assert "secret" not in detail
        assert "sesame" not in caplog.text
        assert "sesame" not in repr(broker_site(broker.port, **link))


def _users(folder: Path) -> list[str]:
    """A password file of Mosquitto's own making with one user."""
    command = [require("mosquitto_passwd"), "-b", "-c", str(folder / "users"), "gateway", "open sesame"]
    subprocess.run(command, check=True, capture_output=True)
    return ["allow_anonymous false", f"password_file {folder}/users"]


async def test_secrets_and_certificates_are_found_from_the_site_file_s_folder(tmp_path: Path) -> None:
    link = MqttLink.model_validate(
        {
            "type": "mqtt",
            "host": "b",
            "password_file": "keys/p",
            "username_file": "/run/u",
            "tls": {"ca_file": "ca.pem"},
        }
    ).anchored(tmp_path)
    assert (link.password_file, link.username_file) == (f"{tmp_path}/keys/p", "/run/u")
    assert link.tls is not None
    assert (link.tls.ca_file, link.tls.cert_file) == (f"{tmp_path}/ca.pem", None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"password_env": "A", "password_file": "b"}, {"username_env": "A", "username_file": "b"},
        {"tls": {"key_file": "a"}}, {"tls": {"insecure": True}},
    ],
)  # fmt: skip
async def test_what_contradicts_itself_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"exclude|without|Extra inputs"):
        MqttLink.model_validate({"type": "mqtt", "host": "b", **wrong})


async def test_what_was_read_ahead_is_handed_out_in_pieces() -> None:
    one, other = socket.socketpair()
    with one, other:
        one.sendall(b"abcdef")
        ahead = ReadAhead(other)
        pieces = [(ahead.recv(most), ahead.has_more) for most in (1, 2, 100)]
        assert pieces == [(b"a", True), (b"bc", True), (b"def", False)]
        assert ahead.fileno() == other.fileno()
        one.close()
        assert ahead.recv(1) == b""
