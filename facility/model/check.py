"""Whether the entries of a site file fit together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from facility.model.acting import check_acting
from facility.model.composition import check_composition
from facility.model.figures import check_figures
from facility.model.fittings import check_fittings
from facility.model.index import index_of
from facility.model.line_settings import check_line_settings
from facility.model.mains import check_switching
from facility.model.metering import check_metering
from facility.model.publishing import check_publishing
from facility.model.references import check_references
from facility.model.services import check_services
from facility.model.sharing import check_sharing
from facility.model.validation import Draft
from facility.model.wires import check_wires
from facility.profiles.schema import Profile


def check(draft: Draft, profiles: Mapping[str, Profile], folder: Path) -> None:
    """Adds every mistake between entries to `draft.parsed`. `folder` is the site file's.

    Entries that do not fit their schema are left out of what needs their values, but their ids and references count,
    so that one mistake neither hides another nor calls up a false one.
    """
    index = index_of(draft, profiles)
    check_references(index)
    check_wires(index)
    check_line_settings(index, folder)
    check_fittings(index)
    check_metering(index)
    check_composition(index)
    check_sharing(index)
    check_switching(index)
    check_figures(index, folder)
    check_services(index)
    check_acting(index)
    check_publishing(index)
