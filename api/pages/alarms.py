"""The alarms: what has to be attended to, what is hidden and until when, what stood before, and who was told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from nicegui import ui

from api.pages import texts, texts_alarms
from api.pages.acting import REFUSALS, told
from api.pages.alarm_acting import ActDialog, acknowledge, show_history
from api.pages.alarm_notices import draw_notices
from api.pages.frame import framed, page_head
from api.pages.widgets import Choice, Words, box, button, choice_links, link, note, table
from api.services.alarm_acts import FROM, may_attend
from api.services.alarms import ATTENTION, AlarmView, alarms, open_alarms
from api.services.notifications import notifications
from facility.bus import AlarmAct, AlarmStanding
from facility.bus.messages import AlarmLevel

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from facility.text import Text

REFRESH_S: Final = 2.0
MAX_SHOWN: Final = 300
COLOURS: Final = {"info": "", "warning": "warn", "serious": "bad", "critical": "bad"}
STATE_COLOURS: Final = {
    AlarmStanding.UNACKNOWLEDGED: "bad", AlarmStanding.RETURNED: "warn", AlarmStanding.ACKNOWLEDGED: "good",
}  # fmt: skip

HIDDEN: Final[Mapping[str, tuple[AlarmStanding, Text]]] = {
    "shelved": (AlarmStanding.SHELVED, texts_alarms.SHELVED),
    "suppressed": (AlarmStanding.SUPPRESSED, texts_alarms.SUPPRESSED),
    "out": (AlarmStanding.OUT_OF_SERVICE, texts_alarms.OUT),
}
OFFERED: Final = (
    AlarmAct.ACKNOWLEDGE, AlarmAct.SHELVE, AlarmAct.UNSHELVE, AlarmAct.OUT_OF_SERVICE, AlarmAct.IN_SERVICE,
)  # fmt: skip


async def alarms_page(reader: Reader, query: Mapping[str, str]) -> None:
    """Alarms of one view; kept up to date."""
    say = reader.say
    view = "past" if "past" in query else query.get("view", "open")
    if view == "told" and not may_attend(reader.actor):
        view = "open"
    with framed(reader, say(texts.NAV_ALARMS), here="/alarms"):
        page_head(reader, say(texts.NAV_ALARMS), [], [])
        note(say(texts_alarms.HINT))
        sheet = _Sheet(reader, view, query.get("level", ""))
    await sheet.look()
    ui.timer(REFRESH_S, sheet.look, immediate=False)


class _Sheet:
    """One view of the alarms, drawn anew where anything changed."""

    def __init__(self, reader: Reader, view: str, level: str) -> None:
        self._reader, self._view = reader, view
        self._level = AlarmLevel(level) if level in set(AlarmLevel) else None
        self._drawn: tuple[object, ...] | None = None
        if reader.actor is None:
            link(reader.say(texts_alarms.LOG_IN), f"/login?next={quote(reader.path, safe='/')}", "button")
        with box("card") as card:
            card.props["id"] = "alarms"
            with box("row spread").style("margin-bottom: .8rem; align-items: center"):
                self._views = box("row")
                self._filter()
            self._listed = box()

    def _filter(self) -> None:
        say = self._reader.say
        levels = [
            (level.value, say(texts_alarms.AND_ABOVE, level=say(texts.LEVELS[level])))
            for level in tuple(AlarmLevel)[1:]
        ]
        chosen = "" if self._level is None else self._level.value
        Choice(
            [("", say(texts_alarms.EVERY_LEVEL)), *levels],
            name=say(texts.LEVEL),
            chosen=chosen,
            on_change=lambda value: ui.navigate.to(_address(self._view, value)),
        ).props["data-field"] = "level"

    async def look(self) -> None:
        """Draws the view anew where anything changed."""
        found = open_alarms(self._reader.context)
        if self._view == "told":
            try:
                told_of = await notifications(self._reader.context, limit=MAX_SHOWN)
            except REFUSALS as error:
                said = told(self._reader, error)
                self._draw((said,), found, lambda: note(said))
                return
            self._draw((told_of,), found, lambda: draw_notices(self._reader, told_of))
            return
        rows = await self._rows(found)
        self._draw((*rows,), found, lambda: self._table(rows))

    async def _rows(self, found: list[AlarmView]) -> list[AlarmView]:
        if self._view == "past":
            return (await alarms(self._reader.context, limit=MAX_SHOWN, level=self._level)).rows
        if self._view in HIDDEN:
            wanted: tuple[AlarmStanding, ...] = (HIDDEN[self._view][0],)
        else:
            wanted = ATTENTION
        levels = tuple(AlarmLevel)
        least = 0 if self._level is None else levels.index(self._level)
        rows = [row for row in found if row.state in wanted and levels.index(AlarmLevel(row.level)) >= least]
        return sorted(rows, key=lambda row: wanted.index(AlarmStanding(row.state)))

    def _draw(self, drawn: tuple[object, ...], found: list[AlarmView], fill: Callable[[], object]) -> None:
        counts = tuple(sum(1 for row in found if row.state in states) for _, states, _ in self._choices())
        if (drawn, counts) == self._drawn:
            return
        self._drawn = (drawn, counts)
        self._views.clear()
        with self._views:
            shown = zip(self._choices(), counts, strict=True)
            level = "" if self._level is None else self._level.value
            choice_links([
                (self._reader.say(text, count=count), _address(view, level), view == self._view)
                for (view, _, text), count in shown
            ]).style("flex-wrap: wrap")  # fmt: skip
        self._listed.clear()
        with self._listed:
            fill()

    def _choices(self) -> list[tuple[str, tuple[AlarmStanding, ...], Text]]:
        hidden = [(view, (standing,), text) for view, (standing, text) in HIDDEN.items()]
        told_of = [("told", (), texts_alarms.TOLD)] if may_attend(self._reader.actor) else []
        return [("open", ATTENTION, texts_alarms.OPEN), *hidden, ("past", (), texts_alarms.PAST), *told_of]

    def _table(self, rows: list[AlarmView]) -> None:
        say = self._reader.say
        if not rows:
            Words(say(texts_alarms.NOTHING), classes="notice good")
            return
        columns = [
            (say(texts.LEVEL), ""), (say(texts_alarms.STATE), ""), (say(texts.ALARM), ""),
            (say(texts_alarms.OWNER), ""), (say(texts.SINCE), "num"), (say(texts.UNTIL_TIME), "num"),
            ("", ""),
        ]  # fmt: skip
        with table(columns, "data stacked"):
            for row in rows:
                self._row(row)

    def _row(self, alarm: AlarmView) -> None:
        words, say = self._reader.words, self._reader.say
        with box(tag="tr") as line:
            line.props["data-alarm"] = alarm.key
            line.props["data-state"] = alarm.state
            with box(tag="td"):
                badge = f"badge {COLOURS.get(alarm.level, '')}".strip()
                Words(say(texts.LEVELS[alarm.level]), tag="span", classes=badge)
            with box(tag="td"):
                colour = STATE_COLOURS.get(AlarmStanding(alarm.state), "")
                Words(say(texts_alarms.STATES[alarm.state]), tag="span", classes=f"badge {colour}".strip())
                for remark in _remarks(self._reader, alarm):
                    Words(remark, classes="muted small")
            with box(tag="td"):
                Words(words.name(alarm.text), tag="span")
                _equipment(self._reader, alarm.equipment)
                if alarm.advice is not None and alarm.advice.zh and alarm.abnormal:
                    Words(say(texts_alarms.ADVICE, advice=words.name(alarm.advice)), classes="muted small")
            until = say(texts.STILL_ACTIVE) if alarm.until is None else words.moment(alarm.until)
            for title, told_of, classes in (
                (texts_alarms.OWNER, "" if alarm.owner is None else words.name(alarm.owner), "owner"),
                (texts.SINCE, words.moment(alarm.since), "num"), (texts.UNTIL_TIME, until, "num"),
            ):  # fmt: skip
                Words(told_of, tag="td", classes=classes).props["data-title"] = say(title)
            with box(tag="td"), box("row tight"):
                self._buttons(alarm)

    def _buttons(self, alarm: AlarmView) -> None:
        say = self._reader.say
        if self._view != "past" and may_attend(self._reader.actor):
            for act in OFFERED:
                if AlarmStanding(alarm.state) in FROM[act] and _is_offered(alarm, act):
                    press = partial(self._press, alarm, act)
                    strong = "button strong" if act is AlarmAct.ACKNOWLEDGE else "button"
                    button(say(texts_alarms.ACTS[act]), press, strong).props["data-act"] = act.value
        history = partial(show_history, self._reader, alarm)
        button(say(texts_alarms.HISTORY), history, "button").props["data-act"] = "history"

    async def _press(self, alarm: AlarmView, act: AlarmAct) -> None:
        if act is AlarmAct.ACKNOWLEDGE:
            await acknowledge(self._reader, alarm, self.look)
        else:
            ActDialog(self._reader, alarm, act, self.look)


def _is_offered(alarm: AlarmView, act: AlarmAct) -> bool:
    """What is out of service is put back; it is not taken out once more."""
    return act is not AlarmAct.OUT_OF_SERVICE or alarm.state in ATTENTION


def _remarks(reader: Reader, alarm: AlarmView) -> list[str]:
    """Who acknowledged it, until when it is hidden and why."""
    say, words = reader.say, reader.words
    found: list[str] = []
    if alarm.hidden_until is not None:
        found.append(say(texts_alarms.HIDDEN_UNTIL, time=words.moment(alarm.hidden_until)))
    if alarm.cause is not None:
        found.append(say(texts_alarms.BECAUSE, cause=alarm.cause))
    if alarm.state in {AlarmStanding.SHELVED, AlarmStanding.OUT_OF_SERVICE} and alarm.changed_by is not None:
        found.append(say(texts_alarms.HIDDEN_BY, name=alarm.changed_by, note=alarm.note))
    elif alarm.acknowledged_by is not None:
        found.append(say(texts_alarms.BY, name=alarm.acknowledged_by))
    return found


def _address(view: str, level: str) -> str:
    if view == "past":
        return f"/alarms?past=1&level={level}" if level else "/alarms?past=1"
    words = {name: value for name, value in (("view", view), ("level", level)) if value and value != "open"}
    return f"/alarms?{urlencode(words)}" if words else "/alarms"


def _equipment(reader: Reader, equipment: str | None) -> None:
    item = reader.context.site.equipment.get(equipment) if equipment is not None else None
    if item is not None:
        Words(" ", tag="span")
        link(reader.words.name(item.text), f"/equipment/{item.id}")
