"""Figures with their sources, as data: what energy costs, what it weighs in coal and CO2."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from facility.accounting.factors import FactorSet
from facility.accounting.tariffs import TariffFamily
from facility.tables.codes import ITEM_CODES, ItemCodes, SubItem, building_code, coded_item, full_code, item_codes
from facility.tables.factors_schema import FactorsEntry, factor_mistakes
from facility.tables.factors_schema import built as built_factors
from facility.tables.loader import Format, path_of, read, shipped
from facility.tables.tariffs_build import built as built_tariff
from facility.tables.tariffs_check import tariff_mistakes
from facility.tables.tariffs_schema import TariffEntry
from facility.text import Text

_HERE: Final = Path(__file__).parent

TARIFFS: Final = Format(
    word=Text("价格表", "tariff"),
    key="tariff",
    model=TariffEntry,
    judge=tariff_mistakes,
    folder=_HERE / "tariffs",
)
FACTORS: Final = Format(
    word=Text("因子集", "factor set"),
    key="factors",
    model=FactorsEntry,
    judge=factor_mistakes,
    folder=_HERE / "factors",
)


def tariff(name: str, base: Path | None = None) -> TariffFamily:
    """A shipped tariff by its name, or a site's own by its path.

    Args:
        name: `hunan_2025`, or `./own.yaml`.
        base: the site file's folder, where paths begin.

    Raises:
        TableError: there is none, or it has mistakes; carries all of them.
    """
    return built_tariff(read(TARIFFS, path_of(TARIFFS, name, base)))


@lru_cache(maxsize=1)
def load_tariffs() -> Mapping[str, TariffFamily]:
    """All shipped tariffs by name."""
    return {name: tariff(name) for name in shipped(TARIFFS)}


def factor_set(name: str, base: Path | None = None) -> FactorSet:
    """A shipped factor set by its name, or a site's own by its path; arguments and errors as for `tariff`."""
    return built_factors(read(FACTORS, path_of(FACTORS, name, base)))


@lru_cache(maxsize=1)
def load_factors() -> Mapping[str, FactorSet]:
    """All shipped factor sets by name."""
    return {name: factor_set(name) for name in shipped(FACTORS)}


__all__ = [
    "FACTORS",
    "ITEM_CODES",
    "TARIFFS",
    "ItemCodes",
    "SubItem",
    "building_code",
    "coded_item",
    "factor_set",
    "full_code",
    "item_codes",
    "load_factors",
    "load_tariffs",
    "tariff",
]
