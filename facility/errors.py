"""Every error that Houqin raises on purpose.

    HouqinError
    ├── TryAgain                    the same call may succeed later, nobody has to act
    │   ├── LinkDown                  no connection to a host, port or broker
    │   ├── NoAnswer                  the device did not answer within its time
    │   ├── BadAnswer                 it answered something that is not an answer to the question
    │   ├── DeviceBusy                Modbus exceptions 5, 6, 10, 11: ask again later
    │   ├── StoreUnavailable          the time-series store or the journal cannot take or give data now
    │   └── NotDelivered              a notification could not be handed over now
    └── PersonMustAct               it will not heal by itself
        ├── SiteFileError             the site file has mistakes; carries all of them
        ├── ProfileError              a device profile is wrong
        ├── TableError                a tariff or factor file has mistakes; carries all of them
        ├── DeviceRefused             Modbus exceptions 1, 2, 3 and the like: the map does not fit
        ├── PolicyError               a rule set that cannot be applied
        ├── StoreRefused              the time-series store or the journal will never take this
        ├── StoreDamaged              a file of the store fails its own checks
        ├── ArchiveRefused            a backup, an export or an import that cannot be made, read or put back
        ├── SecretMissing             an environment variable that holds a secret is not set, or not usable
        ├── NotRepresentable          a value that the device's register cannot hold
        ├── HandsOff                  equipment that nobody may switch now: a lift in fire mode or in inspection
        ├── EntryRefused              an entry of the account book that cannot be true, or contradicts what stands
        ├── DeliveryRefused           whoever carries notifications will not take this one, or any of ours
        └── NotPermitted              a person asked for what the rules or their role do not allow

Fields, not prose: handlers decide by type and field, people read the message.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from facility.model.problems import Problem
    from facility.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where in the building something failed, as a duty electrician would look for it.

    Any part may be None when it does not apply. `address` is host:port, a serial path or an MQTT topic;
    `unit` the Modbus unit id.
    """

    link: str | None = None
    address: str | None = None
    unit: int | None = None
    device: str | None = None
    point: str | None = None

    def __str__(self) -> str:
        parts = (
            ("line", self.link),
            ("at", self.address),
            ("unit", self.unit),
            ("device", self.device),
            ("point", self.point),
        )
        return ", ".join(f"{label} {value}" for label, value in parts if value is not None)


class HouqinError(Exception):
    """Root of all errors raised on purpose.

    Args:
        message: what failed and what to do, one sentence, English.
        where: the place in the building, None when the error has none.
        raw: the bytes received that led to the error, None when there were none.
    """

    def __init__(self, message: str, *, where: Where | None = None, raw: bytes | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.raw = raw

    def __str__(self) -> str:
        text = self.message
        if self.where is not None and str(self.where):
            text = f"{text} ({self.where})"
        if self.raw:
            text = f"{text} [received {self.raw[:64].hex(' ')}]"
        return text


class TryAgain(HouqinError):
    """May succeed later without anybody acting."""


class LinkDown(TryAgain):
    """No connection to the host, port, serial device or broker.

    `text` says why and what to do, in both languages; None where only the message does.
    """

    def __init__(
        self, message: str, *, where: Where | None = None, raw: bytes | None = None, text: Text | None = None
    ) -> None:
        super().__init__(message, where=where, raw=raw)
        self.text = text


class NoAnswer(TryAgain):
    """The device did not answer within its time."""


class BadAnswer(TryAgain):
    """The answer does not fit the question: unit, function, length or checksum differ."""


class DeviceBusy(TryAgain):
    """The device answered that it cannot do it now (Modbus exceptions 4, 5, 6, 10, 11, unknown codes).

    `code` is the Modbus exception code.
    """

    def __init__(self, message: str, *, code: int, where: Where | None = None, raw: bytes | None = None) -> None:
        super().__init__(message, where=where, raw=raw)
        self.code = code


class StoreUnavailable(TryAgain):
    """The store or the journal cannot take or give data now.

    `retry_after_s`: how long the server asked to be left alone, None when it did not say.
    """

    def __init__(
        self,
        message: str,
        *,
        where: Where | None = None,
        raw: bytes | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message, where=where, raw=raw)
        self.retry_after_s = retry_after_s


class NotDelivered(TryAgain):
    """A notification could not be handed over now: no connection, no answer, too many at once.

    `retry_after_s`: how long the other side asked to be left alone, None when it did not say.
    """

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class PersonMustAct(HouqinError):
    """Will not heal by itself: a person has to change something."""


class SiteFileError(PersonMustAct):
    """The site file has mistakes; `problems` holds all of them, each with its place."""

    def __init__(self, message: str, *, problems: Sequence[Problem]) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class ProfileError(PersonMustAct):
    """A device profile is wrong or missing."""


class TableError(PersonMustAct):
    """A tariff, factor or code table is missing or has mistakes; `problems` holds all of them, each with its place."""

    def __init__(self, message: str, *, problems: Sequence[Problem]) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class DeviceRefused(PersonMustAct):
    """The device refused the request itself (Modbus exceptions 1, 2, 3): its map does not fit the profile.

    `code` is the Modbus exception code.
    """

    def __init__(self, message: str, *, code: int, where: Where | None = None, raw: bytes | None = None) -> None:
        super().__init__(message, where=where, raw=raw)
        self.code = code


class PolicyError(PersonMustAct):
    """A rule set that cannot be applied, for example one that leaves no legal state (X-01)."""


class StoreRefused(PersonMustAct):
    """The time-series store or the journal will never take this: trying again does not help."""


class StoreDamaged(PersonMustAct):
    """A file of the store fails its own checks; the message names the file and the part."""


class ArchiveRefused(PersonMustAct):
    """A backup, an export or an import that cannot be made, read or put back; `text` says so in both languages."""

    def __init__(self, text: Text, *, where: Where | None = None) -> None:
        super().__init__(text.en, where=where)
        self.text = text


class SecretMissing(PersonMustAct):
    """An environment variable that the site file names for a secret is not set, or holds none; the message names it."""


class NotRepresentable(PersonMustAct):
    """A value that the device's register cannot hold: out of its bounds, between its steps, an unknown state.

    `text` says so in both languages.
    """

    def __init__(self, text: Text, *, where: Where | None = None) -> None:
        super().__init__(text.en, where=where)
        self.text = text


class HandsOff(PersonMustAct):
    """Equipment that nobody may switch now, whatever the rules say: a lift in fire mode or in inspection.

    `text` says so in both languages.
    """

    def __init__(self, text: Text, *, where: Where | None = None) -> None:
        super().__init__(text.en, where=where)
        self.text = text


class EntryRefused(PersonMustAct):
    """An entry of the account book that cannot be true by itself, or contradicts what stands.

    `text` says so in both languages; `field` names the part of the entry, None when it is the entry as a whole.
    """

    def __init__(self, text: Text, *, field: str | None = None) -> None:
        super().__init__(text.en)
        self.text = text
        self.field = field


class DeliveryRefused(PersonMustAct):
    """Whoever carries notifications refused one. `of_content`: this one, and would take others; otherwise none of ours,
    until somebody sets address, key or secret right.
    """

    def __init__(self, message: str, *, of_content: bool = False) -> None:
        super().__init__(message)
        self.of_content = of_content


class NotPermitted(PersonMustAct):
    """Asked for what the rules or the person's role do not allow; `clause` cites the rule when there is one."""

    def __init__(self, message: str, *, clause: str | None = None) -> None:
        super().__init__(message)
        self.clause = clause
