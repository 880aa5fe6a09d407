"""How much of every second the polls of a line need: from its baud rate, the bytes of every request and its answer, the
silences between them, the pauses its devices want, and one device that does not answer. Pure.

Modbus over Serial Line V1.02: section 2.5.1 (an RTU frame is address, PDU and two bytes of checksum, with 3.5
characters of silence around it, 1.75 ms above 19,200 baud) and 2.5.2 (an ASCII frame is a colon, two characters for
every byte of address, PDU and checksum, and CR LF). DL/T 645-2007 and CJ/T 188 frames carry a preamble and a head, and
name the identifier of the data.

How long a device thinks is not known beforehand: `THINKING_S` is assumed, and every page and message that shows a
budget says so. The measured load beside it tells how it really is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from facility.model.entries import Device, PollsEntry
from facility.model.lines import FieldLink, ModbusAsciiLink, ModbusAsciiOverTcpLink, SerialSettings
from facility.model.site import Site
from facility.profiles.gathering import gathering_of
from facility.profiles.national import Cjt188Point, Dlt645Point
from facility.profiles.planner import Reach, Span, plan
from facility.profiles.registers import BIT_TABLES, Table
from facility.profiles.schema import AnyPoint, ModbusPoint, PollClass, Profile

THINKING_S: Final = 0.05
"""Assumed time from the end of a request to the beginning of its answer, Modbus."""
NATIONAL_THINKING_S: Final = 0.1
"""The same of national meters; DL/T 645-2007 allows them 0.02 to 0.5 s."""

FULL: Final = 1.0
NEARLY_FULL: Final = 0.8

RTU_REQUEST_BYTES: Final = 8
RTU_ANSWER_BYTES: Final = 5
SILENCE_CHARACTERS: Final = 3.5
SHORTEST_SILENCE_S: Final = 0.00175
SILENCE_IS_FIXED_ABOVE_BAUD: Final = 19_200
DLT645_BYTES: Final = 16
CJT188_BYTES: Final = 16
"""Bytes of a question behind its preamble: head, identifier (CJ/T 188: and serial number), checksum, end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """A device of a line with what is read of it: each point and the slot of its unit."""

    device: Device
    profile: Profile
    points: Sequence[tuple[AnyPoint, int | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolledLine:
    """All that a budget is reckoned from."""

    link: FieldLink
    devices: tuple[Polled, ...]
    polls: PollsEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodBudget:
    """What is read once in `period_s`: the poll `classes` that have this period, the `requests` of one round of them,
    and the seconds that it takes on the line.
    """

    classes: tuple[PollClass, ...]
    period_s: float
    requests: int
    round_s: float

    @property
    def share(self) -> float:
        """Of each second, 0 or more; above 1 it cannot be done."""
        return self.round_s / self.period_s


@dataclass(frozen=True, slots=True, kw_only=True)
class LineBudget:
    """What the polls of one line need.

    Attributes:
        periods: by poll period, the shortest first.
        probe_share: share of each second that one dead device costs beyond what its polls would, the dearest of all.
        points: read in all.
    """

    periods: tuple[PeriodBudget, ...]
    probe_share: float
    points: int

    @property
    def share(self) -> float:
        """Of each second, 0 or more; above 1 the line cannot do it."""
        return sum(period.share for period in self.periods) + self.probe_share

    @property
    def round_s(self) -> float:
        """Seconds to read everything once."""
        return sum(period.round_s for period in self.periods)

    @property
    def requests(self) -> int:
        """Requests to read everything once."""
        return sum(period.requests for period in self.periods)


def budget_of(site: Site) -> Mapping[str, LineBudget]:
    """The budget of every polled line, by its id."""
    return {
        name: line_budget(polled_line(site, name)) for name, link in site.links.items() if isinstance(link, FieldLink)
    }


def polled_line(site: Site, link_id: str) -> PolledLine:
    """What a site reads over one of its polled lines."""
    link = site.links[link_id]
    assert isinstance(link, FieldLink)
    devices = tuple(
        Polled(
            device=device,
            profile=site.profile_of(device.id),
            points=[(p.spec, site.equipment[p.equipment].slot) for p in site.points_of_device(device.id)],
        )
        for device in site.devices.values()
        if device.link == link_id
    )
    return PolledLine(link=link, devices=devices, polls=site.file.polls)


def line_budget(line: PolledLine) -> LineBudget:
    """The budget of one line."""
    by_period: dict[float, list[tuple[int, float]]] = {}
    probes = [0.0]
    for polled in line.devices:
        own_share = 0.0
        for period_s, points in _by_period(polled, line.polls).items():
            times_s = list(_requests_s(line, polled, points))
            if times_s:
                round_s = sum(times_s) + _change_of_units_s(line, polled)
                by_period.setdefault(period_s, []).append((len(times_s), round_s))
                own_share += round_s / period_s
        probes.append(_probe_s(line, polled) / line.link.longest_probe_s - own_share if own_share else 0.0)
    return LineBudget(
        periods=tuple(_period(line.polls, period_s, rounds) for period_s, rounds in sorted(by_period.items())),
        probe_share=max(probes),
        points=sum(len(polled.points) for polled in line.devices),
    )


def class_periods_s(polls: PollsEntry) -> Mapping[PollClass, float]:
    """Poll class -> its period in seconds."""
    return {PollClass.FAST: polls.fast_s, PollClass.NORMAL: polls.normal_s, PollClass.SLOW: polls.slow_s}


def _period(polls: PollsEntry, period_s: float, rounds: Sequence[tuple[int, float]]) -> PeriodBudget:
    classes = tuple(name for name, seconds in class_periods_s(polls).items() if seconds == period_s)
    requests, rounds_s = zip(*rounds, strict=True)
    return PeriodBudget(classes=classes, period_s=period_s, requests=sum(requests), round_s=sum(rounds_s))


def _by_period(polled: Polled, polls: PollsEntry) -> dict[float, list[tuple[AnyPoint, int | None]]]:
    """Classes of equal periods are asked together."""
    periods, groups = class_periods_s(polls), dict[float, list[tuple[AnyPoint, int | None]]]()
    for spec, slot in polled.points:
        groups.setdefault(periods[spec.poll], []).append((spec, slot))
    return groups


def _requests_s(line: PolledLine, polled: Polled, points: Iterable[tuple[AnyPoint, int | None]]) -> Iterator[float]:
    """Seconds of the line for each request that reads `points`."""
    pause_s = polled.profile.limits.pause_ms / 1e3
    for asked, answered, thinking_s in _exchanges(line.link, polled, points):
        yield _bytes_s(line.link, asked + answered) + 2 * _silence_s(line.link) + thinking_s + pause_s


def _exchanges(
    link: FieldLink, polled: Polled, points: Iterable[tuple[AnyPoint, int | None]]
) -> Iterator[tuple[int, int, float]]:
    """For each request: its bytes, those of its answer, and the time assumed between them."""
    spans: dict[Table, list[Span]] = {}
    answers: dict[str, int] = {}
    for spec, slot in points:
        if isinstance(spec, ModbusPoint):
            spans.setdefault(spec.table, []).append(gathering_of(polled.profile, slot, spec).span)
        elif isinstance(spec, Dlt645Point | Cjt188Point):
            answers[spec.asked] = max(answers.get(spec.asked, 0), _data_bytes(spec))
    for table, wanted in spans.items():
        for request in plan(wanted, Reach.of(polled.profile.limits, table)).requests:
            yield *_modbus_bytes(link, table, request.size), THINKING_S
    for data_bytes in answers.values():
        around = polled.profile.frame.preamble + (DLT645_BYTES if polled.profile.dlt645 else CJT188_BYTES)
        yield around, around + data_bytes, NATIONAL_THINKING_S


def _data_bytes(spec: Dlt645Point | Cjt188Point) -> int:
    return spec.end if isinstance(spec, Cjt188Point) else (spec.index + 1) * spec.digits_bytes


def _modbus_bytes(link: FieldLink, table: Table, count: int) -> tuple[int, int]:
    """Characters of a request for `count` registers (or bits) and of its answer."""
    answer = RTU_ANSWER_BYTES + ((count + 7) // 8 if table in BIT_TABLES else 2 * count)
    if isinstance(link, ModbusAsciiLink | ModbusAsciiOverTcpLink):
        return _ascii_characters(RTU_REQUEST_BYTES), _ascii_characters(answer)
    return RTU_REQUEST_BYTES, answer


def _ascii_characters(rtu_bytes: int) -> int:
    """Of the frame that is so long in RTU: a checksum of one byte instead of two, colon, CR and LF."""
    return 2 * (rtu_bytes - 1) + 3


def _character_s(link: SerialSettings) -> float:
    """Start bit, data bits, parity, stop bits."""
    data_bits = link.data_bits if isinstance(link, ModbusAsciiLink) else 8
    return (1 + data_bits + (link.parity != "N") + link.stop_bits) / link.baudrate


def _bytes_s(link: FieldLink, count: int) -> float:
    return count * _character_s(link) if isinstance(link, SerialSettings) else 0.0


def _silence_s(link: FieldLink) -> float:
    if not isinstance(link, SerialSettings):
        return 0.0
    if link.baudrate > SILENCE_IS_FIXED_ABOVE_BAUD:
        return SHORTEST_SILENCE_S
    return SILENCE_CHARACTERS * _character_s(link)


def _change_of_units_s(line: PolledLine, polled: Polled) -> float:
    """What the first request of a round costs more, because another unit was asked before."""
    if len(line.devices) < 2:
        return 0.0
    return max(0.0, line.link.unit_pause_ms - polled.profile.limits.pause_ms) / 1e3


def _probe_s(line: PolledLine, polled: Polled) -> float:
    """What one unanswered probe costs: the time-out, and on a serial line as much again until it is clean."""
    timeout_ms = polled.profile.limits.timeout_ms if line.link.timeout_ms is None else line.link.timeout_ms
    if not isinstance(line.link, SerialSettings):
        return timeout_ms / 1e3
    longest = max((asked + answered for asked, answered, _ in _exchanges(line.link, polled, polled.points)), default=0)
    return 2 * (timeout_ms / 1e3 + _bytes_s(line.link, longest))
