"""Why a line is down is said in both languages, with what to do."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from datetime import UTC, datetime
from typing import cast

import pytest

from facility.bus import LinkStatus
from facility.errors import LinkDown
from facility.model.entries import MqttLink
from gateway.modbus.serial_port import PortSettings, SerialCarrier
from gateway.modbus.tcp_stream import TcpCarrier
from gateway.modbus.wire import Receiver
from gateway.mqtt.refusals import broker_unreachable, refused_by_broker
from gateway.unreachable import unreachable
from tests.servers import free_port

NOBODY = cast(Receiver, None)
ERRORS = [
    (OSError(errno.ECONNREFUSED, "refused"), "端口", "nobody listens"),
    (OSError("Multiple exceptions: [Errno 111] one, [Errno 111] another"), "端口", "nobody listens"),
    (socket.gaierror(-2, "Name or service not known"), "主机名", "no host has this name"),
    (TimeoutError(), "没有应答", "does not answer"),
    (OSError(errno.EHOSTUNREACH, "no route"), "没有应答", "does not answer"),
    (OSError(errno.ENETUNREACH, "no network"), "本机", "this machine"),
    (OSError("something else"), "连接失败", "the connection failed"),
]


@pytest.mark.parametrize(("error", "zh", "en"), ERRORS)
def test_every_way_of_not_reaching_a_host_says_what_to_do(error: OSError, zh: str, en: str) -> None:
    text = unreachable("192.0.2.10:502", error)
    assert "192.0.2.10:502" in text.zh
    assert zh in text.zh
    assert "192.0.2.10:502" in text.en
    assert en in text.en


def test_a_port_where_nobody_listens_is_told_in_both_languages() -> None:
    with pytest.raises(LinkDown) as down:
        asyncio.run(TcpCarrier("plant", "127.0.0.1", free_port()).open(NOBODY))
    assert down.value.text is not None
    assert "无法连接 127.0.0.1" in down.value.text.zh
    assert "端口" in down.value.text.zh


def test_a_serial_port_that_is_not_there_is_told_in_one_language_at_a_time() -> None:
    settings = PortSettings(path="/dev/no-such-port", baudrate=9600, parity="N", stop_bits=1, data_bits=8, rs485=False)
    with pytest.raises(LinkDown) as down:
        asyncio.run(SerialCarrier("meters", settings).open(NOBODY))
    assert "串口" not in str(down.value)
    assert down.value.text is not None
    assert down.value.text.zh.startswith("无法打开串口 /dev/no-such-port：串口不存在")
    assert down.value.text.en.startswith("cannot open the serial port /dev/no-such-port: there is no such port")


def test_a_broker_that_is_not_believed_and_one_that_does_not_believe_say_so() -> None:
    link = MqttLink(type="mqtt", host="192.0.2.12", port=8883)
    failed = ssl.SSLCertVerificationError(1, "certificate verify failed")
    failed.verify_message = "certificate has expired"
    assert "tls.ca_file" in broker_unreachable(link, failed).zh
    assert "certificate has expired" in broker_unreachable(link, failed).en
    assert "port" in broker_unreachable(link, ssl.SSLError(1, "wrong version number")).zh
    assert "192.0.2.12:8883" in refused_by_broker(link, "Not authorized").en
    assert "用户名" in refused_by_broker(link, "Not authorized").zh


def test_a_status_needs_no_reason() -> None:
    status = LinkStatus(link="plant", device=None, up=True, at=datetime(2026, 7, 15, tzinfo=UTC), detail="connected")
    assert status.reason is None
