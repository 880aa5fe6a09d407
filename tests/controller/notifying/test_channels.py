"""Each way to people against a real server of its shape: what is sent, and what its answers mean."""

from __future__ import annotations

import base64
import email
import email.policy
import hashlib
import hmac
import shutil
import ssl
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from controller.notifying.addresses import is_local, resolve
from controller.notifying.channels import sender_of
from controller.notifying.dingtalk import sign
from controller.notifying.mail import Mail
from controller.notifying.message import Composed
from controller.notifying.webhook import signature
from controller.notifying.wording import cut
from facility.bus.messages import AlarmLevel
from facility.errors import DeliveryRefused, NotDelivered
from facility.model.alarm_entries import Channel, ChannelBase, MailChannel
from tests.controller.notifying.servers import Answer, PostOffice, Robot, post_office, robot
from tests.servers import free_port

pytestmark = pytest.mark.asyncio

ENTRY: TypeAdapter[ChannelBase] = TypeAdapter(Channel)
MESSAGE = Composed(
    id="0123456789abcdef", title="【严重】某局机关：报警", lines=["07-15 10:00 线路断开"], level=AlarmLevel.SERIOUS,
    items=[{"key": "link_down:a"}],
)  # fmt: skip
SECRETS = {"THE_URL": "", "THE_SECRET": "SECgeheim", "THE_USER": "houqin", "THE_PASSWORD": "passwort"}


def entry_of(kind: str, **more: Any) -> ChannelBase:
    return ENTRY.validate_python({"type": kind, "timeout_s": 1.0, "allow_local": True, **more})


async def sent_to(made: Robot, kind: str, **more: Any) -> None:
    entry = entry_of(kind, url_env="THE_URL", **more)
    await sender_of(entry, {**SECRETS, "THE_URL": made.url}).send(MESSAGE)


async def test_a_webhook_is_signed_over_its_time_and_body() -> None:
    async with robot() as made:
        await sent_to(made, "webhook", secret_env="THE_SECRET")
    asked = made.asked[0]
    at_s, _, given = asked.headers["x-houqin-signature"].removeprefix("t=").partition(",v1=")
    expected = hmac.new(b"SECgeheim", f"{at_s}.".encode() + asked.body, hashlib.sha256).hexdigest()
    assert given == expected
    assert signature("k", 7, b"x").startswith("t=7,v1=")
    assert asked.headers["x-houqin-delivery"] == MESSAGE.id
    assert asked.document["title"] == MESSAGE.title
    assert asked.document["items"] == [{"key": "link_down:a"}]


async def test_a_wecom_robot_gets_markdown_within_its_bytes() -> None:
    async with robot() as made:
        await sent_to(made, "wecom", mention=["zhangsan"])
        await sent_to(made, "wecom", format="text", mention=["@all"])
    markdown, text = (asked.document for asked in made.asked)
    assert made.asked[0].query == {"key": ["topsecretkey"]}
    assert markdown["msgtype"] == "markdown"
    content = markdown["markdown"]["content"]  # type: ignore[index]
    assert content.startswith('### <font color="warning">')
    assert "> 07-15 10:00 线路断开" in content
    assert content.endswith("<@zhangsan>")
    assert text["text"] == {"content": MESSAGE.text, "mentioned_list": ["@all"]}


async def test_a_dingtalk_robot_is_signed_as_its_documentation_says() -> None:
    async with robot() as made:
        await sent_to(made, "dingtalk", secret_env="THE_SECRET", mention=["13800000000"])
    asked = made.asked[0]
    at_ms = asked.query["timestamp"][0]
    digest = hmac.new(b"SECgeheim", f"{at_ms}\nSECgeheim".encode(), hashlib.sha256).digest()
    assert asked.query["sign"] == [base64.b64encode(digest).decode()]
    assert len(at_ms) == 13
    assert asked.document["msgtype"] == "markdown"
    assert asked.document["at"] == {"atMobiles": ["13800000000"], "isAtAll": False}


async def test_the_signature_of_a_known_time_and_secret_is_known() -> None:
    # Reckoned with OpenSSL: printf '1700000000000\nSECx' | openssl dgst -sha256 -hmac SECx -binary | base64
    expected = base64.b64encode(hmac.digest(b"SECx", b"1700000000000\nSECx", "sha256")).decode()
    assert sign("SECx", 1_700_000_000_000) == expected.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")


LATER, REFUSED, CONTENT = "later", "refused", "content"


def meaning(error: Exception) -> str:
    """What a failure asks of us."""
    if isinstance(error, DeliveryRefused):
        return CONTENT if error.of_content else REFUSED
    return LATER


@pytest.mark.parametrize(
    ("kind", "answer", "means"),
    [
        ("webhook", Answer(status=500), LATER),
        ("webhook", Answer(status=429, headers=("Retry-After: 7",)), LATER),
        ("webhook", Answer(status=503, headers=("Retry-After: \u00b2",)), LATER),
        ("webhook", Answer(status=302, headers=("Location: http://127.0.0.1/",)), REFUSED),
        ("webhook", Answer(status=401), REFUSED),
        ("webhook", Answer(status=413), CONTENT),
        ("webhook", Answer(status=0), LATER),
        ("wecom", Answer(body=b'{"errcode":45009,"errmsg":"api freq out of limit"}'), LATER),
        ("wecom", Answer(body=b'{"errcode":-1,"errmsg":"system busy"}'), LATER),
        ("wecom", Answer(body=b'{"errcode":93000,"errmsg":"invalid webhook url"}'), REFUSED),
        ("wecom", Answer(body=b'{"errcode":40058,"errmsg":"content too long"}'), CONTENT),
        ("wecom", Answer(body=b"<html>"), LATER),
        ("wecom", Answer(body=b"[]"), LATER),
        ("wecom", Answer(body=b"{}"), LATER),
        ("wecom", Answer(body=b'{"errcode":[],"errmsg":{}}'), LATER),
        ("wecom", Answer(body=b'{"errcode":40058,"errmsg":"no\\r\\n2026-07-15 INFO all is well\\u001b[2J"}'), CONTENT),
        ("dingtalk", Answer(body=b'{"errcode":{"a":1}}'), LATER),
        ("dingtalk", Answer(body=b'{"errcode":40035,"errmsg":"no\\n\\u2028INFO"}'), CONTENT),
        ("dingtalk", Answer(body=b'{"errcode":130101,"errmsg":"send too fast"}'), LATER),
        ("dingtalk", Answer(body=b'{"errcode":310000,"errmsg":"sign not match"}'), REFUSED),
        ("dingtalk", Answer(body=b'{"errcode":300001,"errmsg":"token is not exist"}'), REFUSED),
        ("dingtalk", Answer(body=b'{"errcode":40035,"errmsg":"missing parameter"}'), CONTENT),
    ],
)
async def test_what_an_answer_means(kind: str, answer: Answer, means: str) -> None:
    async with robot(answer) as made:
        with pytest.raises((NotDelivered, DeliveryRefused)) as raised:
            await sent_to(made, kind)
    error = raised.value
    assert meaning(error) == means
    assert "topsecretkey" not in str(error)
    assert str(error).isprintable()  # it becomes a line of the log
    if b"45009" in answer.body or b"130101" in answer.body:
        assert isinstance(error, NotDelivered)
        assert error.retry_after_s == 60.0
    if answer.status == 429:
        assert isinstance(error, NotDelivered)
        assert error.retry_after_s == 7.0


async def test_nobody_there_is_for_later_and_says_no_secret() -> None:
    url = f"http://127.0.0.1:{free_port()}/x?key=topsecretkey"
    with pytest.raises(NotDelivered, match="cannot be reached") as raised:
        await sender_of(entry_of("wecom", url_env="THE_URL"), {"THE_URL": url}).send(MESSAGE)
    assert "topsecretkey" not in str(raised.value)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "0.0.0.0", "100.100.100.200", "[::ffff:127.0.0.1]"]
)
async def test_this_machine_and_metadata_are_not_spoken_to_unless_the_site_says_so(host: str) -> None:
    entry = entry_of("webhook", url=f"http://{host}:9/", allow_local=False)
    with pytest.raises(DeliveryRefused, match="allow_local"):
        await sender_of(entry, {}).send(MESSAGE)


async def test_a_name_that_no_host_can_have_is_no_crash() -> None:
    entry = entry_of("webhook", url=f"http://{'a' * 70}.test/?key=topsecretkey")
    with pytest.raises(DeliveryRefused) as raised:
        await sender_of(entry, {}).send(MESSAGE)
    assert meaning(raised.value) == REFUSED
    assert "topsecretkey" not in str(raised.value)


async def test_the_offices_own_network_is_no_danger() -> None:
    import ipaddress

    allowed = ("10.1.2.3", "192.168.1.20", "172.16.0.9", "8.8.8.8", "fd12::1")
    assert [is_local(ipaddress.ip_address(address)) for address in allowed] == [False] * 5
    assert resolve("10.1.2.3", 80, allow_local=False) == "10.1.2.3"


async def test_a_secret_that_is_not_set_is_named_and_never_a_crash() -> None:
    with pytest.raises(DeliveryRefused, match="THE_URL"):
        await sender_of(entry_of("wecom", url_env="THE_URL"), {}).send(MESSAGE)


def mail_entry(port: int, **more: Any) -> MailChannel:
    values = {
        "host": "127.0.0.1", "port": port, "security": "none", "sender": "houqin@office.test",
        "recipients": ["duty@office.test", "admin@office.test"], **more,
    }  # fmt: skip
    found = entry_of("mail", **values)
    assert isinstance(found, MailChannel)
    return found


async def test_a_mail_arrives_in_chinese_at_every_recipient() -> None:
    async with post_office(PostOffice()) as office:
        await Mail(mail_entry(office.port), None).send(MESSAGE)
    assert office.recipients == ["duty@office.test", "admin@office.test"]
    mail = email.message_from_bytes(office.mails[0], policy=email.policy.default)
    assert mail["Subject"] == MESSAGE.title
    assert mail["Message-ID"] == f"<{MESSAGE.id}@office.test>"
    body = mail.get_body()
    assert body is not None
    assert "线路断开" in body.get_content()


async def test_a_login_is_given_and_a_wrong_one_says_so_without_the_password() -> None:
    async with post_office(PostOffice(login=("houqin", "passwort"))) as office:
        entry = mail_entry(office.port, user_env="THE_USER", password_env="THE_PASSWORD")
        await sender_of(entry, SECRETS).send(MESSAGE)
        assert len(office.mails) == 1
        with pytest.raises(DeliveryRefused, match="login") as raised:
            await sender_of(entry, {**SECRETS, "THE_PASSWORD": "falsch"}).send(MESSAGE)
    assert "falsch" not in str(raised.value)


async def test_a_password_beyond_ascii_is_refused_in_words_that_tell_nothing_of_it() -> None:
    async with post_office(PostOffice(login=("houqin", "passwort"))) as office:
        entry = mail_entry(office.port, user_env="THE_USER", password_env="THE_PASSWORD")
        with pytest.raises(DeliveryRefused, match="login") as raised:
            await sender_of(entry, {**SECRETS, "THE_PASSWORD": "密码geheim"}).send(MESSAGE)
    assert meaning(raised.value) == REFUSED
    assert not {"密", "geheim", "u5bc6"} & set(str(raised.value).split())


@pytest.mark.parametrize(
    ("codes", "means"),
    [
        ({"CONNECT": "421 later"}, LATER),
        ({"MAIL": "451 greylisted"}, LATER),
        ({"RCPT": "450 mailbox busy"}, LATER),
        ({"RCPT": "550 nobody here"}, REFUSED),
        ({"END": "552 too large"}, CONTENT),
    ],
)
async def test_what_a_mail_servers_answer_means(codes: dict[str, str], means: str) -> None:
    async with post_office(PostOffice(codes=codes)) as office:
        with pytest.raises((NotDelivered, DeliveryRefused)) as raised:
            await Mail(mail_entry(office.port), None).send(MESSAGE)
    assert meaning(raised.value) == means


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's and a client's side of a certificate of our own for `name`."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    key, cert = folder / "key.pem", folder / "cert.pem"
    command: Sequence[str] = (
        openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout", str(key), "-out", str(cert),
    )  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, key)
    return server, ssl.create_default_context(cafile=str(cert))


async def test_starttls_is_used_and_a_stranger_certificate_is_not_trusted(tmp_path: Path) -> None:
    server, client = certificate(tmp_path, "localhost")
    async with post_office(PostOffice(context=server)) as office:
        entry = mail_entry(office.port, security="starttls", host="localhost")
        await Mail(entry, None, trusted=client).send(MESSAGE)
        assert office.encrypted == [True]
        with pytest.raises(DeliveryRefused, match="certificate"):
            await Mail(entry, None).send(MESSAGE)
    async with post_office(PostOffice()) as plain:
        with pytest.raises(DeliveryRefused, match="STARTTLS"):
            await Mail(mail_entry(plain.port, security="starttls"), None, trusted=client).send(MESSAGE)
        assert plain.mails == []


async def test_whole_characters_are_cut() -> None:
    assert cut("行政科", 9) == "行政科"
    assert cut("行政科值班", 10) == "行政…"
    assert len(cut("行" * 5000, 4096).encode()) <= 4096
