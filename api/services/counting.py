"""What a meter counted between given times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from api.context import ApiContext
from api.services.amounts import Used
from facility.model.entries import Meter
from facility.readings import to_us


async def uses_of(context: ApiContext, meter: Meter, times: Sequence[datetime]) -> list[Used]:
    """What one meter counted between neighbouring `times` (ascending, aware), one `Used` each."""
    edges = np.asarray([to_us(time) for time in times], np.int64)
    account = await context.reckon(context.books.account, meter.id, edges)
    return [
        Used(
            start_us=use.start_us,
            end_us=use.end_us,
            value=use.value,
            completeness=use.completeness,
            estimated_share=use.estimated_share,
            grade=use.grade,
        )
        for use in account.amounts.uses()
    ]
