"""Whether a site's wishes about alarms and notifications make sense: every mistake with its place in the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from controller.alarming.catalogue import shipped
from controller.alarming.points import states_of
from controller.alarming.selecting import select
from facility.model import Site, SiteFile
from facility.model.alarm_entries import Limits, OwnConditionEntry, Selection
from facility.model.near import did_you_mean, listing
from facility.text import Text

Path = Sequence[str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmProblem:
    """A mistake. `path` are the keys into the site file; `hint` is the near miss, None without."""

    path: Path
    what: Text
    hint: Text | None = None


def check_alarms(file: SiteFile, site: Site | None) -> list[AlarmProblem]:
    """Every mistake of `alarms` and `notify`. Points are looked at where the rest of the file is whole (`site`)."""
    return [*_ids(file), *_parameters(file), *_notify(file), *(_points(file, site) if site is not None else ())]


def _ids(file: SiteFile) -> Iterator[AlarmProblem]:
    known = list(shipped())
    wanted: list[tuple[Path, str]] = [(("alarms", "off", index), name) for index, name in enumerate(file.alarms.off)]
    wanted += [(("alarms", "change", name), name) for name in file.alarms.change]
    for path, name in wanted:
        if name not in known:
            yield _unknown(path, Text("报警条件", "alarm condition"), name, known)
    counts = Counter(own.id for own in file.alarms.own)
    for index, own in enumerate(file.alarms.own):
        if own.id in known or counts[own.id] > 1:
            what = Text(
                f"报警条件 `{own.id}` 已有，请换一个编号", f"there is an alarm condition `{own.id}`: choose another id"
            )
            yield AlarmProblem(path=("alarms", "own", index, "id"), what=what)


def _parameters(file: SiteFile) -> Iterator[AlarmProblem]:
    for name, change in file.alarms.change.items():
        entry = shipped().get(name)
        if entry is None:
            continue
        for parameter in change.parameters:
            if parameter not in entry.parameters:
                path = ("alarms", "change", name, "parameters", parameter)
                yield _unknown(path, Text("参数", "parameter"), parameter, list(entry.parameters))
        if entry.select.is_empty and change.limits.model_fields_set:
            what = Text(
                f"`{name}` 由程序报告，没有限值可改", f"`{name}` is reported by the program: it has no limits to change"
            )
            yield AlarmProblem(path=("alarms", "change", name, "limits"), what=what)


def _points(file: SiteFile, site: Site) -> Iterator[AlarmProblem]:
    for index, own in enumerate(file.alarms.own):
        yield from _selection(
            site, own.select, own.limits, ("alarms", "own", index), word="select", limits_word="limits"
        )
        if not own.besides.is_empty:
            yield from _selection(
                site, own.besides, own.besides_limits, ("alarms", "own", index), word="besides",
                limits_word="besides_limits",
            )  # fmt: skip
            yield from _besides(own, index)


def _besides(own: OwnConditionEntry, index: int) -> Iterator[AlarmProblem]:
    if not own.besides_limits.is_set:
        what = Text("`besides` 需要 `besides_limits`", "`besides` needs `besides_limits`")
        yield AlarmProblem(path=("alarms", "own", index, "besides"), what=what)


def _selection(
    site: Site, selection: Selection, limits: Limits, path: Path, *, word: str, limits_word: str
) -> Iterator[AlarmProblem]:
    for index, point in enumerate(selection.points):
        if point not in site.points:
            yield _unknown((*path, word, "points", index), Text("测点", "point"), point, list(site.points))
    found = select(site, selection)
    if not found and all(point in site.points for point in selection.points):
        what = Text("没有选中任何测点", "it selects no point")
        yield AlarmProblem(path=(*path, word), what=what)
    if limits.state is not None:
        for point_found in found:
            states = states_of(point_found)
            if limits.state not in states:
                what = Text(
                    f"测点 {point_found.id} 没有状态 `{limits.state}`，可用：{listing(states) if states else '无'}",
                    f"point {point_found.id} has no state `{limits.state}`; expected {listing(states) or 'a state'}",
                )
                yield AlarmProblem(path=(*path, limits_word, "state"), what=what)
                return


def _notify(file: SiteFile) -> Iterator[AlarmProblem]:
    known = list(file.notify.channels)
    for index, step in enumerate(file.notify.escalation):
        yield from _channels(("notify", "escalation", index, "channels"), step.channels, known)
    yield from _channels(("notify", "reminders"), file.notify.reminders, known)
    minutes = [step.after_minutes for step in file.notify.escalation]
    if minutes != sorted(minutes):
        what = Text("升级步骤应按 `after_minutes` 从小到大排列", "steps are expected in the order of `after_minutes`")
        yield AlarmProblem(path=("notify", "escalation"), what=what)


def _channels(path: Path, names: Iterable[str], known: list[str]) -> Iterator[AlarmProblem]:
    for index, name in enumerate(names):
        if name not in known:
            yield _unknown((*path, index), Text("通知渠道", "channel"), name, known)


def _unknown(path: Path, kind: Text, name: str, known: list[str]) -> AlarmProblem:
    some = listing(known[:12]) if known else "-"
    what = Text(f"{kind.zh} `{name}` 不存在，可用：{some}", f"there is no {kind.en} `{name}`; expected {some}")
    return AlarmProblem(path=path, what=what, hint=did_you_mean(name, known))
