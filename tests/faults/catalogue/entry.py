"""What the catalogue of faults says of each fault."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """The one place in the program that holds against a fault.

    Attributes:
        file: path from the root of the repository.
        old: text that stands there exactly once.
        new: what stands there when the guard is taken out. The program still runs, but for this.
    """

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One line of the catalogue; a number may have several.

    Attributes:
        number: of the catalogue of faults that the design started from; None for one that was found later.
        part: tells the lines of one number apart; with number None the whole name.
        fault: what goes wrong.
        provoked: how a test brings it about.
        asserted: what Houqin does then.
        tests: node ids below tests/. With the guard taken out at least one of them fails.
        guard: None where no single place of the program holds; `without` then says why.
        also: what else holds against the same fault and is taken out together with the guard.
        without: why there is no guard, or no test.
    """

    number: int | None
    part: str = ""
    fault: str
    provoked: str
    asserted: str
    tests: tuple[str, ...]
    guard: Guard | None = None
    also: tuple[Guard, ...] = ()
    without: str = ""

    @property
    def key(self) -> str:
        """FT-02, FT-02 twice, or the name of one without a number."""
        return self.part if self.number is None else f"FT-{self.number:02d} {self.part}".rstrip()

    @property
    def guards(self) -> tuple[Guard, ...]:
        """The guard and what holds beside it; () where there is none."""
        return () if self.guard is None else (self.guard, *self.also)

    @property
    def mark(self) -> str:
        """Changes when the guards or the tests do, so that an old proof is not taken for one of today's."""
        guards = (part for guard in self.guards for part in (guard.file, guard.old, guard.new))
        return sha256("\0".join((*self.tests, *guards)).encode()).hexdigest()[:12]
