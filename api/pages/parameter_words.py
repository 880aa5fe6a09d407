"""The numbers of the rules in words: what a parameter is called, and its value with its unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.pages import texts_parameters

if TYPE_CHECKING:
    from facility.text import Language


def parameter_words(name: str, value: str, language: Language) -> str:
    """A parameter and its value in the reader's language; one that has no words stands as it is written."""
    label = texts_parameters.NAMES.get(name)
    if label is None:
        return f"{name} = {value}"
    said = texts_parameters.VALUE.in_language(language)
    return said.format(name=label.in_language(language), value=_value(name, value, language))


def _value(name: str, value: str, language: Language) -> str:
    if value in texts_parameters.YES_NO:
        return texts_parameters.YES_NO[value].in_language(language)
    if name.endswith("_s"):
        return _duration(value, language)
    for ending, unit in (("_percent", "%"), ("_c", " ℃"), ("_k", " K")):
        if name.endswith(ending):
            return f"{value}{unit}"
    return value


def _duration(value: str, language: Language) -> str:
    """Seconds as whole minutes or hours where they are."""
    seconds = float(value)
    for unit_s, words in ((3600, texts_parameters.HOURS), (60, texts_parameters.MINUTES)):
        if seconds >= unit_s and seconds % unit_s == 0:
            return words.in_language(language).format(number=f"{seconds / unit_s:g}")
    return texts_parameters.SECONDS.in_language(language).format(number=f"{seconds:g}")
