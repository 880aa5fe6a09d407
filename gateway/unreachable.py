"""Why a host's port cannot be reached, as a duty electrician can act on it."""

from __future__ import annotations

import errno
import socket
from typing import Final

from facility.text import Text

_REFUSED: Final = Text(
    "主机在，但端口无人应答；请核对端口号，检查该服务是否已启动、是否已达连接数上限",
    "the host is there, but nobody listens; compare the port, see that its service runs and takes more connections",
)
_NO_NAME: Final = Text(
    "找不到这个主机名；请核对拼写，或改写 IP 地址",
    "no host has this name; compare the spelling, or write its IP address",
)
_SILENT: Final = Text(
    "没有应答；请检查供电、网线、交换机和 IP 地址",
    "it does not answer; check its power, the network cable, the switch and the IP address",
)
_NO_WAY: Final = Text(
    "本机网络到不了这个地址；请检查本机网线、IP 地址和网关设置",
    "this machine has no way there; check its own network cable, IP address and gateway",
)
_OTHERWISE: Final = Text(
    "连接失败；请检查供电、网线和地址",
    "the connection failed; check power, network cable and address",
)
_REASONS: Final = {
    errno.ECONNREFUSED: _REFUSED,
    errno.ETIMEDOUT: _SILENT,
    errno.EHOSTUNREACH: _SILENT,
    errno.ENETUNREACH: _NO_WAY,
    errno.ENETDOWN: _NO_WAY,
}


def unreachable(address: str, error: OSError) -> Text:
    """What `error`, met while connecting to `address`, means and what to do; a TimeoutError means no answer."""
    if isinstance(error, socket.gaierror):
        why = _NO_NAME
    elif isinstance(error, TimeoutError):
        why = _SILENT
    else:
        why = _REASONS.get(_number(error), _OTHERWISE)
    return Text(f"无法连接 {address}：{why.zh}", f"cannot connect to {address}: {why.en}")


def _number(error: OSError) -> int:
    """The error's number, 0 where it has none: asyncio puts several attempts into one error without."""
    if error.errno is not None:
        return error.errno
    said = str(error)
    return next((number for number in _REASONS if f"Errno {number}]" in said), 0)
