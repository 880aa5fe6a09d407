"""What the rooms say to each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from facility.broker_health import BrokerHealth
from facility.commands import Actor, Command, Outcome, Wish
from facility.decisions import Decision, Input, Reason
from facility.envelope import Envelope
from facility.filings import Filing
from facility.line_health import LineHealth
from facility.publish_health import PublishHealth
from facility.readings import Batch
from facility.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingsTaken:
    """A device answered (or was asked and did not). `on_durable` is called, in the event loop's thread, once the
    batch is safe on disk; None when nobody waits for that. When the store refuses for good it is not called.
    """

    batch: Batch
    on_durable: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandIssued:
    """An order for the gateway."""

    command: Command


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalMade:
    """A person (or another system) wants something of a unit, through page or API. The controller answers: outside
    the envelope or the person's role with OutcomeReported(Refused) under the same `id`; inside it takes the wish into
    the priority array until `until` (aware UTC, always set) and issues a Command with the same id.
    """

    id: str
    equipment: str
    wish: Wish
    actor: Actor
    made: datetime
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyState:
    """Whether supply (cooling or heating) is permitted now, and the sentence and reasons it rests on."""

    permitted: bool
    sentence: Text
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyStated:
    """The controller's view of the whole site, once a cycle where it changed. `outdoor` is the trusted outdoor
    temperature signal, None when all sources are stale.
    """

    at: datetime
    cooling: SupplyState
    heating: SupplyState
    outdoor: Input | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeReported:
    """How an order ended."""

    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeIssued:
    """What is legal for a unit from now on."""

    envelope: Envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionMade:
    """A control cycle reached a verdict for one equipment that differs from its last, in wish, reasons or effect."""

    decision: Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class HourForecast:
    """One forecast hour: local hour start as aware UTC, degrees Celsius, WMO 4677 weather code, cloud cover in %."""

    time: datetime
    temperature_c: float | None
    weather_code: int | None
    cloud_percent: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastReceived:
    """A forecast came in.

    `provider` is its name in the site file, `entered_by` the person for a manual one, `issued` when it was made (aware
    UTC; the fetch time where the provider does not say), `valid_until` when a manual one ends, None for others.
    `daily_max_c` maps local dates to the daily maximum in degrees Celsius.
    """

    provider: str
    issued: datetime
    fetched: datetime
    daily_max_c: Mapping[date, float]
    hours: Sequence[HourForecast] = ()
    entered_by: str | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastWanted:
    """Fetch a forecast now."""


class AlarmLevel(StrEnum):
    """How fast somebody has to look, lowest first."""

    INFO = "info"
    WARNING = "warning"
    SERIOUS = "serious"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmChanged:
    """A condition became abnormal (`active`) or returned to normal. `key` is stable: the same condition, the same key,
    for example `not_effective:f4-401-ac` or `link_down:meters-f4`.
    """

    key: str
    active: bool
    level: AlarmLevel
    at: datetime
    text: Text
    equipment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkStatus:
    """State of one line or of one device on it, sent on every change. `device` None means the whole line. `detail` is
    technical; `reason` says in both languages why and what to do, None where nothing is known of that.
    """

    link: str
    device: str | None
    up: bool
    at: datetime
    detail: str
    reason: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingChanged:
    """A filing was entered, decided on or revoked; it is in the journal already. The controller reads filings from the
    journal at its start and now and then, so a message that is missed delays it and loses nothing.
    """

    filing: Filing


class AlarmAct(StrEnum):
    """What a person may do with an alarm (ISA-18.2, IEC 62682)."""

    ACKNOWLEDGE = "acknowledge"
    SHELVE = "shelve"
    UNSHELVE = "unshelve"
    OUT_OF_SERVICE = "out_of_service"
    IN_SERVICE = "in_service"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmActed:
    """A person did something with the alarm `key`. `until` (aware UTC) ends a shelving."""

    key: str
    act: AlarmAct
    actor: Actor
    at: datetime
    until: datetime | None = None
    note: str = ""


class AlarmStanding(StrEnum):
    """The states of an alarm (ISA-18.2 clause 5.3, IEC 62682); `returned` is back to normal and not acknowledged."""

    NORMAL = "normal"
    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    RETURNED = "returned"
    SHELVED = "shelved"
    SUPPRESSED = "suppressed"
    OUT_OF_SERVICE = "out_of_service"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmStood:
    """How an alarm stands from `at` on, whole: the newest replaces every earlier one of its `key`.

    `since` is when the condition last became abnormal, `abnormal` whether it still is. `by` is the person whose act led
    here, None when it was no person's; `acknowledged_by` who acknowledged this occurrence. `until` ends a shelving or a
    time out of service, None where nothing ends it. `cause` is the key of the alarm it is suppressed for. `owner` and
    `advice` say who looks after it and what to do. Times are aware UTC.
    """

    key: str
    standing: AlarmStanding
    before: AlarmStanding
    level: AlarmLevel
    at: datetime
    since: datetime
    abnormal: bool
    text: Text
    advice: Text
    owner: Text
    equipment: str | None = None
    condition: str | None = None
    by: Actor | None = None
    acknowledged_by: Actor | None = None
    until: datetime | None = None
    cause: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationWanted:
    """A person wants a trial message sent by `channel`, None: by every one."""

    channel: str | None
    actor: Actor
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderGiven:
    """A rule reminds somebody: `office` whom it concerns, None for the administration section and the duty room."""

    key: str
    at: datetime
    text: Text
    clause: str | None = None
    office: str | None = None
    equipment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseChanged:
    """Which controller of the site acts. `epoch` rises with every change of hands; `acting` says whether it is the one
    of this process; `until` (aware UTC) is how long that holds without renewal, `until_boot_s` the same on the
    machine's boot clock (`facility.boottime`), which nobody sets; None: it holds on. `holder` is "" when nobody is
    known to act. Told with every renewal.
    """

    site: str
    holder: str
    epoch: int
    acting: bool
    until: datetime
    until_boot_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlmanacChanged:
    """The office's calendar was changed by a person: closures, half days, a year's table, the duty roster."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialWanted:
    """Somebody wants a policy tried out over recorded time; the journal's trials hold the particulars under `id`."""

    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesMeasured:
    """How all lines of a gateway do, told every few seconds; `brokers` are those to MQTT brokers. `published`: how
    publishing for other systems does, None where nothing is published.
    """

    lines: tuple[LineHealth, ...]
    brokers: tuple[BrokerHealth, ...] = ()
    published: PublishHealth | None = None


Message = (
    ReadingsTaken
    | CommandIssued
    | OutcomeReported
    | ProposalMade
    | SupplyStated
    | EnvelopeIssued
    | DecisionMade
    | ForecastReceived
    | ForecastWanted
    | AlarmChanged
    | LinkStatus
    | FilingChanged
    | AlarmActed
    | AlarmStood
    | NotificationWanted
    | ReminderGiven
    | LeaseChanged
    | AlmanacChanged
    | TrialWanted
    | LinesMeasured
)
