"""Who the gateway is to a broker and whom it believes: user, password and certificates, read when a connection is made.

Nothing here is kept or shown: messages name the variable or the file, never what stands in it.
"""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import Final

from facility.errors import LinkDown
from facility.model.entries import MqttLink
from facility.text import Text

_MAX_SECRET_BYTES: Final = 4096


def login(link: MqttLink) -> tuple[str, str | None] | None:
    """User and password for the broker, None where the site file names no user.

    Raises:
        LinkDown: a variable is not set or a file cannot be read; says which.
    """
    user = _secret(link.username_env, link.username_file)
    return None if user is None else (user, _secret(link.password_env, link.password_file))


def tls_context(link: MqttLink) -> ssl.SSLContext | None:
    """How the line is encrypted, None where it is not. The broker's certificate and name are always checked.

    Raises:
        LinkDown: a certificate or key cannot be read; says which.
    """
    if link.tls is None:
        return None
    context = ssl.create_default_context(cafile=None if link.tls.ca_file is None else _there(link.tls.ca_file))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if link.tls.cert_file is not None:
        key = link.tls.key_file
        try:
            context.load_cert_chain(_there(link.tls.cert_file), None if key is None else _there(key), _no_passphrase)
        except (ssl.SSLError, ValueError) as error:
            raise LinkDown(
                f"the gateway's certificate and key do not fit each other or cannot be read: {error}"
            ) from error
    return context


def _there(path: str) -> str:
    if not os.access(path, os.R_OK):
        text = Text(
            f"证书或私钥文件 {path} 不存在或无权读取；请放好文件并让运行账户可读",
            f"the certificate or key {path} is not there or may not be read; put it there, readable for the service",
        )
        raise LinkDown(f"{path} is not there or may not be read; put the certificate or key there", text=text)
    return path


def _no_passphrase() -> str:
    """Asked for where a key is encrypted: a service has nobody to ask."""
    raise ValueError("the key has a passphrase; keep it without one, readable by the service only")


def _secret(variable: str | None, file: str | None) -> str | None:
    if file is not None:
        return _from_file(Path(file))
    if variable is None:
        return None
    value = os.environ.get(variable)
    if value is None:
        text = Text(
            f"环境变量 {variable} 未设置；请在服务的环境中设置后重新启动",
            f"the environment variable {variable} is not set; set it for the service and start it anew",
        )
        raise LinkDown(f"the environment variable {variable} is not set; set it for the service", text=text)
    return value


def _from_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            value = file.read(_MAX_SECRET_BYTES).decode("utf-8").strip("\r\n")
    except OSError as error:
        text = Text(
            f"用户名或密码文件 {path} 不存在或无权读取；文件可读后线路自动连接",
            f"the file {path} with user or password is not there or may not be read; the line connects once it can be",
        )
        raise LinkDown(f"{path} cannot be read: {error.strerror}; the line connects once it can", text=text) from error
    except UnicodeDecodeError:
        raise LinkDown(f"{path} is not UTF-8 text; expected the user name or password alone") from None
    if not value:
        raise LinkDown(f"{path} is empty; expected the user name or password alone")
    return value
