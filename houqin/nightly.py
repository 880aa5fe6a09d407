"""What is done while nobody looks: past days are sealed, and what the site file does not want kept is let go."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

from facility.clock import Clock
from facility.errors import StoreDamaged, StoreUnavailable
from facility.journal import Journal
from facility.model import Site
from facility.readings import to_us
from facility.store.embedded import EmbeddedStore
from facility.store.retention import kept_from
from houqin.days import local_midnight
from houqin.house import Memory

log = logging.getLogger("houqin")


async def seal_past_days(site: Site, memory: Memory, clock: Clock) -> None:
    """Packs what was read before today into sealed blocks, and lets go what the site file does not want kept."""
    if isinstance(memory.store, EmbeddedStore):
        today = clock.now().astimezone(site.zone).date()
        await asyncio.to_thread(memory.store.seal, to_us(local_midnight(site, today)))
        await asyncio.to_thread(memory.store.retain, kept_from(site, today))
    await let_go_of_records(site, memory.journal, clock.now())


async def let_go_of_records(site: Site, journal: Journal, now: datetime) -> None:
    """Lets go what the site file does not want kept in the journal; what cannot be done now is done another night."""
    entry = site.file.journal
    bases, records = (
        None if days is None else now - timedelta(days=days) for days in (entry.basis_days, entry.records_days)
    )
    try:
        count = await asyncio.to_thread(journal.retention.let_go, bases_before=bases, records_before=records)
    except (StoreUnavailable, StoreDamaged) as error:
        log.warning("old records stay in the journal until the next night: %s", error)
        return
    if count:
        log.info("%d old records were let go", count)
