"""A whole trial: policies, recorded time, and what came of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

import numpy as np
from pydantic import ValidationError

from controller.policy.site_policy import PolicyProblem, SitePolicy, check_policy, load_policy
from controller.replay.energy import EnergyModel, Metered
from controller.replay.recording import HOUR_US, Past, Recording
from controller.replay.tally import COOLING, HEATING, SEASONS, Sums, Tally
from controller.replay.track import Track
from controller.replay.words import LIMITS, title
from facility.books.metering import MeterAccounts
from facility.calendar import Calendar
from facility.errors import EntryRefused
from facility.model import Meter, Site, SiteFile
from facility.model.entries import PolicyEntry
from facility.readings import to_us
from facility.store import Store
from facility.text import Text
from facility.trials import (
    LONGEST_DAYS,
    MOST_POLICIES,
    Estimate,
    OfficeOutcome,
    PolicyChoice,
    PolicyOutcome,
    ReasonTally,
    SeasonHours,
    TrialRequest,
    TrialResult,
    UnknownShares,
)

DAY: Final = timedelta(days=1)
WARM_UP: Final = DAY
"""So long before its beginning a trial looks on: what held how long is known when it begins."""
STRETCH: Final = timedelta(days=7)
CADENCE_S: Final = 60.0
MOST_TOLD: Final = 20
"""So many mistakes of a policy are told at once."""
NO_OFFICE: Final = Text("公共区域", "shared rooms")

Progress = Callable[[int, int], None]


def unseen(_done: int, _total: int) -> None:
    """Progress that nobody looks at."""


def file_with(file: SiteFile, choice: PolicyChoice) -> SiteFile:
    """The site file with the policy to try in place of its own.

    Raises:
        EntryRefused: it does not fit the schema of a `policy:` section.
    """
    if choice.policy is None:
        return file
    try:
        entry = PolicyEntry.model_validate(dict(choice.policy))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(("policy", *(str(part) for part in first["loc"])))
        text = Text(f"{choice.name}：{place} 不符合要求", f"{choice.name}: {place}: {first['msg']}")
        raise EntryRefused(text, field=place) from error
    return file.model_copy(update={"policy": entry})


def problems_of(file: SiteFile, choice: PolicyChoice) -> list[PolicyProblem]:
    """What is wrong with a policy at this site; empty when it can be tried."""
    return [one for one in check_policy(file_with(file, choice)) if one.severity == "error"]


def tried_policy(file: SiteFile, choice: PolicyChoice) -> SitePolicy:
    """The rules to try.

    Raises:
        EntryRefused: the policy has mistakes; names the first of them.
    """
    problems = problems_of(file, choice)
    if problems:
        told, more = problems[:MOST_TOLD], " …" if len(problems) > MOST_TOLD else ""
        zh = "；".join(f"{'.'.join(map(str, one.path))}：{one.what.zh}" for one in told) + more
        en = "; ".join(f"{'.'.join(map(str, one.path))}: {one.what.en}" for one in told) + more
        raise EntryRefused(Text(f"{choice.name}：{zh}", f"{choice.name}: {en}"), field="policies")
    return load_policy(file_with(file, choice))


def checked_request(request: TrialRequest) -> TrialRequest:
    """The request, times in UTC.

    Raises:
        EntryRefused: its span is empty or too long, or it names no policies, too many, or two alike.
    """
    start, end = request.start.astimezone(UTC), request.end.astimezone(UTC)
    if end <= start:
        raise EntryRefused(Text("结束必须晚于开始", "the end must be later than the beginning"), field="end")
    if end - start > LONGEST_DAYS * DAY:
        said = Text(f"最长 {LONGEST_DAYS} 天", f"{LONGEST_DAYS} days at most")
        raise EntryRefused(said, field="end")
    names = [choice.name for choice in request.policies]
    if not 1 <= len(names) <= MOST_POLICIES or len(set(names)) != len(names) or not all(map(str.strip, names)):
        said = Text(
            f"需要 1 到 {MOST_POLICIES} 个制度，名称各不相同",
            f"1 to {MOST_POLICIES} policies are needed, each with a name of its own",
        )
        raise EntryRefused(said, field="policies")
    return TrialRequest(start=start, end=end, policies=request.policies)


def run_trial(
    site: Site, store: Store, past: Past, request: TrialRequest, *, progress: Progress = unseen
) -> TrialResult:
    """Goes through the record with every policy. Blocks, for seconds to minutes.

    Raises:
        EntryRefused: the request or one of its policies has mistakes.
        StoreUnavailable, StoreDamaged: the record cannot be read.
    """
    request = checked_request(request)
    policies = [tried_policy(site.file, choice) for choice in request.policies]
    start_us, end_us = to_us(request.start), to_us(request.end)
    calendar = Calendar.of(site.file)
    calendar.refresh(past.almanac)
    cadence_s = _cadence_s(site, store, start_us, end_us)
    tallies = [Tally(site, start_us, end_us, cadence_s=cadence_s) for _ in policies]
    tracks = [
        Track(site, policy, calendar, past, cadence_s=cadence_s, tally=tally)
        for policy, tally in zip(policies, tallies, strict=True)
    ]
    recording = Recording(
        store,
        told=set().union(*(track.told() for track in tracks)),
        switched=set().union(*(track.switched() for track in tracks)),
        looked=set().union(*(track.looked() for track in tracks)),
    )
    _go_through(recording, tracks, request, progress)
    for tally in tallies:
        tally.close()
    model = EnergyModel(tallies[0], _metered(site, store, past, tallies[0]))
    outcomes = [
        _outcome(site, choice, policy, tally, model)
        for choice, policy, tally in zip(request.policies, policies, tallies, strict=True)
    ]
    return TrialResult(
        start=request.start,
        end=request.end,
        outcomes=tuple(outcomes),
        rates=model.rates(),
        decisions=sum(track.decisions for track in tracks),
        limits=LIMITS,
    )


def _go_through(recording: Recording, tracks: Sequence[Track], request: TrialRequest, progress: Progress) -> None:
    edges: list[datetime] = [request.start - WARM_UP]
    while edges[-1] < request.end:
        edges.append(min(edges[-1] + STRETCH, request.end))
    for done, (start, end) in enumerate(pairwise(edges)):
        progress(done, len(edges) - 1)
        stretch = recording.stretch(to_us(start), to_us(end))
        for track in tracks:
            track.run(stretch)
    progress(len(edges) - 1, len(edges) - 1)


def _cadence_s(site: Site, store: Store, start_us: int, end_us: int) -> float:
    """The usual time between two readings of a unit, by the first day that has some."""
    points = [f"{unit}.on" for unit in list(site.indoor_units)[:3] if f"{unit}.on" in site.points]
    recording = Recording(store, told=(), switched=(), looked=())
    day_us = 24 * HOUR_US
    for first_us in range(start_us, end_us, day_us):
        found = recording.cadence_s(points, first_us, min(first_us + day_us, end_us))
        if found is not None:
            return found
    return CADENCE_S


def _metered(site: Site, store: Store, past: Past, tally: Tally) -> dict[str, Metered]:
    """What the outdoor units' meters counted, by the hour."""
    accounts = MeterAccounts(site, store, lambda: past.histories, lambda: 1.0)
    edges_us = (np.arange(tally.hours + 1, dtype=np.int64) + tally.first_hour) * HOUR_US
    found: dict[str, Metered] = {}
    for unit in site.outdoor_units.values():
        meter = site.meters.get(unit.meter or "") or _feeding(site, unit.id)
        if meter is None:
            continue
        amounts = accounts.account(meter.id, edges_us).amounts
        found[unit.id] = Metered(
            energy_kwh=amounts.values, completeness=amounts.completeness, standby_kw=unit.standby_kw
        )
    return found


def _feeding(site: Site, outdoor_unit: str) -> Meter | None:
    return next((meter for meter in site.meters.values() if meter.feeds.equipment == outdoor_unit), None)


def _outcome(site: Site, choice: PolicyChoice, policy: SitePolicy, tally: Tally, model: EnergyModel) -> PolicyOutcome:
    whole = _together(tally.units.values())
    priced = model.priced(tally)
    unknown = _unknown(tally)
    return PolicyOutcome(
        name=choice.name,
        preset=policy.preset,
        supply={zone_class.value: _seasons(hours) for zone_class, hours in sorted(tally.classes.items())},
        permitted=_seasons(whole.permitted),
        used=_seasons(whole.used),
        used_permitted=_seasons(whole.used_permitted),
        forbidden_h=_hours(whole.against_us),
        wanted_h=_hours(tally.wanted_us),
        starts=tally.starts,
        stops=_reasons(tally, tally.stops, None),
        violations=_reasons(tally, tally.violations, tally.violations_us),
        offices=_offices(site, tally),
        avoided_kwh=Estimate() if unknown.units == 1.0 else priced.avoided_kwh,  # nobody knows what ran: not 0
        unpriced_h=priced.unpriced_h,
        unknown=unknown,
    )


def _together(units: Iterable[Sums]) -> Sums:
    total = Sums()
    for sums in units:
        total.permitted.update(sums.permitted)
        total.used.update(sums.used)
        total.used_permitted.update(sums.used_permitted)
        total.against_us += sums.against_us
    return total


def _hours(lasted_us: int) -> float:
    return lasted_us / HOUR_US


def _seasons(lasted_us: Counter[str]) -> SeasonHours:
    return SeasonHours(cooling_h=_hours(lasted_us[COOLING]), heating_h=_hours(lasted_us[HEATING]))


def _reasons(tally: Tally, counts: Counter[str], lasted_us: Mapping[str, int] | None) -> tuple[ReasonTally, ...]:
    return tuple(
        ReasonTally(
            code=code,
            text=title(code),
            clause=tally.rules.get(code) or None,
            count=count,
            hours=None if lasted_us is None else _hours(lasted_us[code]),
        )
        for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )


def _offices(site: Site, tally: Tally) -> tuple[OfficeOutcome, ...]:
    by_office: dict[str | None, list[Sums]] = defaultdict(list)
    for unit, sums in tally.units.items():
        by_office[site.office_of(unit)].append(sums)
    order = [*site.offices, None]
    return tuple(
        OfficeOutcome(
            office=office,
            name=NO_OFFICE if office is None else site.offices[office].name.text,
            units=len(by_office[office]),
            permitted=_seasons(total.permitted),
            used_h=_hours(sum(total.used[season] for season in SEASONS)),
            forbidden_h=_hours(total.against_us),
        )
        for office in order
        if office in by_office
        for total in (_together(by_office[office]),)
    )


def _unknown(tally: Tally) -> UnknownShares:
    time = tally.time_us
    return UnknownShares(
        outdoor=_share(time["outdoor_unknown"], time["open"]),
        forecast=_share(time["forecast_missing"], time["open"]),
        units=_share(time["unit_unknown"], time["possible"]),
        rooms=_share(time["room_unknown"], time["possible"]),
    )


def _share(part_us: int, whole_us: int) -> float | None:
    return part_us / whole_us if whole_us else None
