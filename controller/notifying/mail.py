"""E-mail over SMTP (RFC 5321), with TLS from the start or by STARTTLS (RFC 3207), in a thread of its own."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import ssl
from email.message import EmailMessage
from email.utils import formatdate
from typing import Final

from controller.notifying.addresses import resolve
from controller.notifying.message import Composed
from controller.notifying.wording import cut
from facility.errors import DeliveryRefused, NotDelivered
from facility.model.alarm_entries import MailChannel

SUBJECT_BYTES: Final = 300


class Mail:
    """One mailbox to send from.

    Args:
        entry: what the site file says.
        login: user and password, None where the server asks for none.
        trusted: what the server's certificate is checked against; None: the machine's authorities.
    """

    def __init__(
        self, entry: MailChannel, login: tuple[str, str] | None, *, trusted: ssl.SSLContext | None = None
    ) -> None:
        self._entry = entry
        self._login = login
        self._trusted = trusted

    async def send(self, message: Composed) -> None:
        """Hands the message over.

        Raises:
            NotDelivered: not now: no connection, a temporary answer (4xx).
            DeliveryRefused: the login, the certificate or a recipient is not accepted (5xx).
        """
        await asyncio.to_thread(self._send, mail_of(message, self._entry))

    def _send(self, mail: EmailMessage) -> None:
        entry = self._entry
        address = resolve(entry.host, entry.port, allow_local=entry.allow_local)
        try:
            with self._connection(address) as server:
                if entry.security == "starttls":
                    server.starttls(context=self._context())
                if self._login is not None:
                    server.login(*self._login)
                self._hand_over(server, mail)
        except smtplib.SMTPAuthenticationError as error:
            raise DeliveryRefused(f"{entry.host} does not accept the login ({error.smtp_code})") from None
        except smtplib.SMTPResponseException as error:
            raise _answered(entry.host, error.smtp_code) from error
        except smtplib.SMTPNotSupportedError as error:
            raise DeliveryRefused(f"{entry.host} does not offer what is needed: {error}") from error
        except ssl.SSLCertVerificationError as error:
            raise DeliveryRefused(f"the certificate of {entry.host} is not trusted: {error.verify_message}") from error
        except UnicodeError:  # its words tell a part of the password
            raise DeliveryRefused(f"{entry.host} cannot be given a login with characters beyond ASCII") from None
        except (smtplib.SMTPException, OSError) as error:
            said = getattr(error, "strerror", None) or type(error).__name__
            raise NotDelivered(f"{entry.host}:{entry.port} cannot be reached: {said}") from error

    def _hand_over(self, server: smtplib.SMTP, mail: EmailMessage) -> None:
        """One wrong recipient does not keep the others from theirs."""
        try:
            server.send_message(mail, self._entry.sender, list(self._entry.recipients))
        except smtplib.SMTPRecipientsRefused as error:
            code = min((code for code, _ in error.recipients.values()), default=550)
            raise _answered(self._entry.host, code) from error

    def _connection(self, address: str) -> smtplib.SMTP:
        entry = self._entry
        made: smtplib.SMTP
        if entry.security == "tls":
            made = _PinnedTls(address, timeout=entry.timeout_s, context=self._context())
        else:
            made = _Pinned(address, entry.host, timeout=entry.timeout_s)
        code, said = made.connect(entry.host, entry.port)
        if code != 220:
            made.close()
            raise smtplib.SMTPConnectError(code, said)
        return made

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context() if self._trusted is None else self._trusted


class _Pinned(smtplib.SMTP):
    """Connects to the address that was checked, whatever the name says by now; `host` is the name that a certificate
    has to carry.
    """

    def __init__(self, address: str, host: str, *, timeout: float) -> None:
        self._address = address
        super().__init__(timeout=timeout)
        self._host = host

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002
        return socket.create_connection((self._address, port), timeout)


class _PinnedTls(smtplib.SMTP_SSL):
    """The same with TLS from the start."""

    def __init__(self, address: str, *, timeout: float, context: ssl.SSLContext) -> None:
        self._address = address
        super().__init__(timeout=timeout, context=context)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((self._address, port), timeout)
        return self.context.wrap_socket(plain, server_hostname=host)


def _answered(host: str, code: int) -> NotDelivered | DeliveryRefused:
    if 400 <= code < 500:
        return NotDelivered(f"{host} answered {code}")
    return DeliveryRefused(f"{host} answered {code}", of_content=code in {552, 554})


def mail_of(message: Composed, entry: MailChannel) -> EmailMessage:
    """The message as a mail. A line feed in a title would begin another header: there is none."""
    mail = EmailMessage()
    mail["Subject"] = cut(" ".join(message.title.split()), SUBJECT_BYTES)
    mail["From"] = entry.sender
    mail["To"] = ", ".join(entry.recipients)
    mail["Date"] = formatdate()
    mail["Message-ID"] = f"<{message.id}@{entry.sender.partition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("\n".join(message.lines) + "\n")
    return mail
