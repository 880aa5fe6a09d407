"""Why there is no connection to a broker, as people can act on it."""

from __future__ import annotations

import ssl

from facility.model.entries import MqttLink
from facility.text import Text
from gateway.unreachable import unreachable


def broker_unreachable(link: MqttLink, error: OSError | ValueError) -> Text:
    """What `error`, met while connecting, means and what to do."""
    if isinstance(error, ssl.SSLCertVerificationError):
        why = error.verify_message
        return Text(
            f"服务器 {link.endpoint} 的证书未通过核对（{why}）；请检查 tls.ca_file、证书是否过期，"
            "以及 host 是否与证书上的名称一致",
            f"the certificate of the broker {link.endpoint} does not hold ({why}); look at tls.ca_file, its dates, and"
            " that `host` is the name in it",
        )
    if isinstance(error, ssl.SSLError):
        return Text(
            f"与服务器 {link.endpoint} 的加密连接未建立；请检查 port 是否为加密端口、服务器要求的证书",
            f"no encrypted connection to the broker {link.endpoint}; see that `port` is its encrypted one, and which"
            " certificate it asks for",
        )
    return unreachable(link.endpoint, error if isinstance(error, OSError) else OSError(str(error)))


def refused_by_broker(link: MqttLink, said: str) -> Text:
    """The broker answered and does not want the gateway; `said` is its reason."""
    return Text(
        f"服务器 {link.endpoint} 拒绝网关登录（{said}）；请核对用户名、密码和服务器上的权限",
        f"the broker {link.endpoint} does not let the gateway in ({said}); compare user, password and its permissions",
    )
