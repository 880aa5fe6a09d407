"""Whether what the lines bring is kept, and which site file is in effect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.pages import texts
from api.pages import texts_lines as own
from api.pages.line_words import counts, second, whole
from api.pages.widgets import Words, box, part

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from api.services.brokers import PublishView
    from api.services.lines import Lines
    from api.services.storing import SiteFileView, SpoolView, StoreView
    from facility.text import Text

MEGABYTE: Final = 1_000_000


class KeepingPart:
    """Drawn anew where anything of it changed."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._drawn: tuple[object, ...] | None = None
        with part(reader.say(own.KEEPING), mark="keeping"):
            self._box = box()

    def show(self, found: Lines) -> None:
        """As it is now."""
        told = (found.store, found.published, found.site_file)
        if told == self._drawn:
            return
        self._drawn = told
        self._box.clear()
        with self._box:
            self._store(found.store)
            if found.store is not None:
                self._line(own.SPOOL, self._spool(found.store.spool))
            if found.published is not None:
                self._published(found.published)
            self._site_file(found.site_file)

    def _line(self, name: Text, said: list[str], badge: tuple[Text, str] | None = None) -> None:
        with box("fact-line"):
            Words(self._reader.say(name), tag="span", classes="field-name")
            with box("facts"):
                if badge is not None:
                    Words(self._reader.say(badge[0]), tag="span", classes=f"badge wraps {badge[1]}".strip())
                for text in said:
                    Words(text, tag="span")

    def _store(self, store: StoreView | None) -> None:
        if store is None:
            self._line(own.STORE, [self._reader.say(own.STORE_ELSEWHERE)])
            return
        say, reader = self._reader.say, self._reader
        said = [say(own.STORE_WAITING, n=whole(reader, store.waiting), capacity=whole(reader, store.capacity))]
        if store.refused:
            said.append(say(own.STORE_REFUSED, n=whole(reader, store.refused)))
        if store.lost:
            said.append(say(own.STORE_LOST, n=whole(reader, store.lost)))
        self._line(own.STORE, said, (own.STORE_AWAY, "bad") if store.away else (own.STORE_TAKES, "good"))

    def _spool(self, spool: SpoolView | None) -> list[str]:
        say, words = self._reader.say, self._reader.words
        if spool is None:
            return [say(own.SPOOL_NONE)]
        used, limit = words.number(spool.bytes / MEGABYTE, 1), words.number(spool.limit_bytes / MEGABYTE, 0)
        said = [say(own.SPOOL_FILLED, used=used, limit=limit, share=words.share(spool.percent / 100))]
        if spool.oldest is not None:
            said.append(say(own.SPOOL_OLDEST, time=second(self._reader, spool.oldest)))
        said.append(say(own.SPOOL_WAITING, what=counts(self._reader, spool.waiting, own.KEPT_CLASSES, own.NONE)))
        said.append(say(own.SPOOL_DROPPED, what=counts(self._reader, spool.dropped, own.KEPT_CLASSES, own.NONE)))
        if spool.damaged:
            said.append(say(own.SPOOL_DAMAGED, what=say(texts.LIST_COMMA).join(spool.damaged)))
        return said

    def _published(self, view: PublishView) -> None:
        say, reader = self._reader.say, self._reader
        said = [say(own.PUBLISHED, messages=whole(reader, view.published), topics=whole(reader, view.topics))]
        if view.refused:
            said.append(say(own.PUBLISH_REFUSED, n=whole(reader, view.refused)))
        if view.lost:
            said.append(say(own.PUBLISH_LOST, n=whole(reader, view.lost)))
        if view.spool is not None:
            said += self._spool(view.spool)
        word = {None: (own.UNUSED, ""), True: (own.UP, "good"), False: (own.DOWN, "bad")}[view.up]
        self._line(own.PUBLISH, said, word)

    def _site_file(self, view: SiteFileView | None) -> None:
        say, reader = self._reader.say, self._reader
        if view is None:
            self._line(own.SITE_FILE, [say(own.SITE_FILE_UNKNOWN)])
            return
        said = []
        if view.applied is not None:
            said.append(say(own.SITE_FILE_APPLIED, time=second(reader, view.applied.at)))
            if view.applied.lines:
                said.append(say(own.SITE_FILE_LINES, lines=say(texts.LIST_COMMA).join(view.applied.lines)))
        if view.has_mistakes and view.refused is not None:
            n = whole(reader, view.refused.errors)
            said.append(say(own.SITE_FILE_REFUSED, time=second(reader, view.refused.at), n=n))
        wrong = (own.SITE_FILE_WRONG, "bad") if view.has_mistakes else (own.SITE_FILE_RIGHT, "good")
        self._line(own.SITE_FILE, said, wrong)
        if view.has_mistakes and view.refused is not None:
            for problem in view.refused.problems:
                Words(reader.words.name(problem), classes="quote")
