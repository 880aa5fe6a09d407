"""Whether the entries of a site file fit together: references, addresses, slots, registers, meters."""

from __future__ import annotations

from collections.abc import Mapping

from facility.model.validation import Draft
from facility.profiles.schema import Profile


def check(draft: Draft, profiles: Mapping[str, Profile]) -> None:
    """Adds every mistake between entries to `draft.parsed`."""
