"""Turns findings into the reasons and the one sentence that people read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from controller.policy.findings import Finding, Seen
from controller.policy.schema import Clause
from controller.policy.wording import wish_words, words_of
from facility.commands import Wish
from facility.decisions import Effect, Input, Reason
from facility.text import Text

MOST_SAID: Final = 1024
"""How many worded findings are kept: units of a class share theirs, so that a cycle words each once."""

FILED: Final = frozenset({"filed", "booked", "notice"})
"""What somebody asked for and was granted is told before what permits it anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explainer:
    """Knows the clauses' words and the local time. `clause_of` maps a policy rule to its clause id."""

    clauses: Mapping[str, Clause]
    zone: ZoneInfo
    _said: dict[int, tuple[Finding, Mapping[str, str], datetime, Reason]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def reason(self, finding: Finding, clause_of: Mapping[str, str], now: datetime) -> Reason:
        """One finding with its words and the clause it rests on."""
        known = self._said.get(id(finding))
        if known is not None and known[0] is finding and known[1] is clause_of and known[2] == now:
            return known[3]
        reason = self._worded(finding, clause_of, now)
        if len(self._said) >= MOST_SAID:
            self._said.clear()
        self._said[id(finding)] = (finding, clause_of, now, reason)
        return reason

    def _worded(self, finding: Finding, clause_of: Mapping[str, str], now: datetime) -> Reason:
        name = clause_of.get(finding.rule)
        clause = None if name is None else self.clauses.get(name)
        return Reason(
            rule=finding.code,
            effect=finding.effect,
            text=words_of(finding, self.local, now),
            clause=name if clause is not None else None,
            quote=None if clause is None else clause.quote,
            document=None if clause is None else f"{clause.document}{clause.article}",
            inputs=tuple(_input(seen, now) for seen in finding.inputs),
        )

    def reasons(self, findings: tuple[Finding, ...], clause_of: Mapping[str, str], now: datetime) -> tuple[Reason, ...]:
        """A whole chain."""
        return tuple(self.reason(finding, clause_of, now) for finding in findings)

    def local(self, when: datetime) -> datetime:
        """On the clock on the wall."""
        return when.astimezone(self.zone)


def _input(seen: Seen, now: datetime) -> Input:
    age_s = None if seen.time is None else max(0.0, (now - seen.time).total_seconds())
    return Input(point=seen.point, value=seen.value, source=seen.source, time=seen.time, age_s=age_s)


def citation(reason: Reason) -> Text:
    """The clause in brackets, empty for a reason that rests on none."""
    if reason.clause is None:
        return Text("", "")
    return Text(f"（{reason.clause}{reason.document}）", f" ({reason.clause}, {reason.document})")


def sentence(subject: Text, state: Text, reasons: tuple[Reason, ...], *, runs: bool) -> Text:
    """Everything in one sentence: who, what, why, by which clause. What is to run also says what permits it, and
    what no longer can be told.
    """
    told = [reasons[0]]
    if runs and reasons[0].effect is Effect.WANT:
        rest = [reason for reason in reasons[1:] if reason.clause is not None]
        rest.sort(key=lambda reason: reason.rule not in FILED)
        told += [reason for reason in rest if reason.effect is Effect.HOLD][:1]
        told += [reason for reason in rest if reason.effect is Effect.PERMIT][: 3 - len(told)]
    zh = "；".join(f"{reason.text.zh}{citation(reason).zh}" for reason in told)
    en = "; ".join(f"{reason.text.en}{citation(reason).en}" for reason in told)
    return Text(f"{subject.zh}{state.zh}{zh}", f"{subject.en} {state.en} {en}")


def state_words(wanted: Wish, effective: Wish, *, ran: bool, waits: bool = False) -> Text:
    """What the unit does, as the middle of the sentence. `ran`: it has been running today. `waits`: something holds
    the wanted state back.
    """
    if wanted.on is False:
        if effective.on or ran:
            return Text(
                "已关闭：" if not effective.on else "关闭：",
                "is off:" if not effective.on else "is being switched off:",
            )
        return Text("未启动，因为", "was not started because")
    if effective.on:
        shown = wish_words(Wish(on=True, mode=effective.mode, setpoint_c=effective.setpoint_c))
        return Text(f"运行中（{shown.zh}）：", f"is running ({shown.en}):")
    return Text("等待开启：", "waits to be switched on:") if waits else Text("正在开启：", "is being switched on:")
