"""Standard coal and CO2 of a use, by the factor set that holds, with all that the figures rest on."""

from __future__ import annotations

from datetime import date

from facility.accounting.factors import UNITS, FactorSet, Reckoned, carrier_of, co2_kg, coal_kgce
from facility.accounting.metering import Medium
from facility.books.standing import Standing


def coal_and_co2(
    standing: Standing, medium: Medium, amount: float | None, day: date
) -> tuple[Reckoned, Reckoned, Reckoned] | None:
    """Coal by calorific value (当量) and equivalent (等价), and CO2, of `amount` (None: unknown)."""
    carrier = carrier_of(medium.value)
    if carrier is None:
        return None
    factors: FactorSet = standing.facts.factors_on(day)
    unit, year, region = UNITS[medium.value], day.year, standing.site.file.accounting.region
    return (
        coal_kgce(factors, amount, carrier, unit, year=year, region=region, kind="calorific"),
        coal_kgce(factors, amount, carrier, unit, year=year, region=region, kind="equivalent"),
        co2_kg(factors, amount, carrier, unit, year=year, region=region),
    )
