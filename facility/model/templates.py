"""Repeated groups of a site file, written once and expanded with parameters.

    templates:
      room:
        parameters: {id: , area_m2: 40.0}         # or a list; a parameter without a default is required
        spaces:
          - {id: "r{id}", floor: f4, class: office, area_m2: "{area_m2}"}
    use:
      - {template: room, id: 401}

`{id}` inside a text is replaced; a text that is exactly `{area_m2}` takes the parameter's own type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from facility.model.located import Field, Node, Parsed, Place, moved
from facility.model.near import did_you_mean, listing
from facility.text import Text

SECTIONS: Final = ("offices", "spaces", "devices", "equipment")
"""What a template may hold."""

_PARAMETER: Final = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_NAME: Final = re.compile(r"[a-z_][a-z0-9_]*")
_TEMPLATE_KEY: Final = "template"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A group to be repeated. `parameters` maps each name to its default, None when it must be given."""

    name: str
    parameters: Mapping[str, Node | None]
    sections: Mapping[str, tuple[Node, ...]] = field(default_factory=dict)


def expand(root: Node, parsed: Parsed) -> Node:
    """The tree with every `use` written out and without `templates` and `use`; mistakes go to `parsed`."""
    if not isinstance(root.value, dict):
        return root
    templates = _read_templates(root, parsed)
    added: dict[str, list[Node]] = {section: [] for section in SECTIONS}
    uses = root.child("use")
    if uses is not None and uses.value is not None and not isinstance(uses.value, tuple):
        parsed.report(uses.place, "wrong_type", Text("`use` 应为列表", "`use` is expected to be a list"))
    for entry in uses.items if uses is not None else ():
        _use(entry, templates, added, parsed)
    fields = {key: item for key, item in root.fields.items() if key not in ("templates", "use")}
    for section, nodes in added.items():
        if nodes:
            fields[section] = _extended(fields.get(section), nodes)
    return Node(place=root.place, value=fields)


def _extended(own: Field | None, nodes: list[Node]) -> Field:
    if own is None:
        return Field(key_place=nodes[0].place, node=Node(place=nodes[0].place, value=tuple(nodes)))
    if own.node.value is not None and not isinstance(own.node.value, tuple):
        return own
    return Field(key_place=own.key_place, node=Node(place=own.node.place, value=(*own.node.items, *nodes)))


def _read_templates(root: Node, parsed: Parsed) -> dict[str, Template]:
    section = root.child("templates")
    if section is None or section.value is None:
        return {}
    if not isinstance(section.value, dict):
        what = Text("`templates` 应为一组键值", "`templates` is expected to be a mapping of names")
        parsed.report(section.place, "wrong_type", what)
        return {}
    return {name: _read_template(name, item.node, parsed) for name, item in section.fields.items()}


def _read_template(name: str, node: Node, parsed: Parsed) -> Template:
    sections: dict[str, tuple[Node, ...]] = {}
    allowed = ("parameters", *SECTIONS)
    for key, item in node.fields.items():
        if key not in allowed:
            what = Text(
                f"模板 `{name}` 里不认识的键 `{key}`，可用：{listing(allowed)}",
                f"unknown key `{key}` in template `{name}`; expected {listing(allowed)}",
            )
            parsed.report(item.key_place, "unknown_key", what, did_you_mean(key, allowed))
        elif key != "parameters":
            sections[key] = _list_of(item.node, f"{name}.{key}", parsed)
    if not isinstance(node.value, dict):
        what = Text(f"模板 `{name}` 应为一组键值", f"template `{name}` is expected to be a mapping")
        parsed.report(node.place, "wrong_type", what)
    return Template(name=name, parameters=_read_parameters(name, node, parsed), sections=sections)


def _list_of(node: Node, name: str, parsed: Parsed) -> tuple[Node, ...]:
    if not isinstance(node.value, tuple):
        parsed.report(node.place, "wrong_type", Text(f"`{name}` 应为列表", f"`{name}` is expected to be a list"))
    return node.items


def _read_parameters(name: str, node: Node, parsed: Parsed) -> dict[str, Node | None]:
    given = node.child("parameters")
    if given is None or given.value is None:
        return {}
    if isinstance(given.value, dict):
        pairs = [(key, f.key_place, f.node if f.node.value is not None else None) for key, f in given.fields.items()]
    else:
        pairs = [(str(item.value), item.place, None) for item in given.items]
    if not isinstance(given.value, dict | tuple):
        what = Text(
            f"模板 `{name}` 的 parameters 应为列表或键值", f"parameters of `{name}`: expected a list or a mapping"
        )
        parsed.report(given.place, "wrong_type", what)
    found: dict[str, Node | None] = {}
    for key, place, default in pairs:
        if key == _TEMPLATE_KEY or not _NAME.fullmatch(key):
            what = Text(
                f"`{key}` 不能作参数名；应为小写字母、数字和下划线",
                f"`{key}` cannot be a parameter; expected a-z, 0-9 and _",
            )
            parsed.report(place, "parameter", what)
        else:
            found[key] = default
    return found


def _use(entry: Node, templates: Mapping[str, Template], added: dict[str, list[Node]], parsed: Parsed) -> None:
    name = entry.text(_TEMPLATE_KEY)
    if name is None:
        what = Text("`use` 的每一项要写明 `template`", "every entry of `use` names its `template`")
        parsed.report(entry.place, "missing_key", what)
        return
    template = templates.get(name)
    if template is None:
        place = entry.fields[_TEMPLATE_KEY].node.place
        what = Text(f"没有名为 `{name}` 的模板", f"there is no template `{name}`; expected one of {listing(templates)}")
        parsed.report(place, "unknown_template", what, did_you_mean(name, templates))
        return
    values = _bind(entry, template, parsed)
    if values is None:
        return
    filling = _Filling(template=template, values=values, used_at=entry.place.line, parsed=parsed)
    for section, bodies in template.sections.items():
        added[section].extend(filling.filled(body) for body in bodies)


def _bind(entry: Node, template: Template, parsed: Parsed) -> dict[str, Node] | None:
    """Parameter -> value; None when one is missing, so that the body is not filled with holes."""
    values = {key: default for key, default in template.parameters.items() if default is not None}
    strangers: list[str] = []
    for key, item in entry.fields.items():
        if key == _TEMPLATE_KEY:
            continue
        if key not in template.parameters:
            strangers.append(key)
            what = Text(
                f"模板 `{template.name}` 没有参数 `{key}`，可用：{listing(template.parameters)}",
                f"template `{template.name}` has no parameter `{key}`; expected {listing(template.parameters)}",
            )
            parsed.report(item.key_place, "unknown_parameter", what, did_you_mean(key, template.parameters))
        else:
            values[key] = item.node
    missing = [key for key in template.parameters if key not in values]
    meant = [key for key in missing if did_you_mean(key, strangers) is not None]
    for key in missing:
        if key not in meant:
            what = Text(
                f"模板 `{template.name}` 缺少参数 `{key}`",
                f"parameter `{key}` of template `{template.name}` is missing",
            )
            parsed.report(entry.place, "missing_parameter", what)
    return None if missing else values


@dataclass(slots=True, kw_only=True)
class _Filling:
    """One use of one template."""

    template: Template
    values: Mapping[str, Node]
    used_at: int
    parsed: Parsed

    def filled(self, node: Node) -> Node:
        """The body with its parameters replaced; it stays where the template wrote it."""
        place = Place(line=node.place.line, column=node.place.column, used_at=self.used_at)
        if isinstance(node.value, dict):
            return self._filled_mapping(node, place)
        if isinstance(node.value, tuple):
            return Node(place=place, value=tuple(self.filled(item) for item in node.value))
        if isinstance(node.value, str):
            return self._filled_text(node.value, place)
        return Node(place=place, value=node.value)

    def _filled_mapping(self, node: Node, place: Place) -> Node:
        only = next(iter(node.fields)) if len(node.fields) == 1 else None
        if only in self.template.parameters and only is not None and node.fields[only].node.value is None:
            what = Text(
                f"参数 {{{only}}} 要加引号，否则 YAML 读成一组键值",
                f"parameter {{{only}}} needs quotes, YAML reads a mapping here",
            )
            self.parsed.report(node.place, "parameter", what, Text(f'请写 "{{{only}}}"', f'write "{{{only}}}"'))
            return Node(place=place, value=self.values[only].value)
        fields = {
            key: Field(
                key_place=Place(line=item.key_place.line, column=item.key_place.column, used_at=self.used_at),
                node=self.filled(item.node),
            )
            for key, item in node.fields.items()
        }
        return Node(place=place, value=fields)

    def _filled_text(self, text: str, place: Place) -> Node:
        whole = _PARAMETER.fullmatch(text)
        if whole is not None and whole[1] in self.values:
            return Node(place=place, value=moved(self.values[whole[1]], self.used_at).value)
        return Node(place=place, value=_PARAMETER.sub(lambda match: self._word(match, place), text))

    def _word(self, match: re.Match[str], place: Place) -> str:
        value = self.values.get(match[1])
        if value is None:
            known = self.template.parameters
            what = Text(
                f"模板 `{self.template.name}` 没有参数 `{match[1]}`",
                f"template `{self.template.name}` has no parameter `{match[1]}`",
            )
            at = Place(line=place.line, column=place.column)
            self.parsed.report(at, "unknown_parameter", what, did_you_mean(match[1], known))
            self.parsed.unfilled.add((at.line, at.column))
            return match[0]
        return _as_word(value)


def _as_word(node: Node) -> str:
    if isinstance(node.value, bool):
        return "true" if node.value else "false"
    return "" if node.value is None else str(node.value)
