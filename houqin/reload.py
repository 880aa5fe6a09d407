"""A changed site file takes effect while everything runs: checked first, and only where it changes something."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from api.context import ApiContext
from facility.bus import AlarmChanged
from facility.bus.messages import AlarmLevel
from facility.errors import StoreUnavailable
from facility.model import Site
from facility.model.problems import Problem, Severity
from facility.site_file_events import ALARM, APPLIED, REFUSED
from facility.text import Text
from houqin.check import check_site
from houqin.rooms import Rooms
from houqin.site_changes import changes

log = logging.getLogger("houqin")

LOOK_EVERY_S: Final = 2.0
PROBLEMS_TOLD: Final = 5


class SiteFiles:
    """A site file and the YAML files in the folders beside it that it may refer to: profiles, tariffs, factors, codes.

    Args:
        path: the site file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamps: dict[Path, tuple[int, int]] = {}
        self._digest = b""
        self.has_changed()

    def has_changed(self) -> bool:
        """Whether any of them says something else than when this was last asked. Blocks."""
        stamps = dict(self._found())
        if stamps == self._stamps:
            return False
        self._stamps = stamps
        before, self._digest = self._digest, _digest(stamps)
        return self._digest != before

    def _found(self) -> Sequence[tuple[Path, tuple[int, int]]]:
        beside = self._path.parent
        files = {self._path, *beside.glob("*.yaml"), *beside.glob("*/*.yaml")}
        return [(file, _stamp(file)) for file in sorted(files) if file == self._path or file.is_file()]


def _stamp(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except OSError:
        return 0, -1
    return status.st_mtime_ns, status.st_size


def _digest(files: dict[Path, tuple[int, int]]) -> bytes:
    found = hashlib.sha256()
    for file in files:
        try:
            content = file.read_bytes()
        except OSError:
            content = b""
        found.update(f"{file}\0{len(content)}\0".encode() + content)
    return found.digest()


def wants_everything_anew(before: Site, after: Site) -> tuple[str, ...]:
    """The sections of the site file that cannot change under a running house, as far as they did."""
    old, new = before.file, after.file
    sections = {
        "site.id": old.site.id != new.site.id,
        "site.timezone": old.site.timezone != new.site.timezone,
        "clock": old.clock != new.clock,
        "store": old.store != new.store,
        "journal": old.journal != new.journal,
        "control.lease_s": old.control.lease_s != new.control.lease_s,
    }
    return tuple(section for section, differs in sections.items() if differs)


class Reloader:
    """Looks after the site file of a running house.

    Args:
        path: the site file.
        rooms: what goes on with a changed one.
        context: the pages' and the API's.
        as_run: what the command line makes of a site, for example one that is only tried out.

    Attributes:
        successor: a changed site that everything has to be begun anew for; None while there is none.
    """

    def __init__(self, path: Path, rooms: Rooms, context: ApiContext, *, as_run: Callable[[Site], Site]) -> None:
        self._path, self._rooms, self._context, self._as_run = path, rooms, context, as_run
        self._files = SiteFiles(path)
        self._asked = asyncio.Event()
        self._is_due = False
        self._bus = rooms.memory.bus
        self.successor: Site | None = None

    async def run(self) -> None:
        """Looks every other second, and at once when the process is sent SIGHUP; returns when everything has to begin
        anew. Run again after an error, it first looks again.

        Raises:
            StoreUnavailable, StoreDamaged: a changed file could not be put into effect now.
        """
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, self._asked.set)
        self._tell(None)
        try:
            while self.successor is None:
                self._is_due = self._is_due or await self._is_wanted()
                if self._is_due:
                    await self.look()
                    self._is_due = False
        finally:
            loop.remove_signal_handler(signal.SIGHUP)

    async def _is_wanted(self) -> bool:
        """Whether somebody asks, or the files changed and have been left alone since the last look."""
        try:
            async with asyncio.timeout(LOOK_EVERY_S):
                await self._asked.wait()
        except TimeoutError:
            if not await asyncio.to_thread(self._files.has_changed):
                return False
            await asyncio.sleep(LOOK_EVERY_S)
            while await asyncio.to_thread(self._files.has_changed):
                await asyncio.sleep(LOOK_EVERY_S)
            return True
        self._asked.clear()
        await asyncio.to_thread(self._files.has_changed)
        return True

    async def look(self) -> None:
        """Checks the site file now and puts it into effect where it is right; one with mistakes changes nothing."""
        checked = await asyncio.to_thread(check_site, self._path)
        if checked.site is None:
            await self._refuse([each for each in checked.problems if each.severity is Severity.ERROR])
            return
        self._tell(None)
        before, after = self._rooms.site, self._as_run(checked.site)
        if _described(before) == _described(after):
            log.info("the site file says what it said; nothing changes")
            return
        said = changes(before, after)
        log.warning("the site file changed in %s: %s", ", ".join(said["sections"]) or "a profile", said["changes"])
        anew = wants_everything_anew(before, after)
        if anew:
            log.warning("the site file changed in %s: everything begins anew", ", ".join(anew))
            await self._enter(APPLIED, {"lines": list(after.links), **said})
            self.successor = after
            return
        lines = await self._rooms.adopt(after, self._context, beside=self._path.parent)
        log.warning("the site file changed and is in effect; lines made anew: %s", ", ".join(lines) or "none")
        await self._enter(APPLIED, {"lines": list(lines), **said})

    async def _refuse(self, errors: Sequence[Problem]) -> None:
        for error in errors:
            log.error("%s", error.render("en"))
        self._tell(errors)
        told = [{"zh": each.render("zh"), "en": each.render("en")} for each in errors[:PROBLEMS_TOLD]]
        await self._enter(REFUSED, {"errors": len(errors), "problems": told})

    def _tell(self, errors: Sequence[Problem] | None) -> None:
        text = Text("站点文件已采用", "the site file is in effect")
        if errors:
            text = Text(
                f"站点文件有 {len(errors)} 个错误，未采用，仍按原内容运行：{errors[0].render('zh')}",
                f"the site file has {len(errors)} errors and is not in effect, the one before it is: "
                f"{errors[0].render('en')}",
            )
        at = self._context.clock.now()
        self._bus.publish(
            AlarmChanged(key=ALARM, active=errors is not None, level=AlarmLevel.WARNING, at=at, text=text)
        )

    async def _enter(self, kind: str, data: dict[str, Any]) -> None:
        journal, at = self._context.journal, self._context.clock.now()
        try:
            await asyncio.to_thread(journal.record_event, kind, None, at, data)
        except StoreUnavailable as error:
            log.warning("the change of the site file could not be entered: %s", error)


def _described(site: Site) -> tuple[Any, ...]:
    """All that the rooms go by."""
    return site.file, {device.profile: site.profiles[device.profile] for device in site.devices.values()}
