"""Whether every line has time for its polls."""

from __future__ import annotations

from facility.model.entries import ModbusLink, PollsEntry
from facility.model.index import Index
from facility.model.line_budget import (
    FULL,
    NATIONAL_THINKING_S,
    NEARLY_FULL,
    THINKING_S,
    LineBudget,
    Polled,
    PolledLine,
    line_budget,
)
from facility.model.line_relief import reliefs
from facility.model.lines import FieldLink, SerialSettings
from facility.model.problems import Severity
from facility.model.site import points_of_equipment
from facility.model.validation import Path
from facility.profiles.schema import AnyPoint, PollClass
from facility.text import Text

CLASS_TEXTS = {
    PollClass.FAST: Text("快速", "fast"),
    PollClass.NORMAL: Text("常规", "normal"),
    PollClass.SLOW: Text("慢速", "slow"),
}


def check_lines(index: Index) -> None:
    """Tells lines that cannot do what they should, and those that nearly cannot."""
    polls = next((entry for _, entry in index.draft.of(PollsEntry)), PollsEntry())
    devices = _devices_by_link(index)
    for valid in index.draft.entries.get("links", ()):
        name, link = str(valid.path[-1]), valid.entry
        if isinstance(link, ModbusLink) and name in devices:
            line = PolledLine(link=link, devices=tuple(devices[name]), polls=polls)
            budget = line_budget(line)
            if budget.share > NEARLY_FULL:
                _tell(index, valid.path, name, line, budget)


def _devices_by_link(index: Index) -> dict[str, list[Polled]]:
    entries = {device.id: (device, profile) for _, device, profile in index.devices()}
    points: dict[str, list[tuple[AnyPoint, int | None]]] = {device: [] for device in entries}
    slots: set[tuple[str, int | None]] = set()
    for _, item, _ in index.equipment():
        if item.device in entries and (item.device, item.slot) not in slots:
            slots.add((item.device, item.slot))  # one equipment per slot counts
            laid_out = points_of_equipment(item, *entries[item.device])
            points[item.device] += [(point.spec, item.slot) for point in laid_out]
    by_link: dict[str, list[Polled]] = {}
    for name, (device, profile) in entries.items():
        by_link.setdefault(device.link, []).append(Polled(device=device, profile=profile, points=points[name]))
    return by_link


def _tell(index: Index, path: Path, name: str, line: PolledLine, budget: LineBudget) -> None:
    full = budget.share > FULL
    verdict = Text("超载", "is overloaded") if full else Text("将满", "is nearly full")
    what = Text(
        f"线路 `{name}` {verdict.zh}：{_speed(line.link).zh}轮询 {len(line.devices)} 台设备要占用每秒的"
        f" {budget.share:.0%}（{_made_of(budget).zh}），应不超过 {NEARLY_FULL:.0%}；{_ways(line).zh}",
        f"link `{name}` {verdict.en}: polling its {len(line.devices)} devices {_speed(line.link).en}takes"
        f" {budget.share:.0%} of every second ({_made_of(budget).en}); expected {NEARLY_FULL:.0%} at most:"
        f" {_ways(line).en}",
    )
    severity = Severity.ERROR if full else Severity.WARNING
    code = "line_overloaded" if full else "line_nearly_full"
    index.draft.parsed.report(index.draft.place(path), code, what, severity=severity)


def _speed(link: FieldLink) -> Text:
    if not isinstance(link, SerialSettings):
        return Text("", "")
    return Text(f"{link.baudrate} 波特下", f"at {link.baudrate} baud ")


def _made_of(budget: LineBudget) -> Text:
    zh, en = [], []
    for period in budget.periods:
        names = [CLASS_TEXTS[name] for name in period.classes]
        part = f"{period.round_s:.2g} s / {period.period_s:g} s"
        zh.append(f"{'、'.join(text.zh for text in names)} {period.share:.0%}：{period.requests} 次请求 {part}")
        en.append(f"{', '.join(text.en for text in names)} {period.share:.0%}: {period.requests} requests, {part}")
    zh.append(f"一台无应答设备的探测 {budget.probe_share:.0%}")
    en.append(f"probes of one silent device {budget.probe_share:.0%}")
    modbus, national = round(THINKING_S * 1e3), round(NATIONAL_THINKING_S * 1e3)
    zh.append(f"按每次应答思考 {modbus} 毫秒、国标表 {national} 毫秒估算")
    en.append(f"assuming {modbus} ms to answer, {national} ms of national meters")
    return Text("；".join(zh), "; ".join(en))


def _ways(line: PolledLine) -> Text:
    found = reliefs(line)
    if not found:
        return Text(
            "单靠提高波特率、放慢一个轮询等级或分线都不够，应几种办法并用",
            "no single change is enough; combine a faster line, slower polls and more lines",
        )
    return Text("，或".join(relief.text.zh for relief in found), ", or ".join(relief.text.en for relief in found))
