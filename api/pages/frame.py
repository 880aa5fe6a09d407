"""The frame around every page: head, navigation, the clock, and the banner that says when time is not real."""

from __future__ import annotations

import contextlib
import copy
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from nicegui import ui

from api.pages import texts, texts_almanac, texts_lines, texts_observance, texts_rules, texts_trials
from api.pages.acting import may_enter, told
from api.pages.control_banner import ControlBanner
from api.pages.widgets import Words, box, heading, link
from facility.errors import PersonMustAct, TryAgain

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from api.pages.reader import Reader
    from facility.text import Text

ASSETS: Final = Path(__file__).parent / "assets"
RECHECK_TICKS: Final = 5

_NAVIGATION: Final = (
    ("/", texts.NAV_BOARD),
    ("/usage", texts.NAV_USAGE),
    ("/months", texts.NAV_MONTHS),
    ("/meters", texts.NAV_METERS),
    ("/balance", texts.NAV_BALANCE),
    ("/filings", texts.NAV_FILINGS),
    ("/observance", texts_observance.NAV_OBSERVANCE),
    ("/patrol", texts_observance.NAV_PATROL),
    ("/alarms", texts.NAV_ALARMS),
    ("/lines", texts_lines.NAV),
    ("/almanac", texts_almanac.TITLE),
    ("/rules", texts_rules.NAV),
    ("/trials", texts_trials.NAV),
)
_FOR_ADMINISTRATORS: Final = ("/trials",)


def style_link() -> str:
    """The head's line for the style sheet; its address changes with its content, so it may be cached for ever."""
    digest = hashlib.sha256((ASSETS / "houqin.css").read_bytes()).hexdigest()[:12]
    return f'<link rel="stylesheet" href="/assets/houqin.css?v={digest}">'


@contextlib.contextmanager
def framed(reader: Reader, title: str, *, here: str = "") -> Iterator[None]:
    """Everything but the page's own content, which is built inside. `here` is the navigation target we are at."""
    _speak(reader)
    site = reader.words.name(reader.context.site.file.site.name.text)
    ui.page_title(f"{title} · {site}")
    with box("top", "header"), box("top-in"):
        with link("", "/", "brand"):
            Words(site, tag="span", classes="site")
            Words(reader.say(texts.PRODUCT), tag="span", classes="product")
        with box("nav", "nav"):
            for target, name in _NAVIGATION:
                if target in _FOR_ADMINISTRATORS and not may_enter(reader.actor):
                    continue
                link(reader.say(name), target, "here" if target == here else "")
        clock = Words(
            reader.words.full(reader.context.clock.now()), classes="clock twice" if _hurried(reader) else "clock"
        )
        _who(reader)
    banner = _banner(reader)
    control = ControlBanner(reader)
    with box("main", "main"):
        yield
    _keep_time(reader, clock, banner, control)


@contextlib.contextmanager
def bare(reader: Reader, title: str) -> Iterator[None]:
    """The frame of pages that strangers see: no navigation, nothing about the site but its name."""
    _speak(reader)
    site = reader.words.name(reader.context.site.file.site.name.text)
    ui.page_title(f"{title} · {site}")
    with box("top", "header"), box("top-in"):
        with box("brand"):
            Words(site, tag="span", classes="site")
            Words(reader.say(texts.PRODUCT), tag="span", classes="product")
        Words("", classes="clock")
        with box("who"):
            _language_switch(reader)
    with box("main", "main"):
        yield


def _speak(reader: Reader) -> None:
    """Tells browser and NiceGUI's own messages the reader's language."""
    client = ui.context.client
    page = copy.copy(client.page)
    page.language = "zh-CN" if reader.words.language == "zh" else "en-US"
    client.page = page


def _who(reader: Reader) -> None:
    with box("who"):
        if reader.actor is not None:
            _signed_in(reader)
        else:
            link(reader.say(texts.LOG_IN), f"/login?next={quote(reader.path, safe='/')}", "plain-button")
        _language_switch(reader)


def _signed_in(reader: Reader) -> None:
    actor = reader.actor
    if actor is None:
        return
    role = reader.say(texts.ROLES[actor.role]) if actor.role is not None else ""
    Words(reader.say(texts.SIGNED_IN_AS, name=actor.name, role=role), tag="span")
    with box(tag="form") as form:
        form.props["method"] = "post"
        form.props["action"] = "/logout"
        leave = Words(reader.say(texts.LOG_OUT), tag="button", classes="plain-button")
        leave.props["type"] = "submit"


def _language_switch(reader: Reader) -> None:
    other = "en" if reader.words.language == "zh" else "zh"
    words = link(
        reader.say(texts.OTHER_LANGUAGE), f"/language/{other}?next={quote(reader.path, safe='/')}", "plain-button"
    )
    words.props["hreflang"] = other


def _banner(reader: Reader) -> Words | None:
    """Says that time is not real: in a demonstration, and wherever the clock runs faster than life."""
    pace = reader.context.clock.pace
    if not _hurried(reader):
        return None
    with box("demo"), box("demo-in"):
        Words(reader.say(texts.DEMONSTRATION), tag="strong")
        time = Words(reader.words.full(reader.context.clock.now()), tag="span", classes="num")
        note: Text = texts.DEMONSTRATION_NOTE if reader.context.demo else texts.CLOCK_PACE
        Words(reader.say(note, pace=reader.words.pace(pace)), tag="span")
    return time


def _hurried(reader: Reader) -> bool:
    return reader.context.demo or reader.context.clock.pace != 1.0


def _keep_time(reader: Reader, clock: Words, banner: Words | None, control: ControlBanner) -> None:
    """Shows the time, and ends a page whose log-in has ended: the browser is sent away, then nothing more is told."""
    client = ui.context.client
    ticks = 0
    ended = False

    async def tick() -> None:
        nonlocal ticks, ended
        if ended:
            client.delete()
            return
        now = reader.words.full(reader.context.clock.now())
        clock.put(now)
        if banner is not None:
            banner.put(now)
        control.show()
        ticks += 1
        if ticks % RECHECK_TICKS == 0 and not await reader.may_still_read():
            ended = True
            ui.navigate.to("/login")

    ui.timer(1.0, tick)


def page_head(reader: Reader, title: str, trail: list[tuple[str, str]], notes: list[str]) -> None:
    """Where we are, what this page is about, and a few facts beside it."""
    with box("crumbs"):
        link(reader.say(texts.NAV_BOARD), "/")
        for name, target in trail:
            Words(" / ", tag="span")
            if target:
                link(name, target)
            else:
                Words(name, tag="span")
    with box("page-title"):
        heading(title, 1)
        for note in notes:
            Words(note, tag="span", classes="muted")


def stamped(reader: Reader, text: Text, read: Callable[[], Awaitable[None]]) -> None:
    """Runs `read` once the page is open, with a line that says so meanwhile, and says when the store is away."""
    notice = Words(reader.say(text), classes="muted")

    async def load() -> None:
        try:
            await read()
        except (TryAgain, PersonMustAct) as error:
            if notice.is_deleted:
                raise
            notice.put(reader.say(texts.STORE_AWAY) if isinstance(error, TryAgain) else told(reader, error))
            notice.dress("notice warn")
            return
        if not notice.is_deleted:
            notice.delete()

    ui.timer(0.01, load, once=True)
