"""How values, ages and times are written for a reader. What is missing is a dash, never a zero."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from api.pages import texts
from facility.quantities import ENUMERATIONS
from facility.text import Language, Text

_DIGITS = {"Cel": 1, "%": 0, "kW": 2, "kWh": 1, "V": 1, "A": 2, "Hz": 2, "m3": 2, "kvar": 2, "1": 2}

ROUNDING = 1e-9
"""By so much a sum of shares may miss the whole that it is."""


class Named(Protocol):
    """A text in both languages, whoever holds it."""

    def in_language(self, language: Language) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One reader's language and the site's local time."""

    language: Language
    zone: ZoneInfo

    def say(self, text: Text, **values: object) -> str:
        """`text` in the reader's language, its places filled with `values`."""
        said = text.in_language(self.language)
        return said.format(**values) if values else said

    def name(self, names: Named) -> str:
        """A name out of the site file, or a text of an API model."""
        return names.in_language(self.language)

    def number(self, value: float | None, digits: int = 1) -> str:
        """A number with thousands separated, a dash for None. Never writes -0."""
        if value is None:
            return self.say(texts.MISSING)
        return f"{round(value, digits) + 0.0:,.{digits}f}"

    def unit(self, code: str) -> str:
        """The unit as people write it; the UCUM code where it is not known."""
        known = texts.UNITS.get(code)
        return code if known is None else self.say(known)

    def amount(self, value: float | None, unit: str, digits: int | None = None) -> str:
        """A number with its unit."""
        if value is None:
            return self.say(texts.MISSING)
        digits = _DIGITS.get(unit, 1) if digits is None else digits
        return f"{self.number(value, digits)} {self.unit(unit)}".rstrip()

    def temperature(self, value_c: float | None) -> str:
        """Degrees Celsius, one digit."""
        return self.amount(value_c, "Cel", 1)

    def share(self, value: float | None, digits: int = 0) -> str:
        """A share of 1 as percent. What is short of the whole is never rounded up to it."""
        if value is None:
            return self.say(texts.MISSING)
        percent = round(value * 100, digits)
        if percent == 100.0 and value < 1.0 - ROUNDING:
            percent -= 10.0**-digits
        return f"{percent + 0.0:.{digits}f}%"

    def state(self, enumeration: str, value: float | None) -> str:
        """The name of a state's number."""
        names = ENUMERATIONS.get(enumeration, ())
        if value is None:
            return self.say(texts.MISSING)
        index = int(value)
        if not 0 <= index < len(names):
            return f"{value:g}"
        known = texts.STATES.get((enumeration, names[index]))
        return names[index] if known is None else self.say(known)

    def age(self, age_s: float | None) -> str:
        """How long ago, coarsely."""
        if age_s is None:
            return self.say(texts.MISSING)
        for text, size_s in (
            (texts.DAYS_AGO, 86400),
            (texts.HOURS_AGO, 3600),
            (texts.MINUTES_AGO, 60),
            (texts.SECONDS_AGO, 1),
        ):
            if age_s >= size_s * (2 if size_s > 1 else 1):
                return self.say(text, n=int(age_s // size_s))
        return self.say(texts.JUST_NOW)

    def clock(self, time: datetime | None) -> str:
        """Local hours and minutes."""
        return self.say(texts.MISSING) if time is None else f"{time.astimezone(self.zone):%H:%M}"

    def moment(self, time: datetime | None) -> str:
        """Local month, day, hours and minutes."""
        return self.say(texts.MISSING) if time is None else f"{time.astimezone(self.zone):%m-%d %H:%M}"

    def stamp(self, time: datetime | None) -> str:
        """Local date, hours and minutes."""
        return self.say(texts.MISSING) if time is None else f"{time.astimezone(self.zone):%Y-%m-%d %H:%M}"

    def span(self, start: datetime, end: datetime) -> str:
        """From when to when; the date once where it is the same."""
        first, last = start.astimezone(self.zone), end.astimezone(self.zone)
        same = first.date() == last.date()
        return f"{first:%Y-%m-%d %H:%M} – {last:%H:%M}" if same else f"{first:%Y-%m-%d %H:%M} – {last:%m-%d %H:%M}"

    def length(self, length_s: float) -> str:
        """How long something took, to the minute."""
        minutes = round(length_s / 60)
        days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
        parts = [
            self.say(text, n=number)
            for text, number in ((texts.DAYS, days), (texts.HOURS, hours), (texts.MINUTES, minutes))
            if number
        ]
        return " ".join(parts) or self.say(texts.MINUTES, n=0)

    def change(self, percent: float | None, digits: int = 1) -> str:
        """A change in percent, with its sign."""
        if percent is None:
            return self.say(texts.MISSING)
        shown = round(percent, digits)
        return f"{shown:+.{digits}f}%" if shown else f"{0.0:.{digits}f}%"

    def full(self, time: datetime) -> str:
        """Local date with weekday and time to the second."""
        local = time.astimezone(self.zone)
        return f"{local:%Y-%m-%d} {self.say(texts.WEEKDAYS[local.weekday()])} {local:%H:%M:%S}"

    def pace(self, pace: float) -> str:
        """How fast a clock runs."""
        return f"{pace:g}"
