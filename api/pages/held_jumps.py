"""Jumps of counters that wait for a person: what they are, and the buttons of those who may judge."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from api.pages import texts_meters
from api.pages.acting import ask, may_enter
from api.pages.bookings import closed_words
from api.pages.names import meter_name, meter_unit
from api.pages.widgets import Words, box, button, link, note, table
from api.problems import RequestProblem
from api.services.entered import EntryKind, enter
from api.services.entry_bodies import JumpBody
from api.services.meters import is_held
from facility.readings import to_us

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from api.services.entered import EntryMade
    from api.services.meters import HeldJumpView
    from facility.commands import Actor

Judged = Callable[["EntryMade"], Awaitable[None]]


def held_jumps_table(reader: Reader, jumps: Sequence[HeldJumpView], judged: Judged) -> None:
    """Each jump with what was before and after it; `judged` is called after a verdict."""
    say, words = reader.say, reader.words
    note(say(texts_meters.HELD_HINT))
    may = may_enter(reader.actor)
    head = [(say(texts_meters.METER), ""), (say(texts_meters.WHEN), ""), (say(texts_meters.BEFORE), "num"),
            (say(texts_meters.AFTER), "num"), (say(texts_meters.RISE), "num"),
            (say(texts_meters.BELIEVABLE), "num")]  # fmt: skip
    with table([*head, ("", "")] if may else head):
        for jump in jumps:
            unit = meter_unit(reader, jump.meter)
            with box(tag="tr") as line:
                line.props["data-jump"] = jump.meter
                with box("name", "td"):
                    link(meter_name(reader, jump.meter), f"/meters/{jump.meter}")
                Words(words.span(jump.start, jump.end), tag="td", classes="when")
                for value in (jump.before, jump.after, jump.amount, jump.believable):
                    Words(words.amount(value, unit, 2), tag="td", classes="num")
                if may:
                    with box(tag="td"), box("row tight"):
                        for accepted, text in ((True, texts_meters.ACCEPT), (False, texts_meters.REJECT)):
                            act = partial(_ask, reader, jump, accepted, judged)
                            button(say(text), act).props["data-act"] = "accept" if accepted else "reject"
    if not may:
        note(say(texts_meters.MAY_NOT_ENTER))


async def _ask(reader: Reader, jump: HeldJumpView, accepted: bool, judged: Judged) -> None:
    words = reader.words
    amount = words.amount(jump.amount, meter_unit(reader, jump.meter), 2)
    title, means = (
        (texts_meters.ACCEPT_TITLE, texts_meters.ACCEPT_MEANS)
        if accepted
        else (texts_meters.REJECT_TITLE, texts_meters.REJECT_MEANS)
    )

    async def act(reason: str, actor: Actor) -> None:
        body = JumpBody(start=jump.start, end=jump.end, accepted=accepted, reason=reason)
        if not await is_held(reader.context, jump.meter, to_us(jump.start), to_us(jump.end)):
            raise RequestProblem(422, "no_such_jump", texts_meters.JUDGED_BEFORE)
        await judged(await enter(reader.context, EntryKind.JUMPS, body.entry(jump.meter), actor))

    ask(
        reader,
        words.say(title, meter=meter_name(reader, jump.meter)),
        [words.say(means, amount=amount, span=words.span(jump.start, jump.end)), await closed_words(reader)],
        act,
        strong=texts_meters.ACCEPT if accepted else texts_meters.REJECT,
    )
