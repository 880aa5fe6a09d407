"""Whether what is to be published has a broker, a place of its own there, and rights that exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from facility.model.index import Index
from facility.model.located import Node
from facility.model.near import did_you_mean
from facility.model.validation import Path
from facility.model.wires import say
from facility.text import Text

_SECTION: Final[Path] = ("publish",)


def check_publishing(index: Index) -> None:
    """Tells a `publish` section without a broker, with a user that may do nothing, or in the way of a device."""
    section = index.draft.root.child("publish")
    if section is None or not section.fields:
        return
    link = section.text("link")
    if link is None:
        if "link" not in section.fields:
            what = Text(
                "`publish` 缺少 `link`，应为 mqtt 线路的编号",
                "`publish` has no `link`; expected the id of an mqtt link",
            )
            say(index, _SECTION, "missing_key", what)
        return
    _check_link(index, link)
    _check_commands(index, section.child("commands"))
    _check_topics(index, section, link)


def _check_link(index: Index, link: str) -> None:
    if not index.knows("link", link):
        near = index.miss("link", link)
        what = Text(
            f"`link` 指向的线路 `{link}` 不存在", f"`link` refers to link `{link}`, which does not exist"
        )  # fmt: skip
        hint = None if near is None else did_you_mean(link, [near])
        index.draft.parsed.report(index.draft.place((*_SECTION, "link")), "dangling", what, hint)
        return
    node = index.node("link", link)
    kind = node.text("type") if node is not None else None
    if kind not in (None, "mqtt"):
        what = Text(f"线路 `{link}` 是 {kind}，应为 mqtt", f"link `{link}` is {kind}; expected mqtt")
        say(index, (*_SECTION, "link"), "wrong_kind", what)


def _check_commands(index: Index, commands: Node | None) -> None:
    if commands is None or not isinstance(commands.value, dict):
        return
    path: Path = (*_SECTION, "commands")
    office = commands.text("office")
    is_operator = commands.text("role") in (None, "section_operator")
    if is_operator and office is None:
        what = Text(
            "角色 section_operator 须写明 `office`（只能操作该科室的设备）",
            "role section_operator needs an `office`, whose equipment it may operate",
        )
        say(index, path, "missing_key", what)
    elif office is not None and not is_operator:
        what = Text("`office` 只用于 section_operator", "`office` goes with role section_operator only")
        say(index, (*path, "office"), "not_of_this_kind", what)
    elif office is not None and not index.knows("office", office):
        what = Text(f"科室 `{office}` 不存在", f"office `{office}` does not exist")
        say(index, (*path, "office"), "dangling", what)


def _check_topics(index: Index, section: Node, link: str) -> None:
    """What is published must not come back as if a device had said it."""
    own = section.text("prefix")
    if own is None:
        site = index.draft.root.child("site")
        own = f"houqin/{site.text('id') if site is not None else None}"
    for path, topic in _topics(index, link):
        if f"{topic}/".startswith(f"{own}/"):
            what = Text(
                f"设备主题 `{topic}` 在发布主题 `{own}` 之下，会收到自己发布的内容",
                f"device topic `{topic}` lies below `{own}`, where Houqin publishes",
            )
            say(index, path, "overlapping", what)


def _topics(index: Index, link: str) -> Iterator[tuple[Path, str]]:
    for path, node in index.draft.raw("devices"):
        topic = node.text("topic")
        if topic is not None and node.text("link") == link:
            yield (*path, "topic"), topic
