"""What another system asks for over the broker: read, checked, and never more than a proposal. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from facility.commands import Fan, Mode, Wish
from facility.model import Site
from facility.model.entries import IndoorUnit
from facility.model.publish_entries import RemoteCommandsEntry
from facility.text import Text
from gateway.mqtt.out.home_assistant_words import HVAC_MODES

LONGEST_BYTES: Final = 4096
_PLAIN: Final = {b"on": b'{"on": true}', b"off": b'{"on": false}'}
_MODES: Final = {word: mode for mode, word in HVAC_MODES.items()}


class Slip(StrEnum):
    """Why a message was not taken for a wish."""

    RETAINED = "retained"
    STALE = "stale"
    MALFORMED = "malformed"
    NOT_OPERABLE = "not_operable"
    TOO_MANY = "too_many"


SLIPS: Final = {
    Slip.RETAINED: Text("保留消息不执行", "a retained message is not carried out"),
    Slip.STALE: Text("消息太旧（或来自将来），不执行", "the message is too old (or from the future)"),
    Slip.MALFORMED: Text("消息无法理解", "the message is not understood"),
    Slip.NOT_OPERABLE: Text("该设备不能这样操作", "this equipment cannot be operated like that"),
    Slip.TOO_MANY: Text("请求过多，请稍后再试", "too many requests; try again later"),
}


class NotTaken(Exception):
    """A message that is no wish; caught where it is counted and told. `detail` says what was expected."""

    def __init__(self, slip: Slip, detail: str = "", reference: str | None = None) -> None:
        super().__init__(detail)
        self.slip, self.detail, self.reference = slip, detail, reference


class AskingBody(BaseModel):
    """What is asked for. At least one of `on`, `mode`, `setpoint_c` (degrees Celsius), `fan`, `hvac_mode` (a word of
    Home Assistant, for `on` and `mode` together). `until` (with a UTC offset) or `minutes` end it. `time` is when it
    was asked, `id` what the asker calls it.
    """

    model_config = ConfigDict(extra="forbid")

    on: Annotated[bool, Field(strict=True)] | None = None
    mode: Mode | None = None
    setpoint_c: Annotated[float, Field(ge=5, le=40, allow_inf_nan=False, strict=True)] | None = None
    fan: Fan | None = None
    hvac_mode: Literal["off", "cool", "heat", "dry", "fan_only", "auto"] | None = None
    until: AwareDatetime | None = None
    minutes: Annotated[int, Field(ge=1, le=10_080, strict=True)] | None = None
    time: AwareDatetime | None = None
    reason: Annotated[str, Field(max_length=200)] = ""
    id: Annotated[str, Field(max_length=64)] | None = None

    @model_validator(mode="after")
    def _is_clear(self) -> Self:
        if self.hvac_mode is not None and (self.on is not None or self.mode is not None):
            raise ValueError("hvac_mode stands for on and mode; give one or the others")
        if self.until is not None and self.minutes is not None:
            raise ValueError("give until or minutes, not both")
        if self.wish().is_empty():
            raise ValueError("give at least one of on, mode, setpoint_c, fan, hvac_mode")
        return self

    def wish(self) -> Wish:
        """As the building says it."""
        on, mode = self.on, self.mode
        if self.hvac_mode is not None:
            on = self.hvac_mode != "off"
            mode = _MODES.get(self.hvac_mode)
        return Wish(on=on, mode=mode, setpoint_c=self.setpoint_c, fan=self.fan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A wish that may go to the controller. `until` is aware UTC or local; `reference` is the asker's own name for it,
    None without one.
    """

    equipment: str
    wish: Wish
    until: datetime
    reason: str
    reference: str | None


def asked(site: Site, entry: RemoteCommandsEntry, equipment: str, payload: bytes, now: datetime) -> Asked:
    """Reads what is asked of `equipment`: a JSON object, or plainly ON or OFF.

    Raises:
        NotTaken: it is no wish, or none that this equipment could follow, and why.
    """
    body = _read(payload)
    if body.time is not None and abs((now - body.time).total_seconds()) > entry.stale_s:
        raise NotTaken(Slip.STALE, f"made at {body.time.isoformat()}", body.id)
    wish = body.wish()
    if not site.is_operable(equipment):
        raise NotTaken(Slip.NOT_OPERABLE, "", body.id)
    if not isinstance(site.equipment[equipment], IndoorUnit) and wish != Wish(on=wish.on):
        raise NotTaken(Slip.NOT_OPERABLE, "it can only be switched on or off", body.id)
    return Asked(
        equipment=equipment,
        wish=wish,
        until=_end(entry, body, now),
        reason=body.reason,
        reference=body.id,
    )


def _read(payload: bytes) -> AskingBody:
    if len(payload) > LONGEST_BYTES:
        raise NotTaken(Slip.MALFORMED, f"{len(payload)} bytes; {LONGEST_BYTES} at most")
    try:
        return AskingBody.model_validate_json(_PLAIN.get(payload.strip().lower(), payload))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise NotTaken(Slip.MALFORMED, f"{place}: {first['msg']}" if place else first["msg"]) from error


def _end(entry: RemoteCommandsEntry, body: AskingBody, now: datetime) -> datetime:
    latest = now + timedelta(minutes=entry.longest_minutes)
    if body.until is None:
        end = now + timedelta(minutes=entry.minutes if body.minutes is None else body.minutes)
    elif body.until <= now:
        raise NotTaken(Slip.STALE, "until lies in the past", body.id)
    else:
        end = body.until
    return min(end, latest)
