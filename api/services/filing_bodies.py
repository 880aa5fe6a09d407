"""What people file, as bodies of requests: strict, each with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.shapes import OneLine, OneLineGiven
from facility.filings import FilingKind, Relaxation, Scope

MOST_SPANS: Final = 62
"""Times in one submission: two a day over a month."""

_STRICT: Final = ConfigDict(extra="forbid", strict=True, frozen=True)

Ids = Annotated[list[Annotated[str, Field(min_length=1, max_length=80)]], Field(max_length=200)]
Degrees = Annotated[float, Field(ge=-20, le=45, allow_inf_nan=False)]
Setpoint = Annotated[float, Field(ge=16, le=30, allow_inf_nan=False)]


class SpanBody(BaseModel):
    """From when to when, half-open, each with its UTC offset."""

    model_config = _STRICT

    start: AwareDatetime
    end: AwareDatetime


class ScopeBody(BaseModel):
    """Where: ids of the site, the union of all that is named. Nothing named is the whole site, for notices only."""

    model_config = _STRICT

    buildings: Ids = []
    floors: Ids = []
    offices: Ids = []
    spaces: Ids = []
    equipment: Ids = []

    def scope(self) -> Scope:
        """As the building says it."""
        return Scope(**{name: frozenset(getattr(self, name)) for name in SORTS})


SORTS: Final[Sequence[str]] = tuple(ScopeBody.model_fields)


class RelaxationBody(BaseModel):
    """What of the rules is relaxed; what is left out holds as ever. Temperatures in degrees Celsius.

    `hours`: supply outside the window (AC-05). `holiday`: on days of rest (AC-04). `forecast`: without a forecast that
    permits it (AC-01, AC-02). `weather`: in rain, under an overcast sky, in sunshine (AC-06, AC-07).
    `cooling_outdoor_c`, `heating_outdoor_c`: from, up to this measured outdoor temperature. `setpoint_min_cool_c`,
    `setpoint_max_heat_c`: how low, how high people may set it (AC-03).
    """

    model_config = _STRICT

    hours: bool = False
    holiday: bool = False
    forecast: bool = False
    weather: bool = False
    cooling_outdoor_c: Degrees | None = None
    heating_outdoor_c: Degrees | None = None
    setpoint_min_cool_c: Setpoint | None = None
    setpoint_max_heat_c: Setpoint | None = None

    def relaxation(self) -> Relaxation:
        """As the building says it."""
        return Relaxation(**self.model_dump())


class FilingBody(BaseModel):
    """What is filed, for one or several times, each of which gets a number of its own.

    `kind`: `exception` (an office asks, the administration section decides), `booking` (a meeting room; hours and days
    of rest are relaxed, `reference` names the meeting), `notice` and `emergency` (the administration section tells, in
    force at once; a notice may stop supply with `stops`). `office`: on whose behalf; left out, the operator's own, or
    nobody's. `reference`: the meeting, document or telephone record it rests on.
    """

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        json_schema_extra={
            "example": {
                "kind": "exception",
                "spans": [{"start": "2026-07-18T09:00:00+08:00", "end": "2026-07-18T12:00:00+08:00"}],
                "office": "finance",
                "scope": {"spaces": ["r401"]},
                "relaxes": {"hours": True, "holiday": True},
                "reason": "半年决算加班",
            }
        },
    )

    kind: FilingKind
    spans: Annotated[list[SpanBody], Field(min_length=1, max_length=MOST_SPANS)]
    office: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    scope: ScopeBody = ScopeBody()
    relaxes: RelaxationBody = RelaxationBody()
    stops: bool = False
    reason: OneLineGiven
    reference: OneLine = ""


class NoteBody(BaseModel):
    """What whoever decides has to say; it may be nothing."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, json_schema_extra={"example": {"note": "同意,注意关灯关机"}}
    )

    note: OneLine = ""
