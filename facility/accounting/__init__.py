"""What was used: from counters to intervals, from meters to offices. Pure; no figure without how well it is known."""

from facility.accounting.counters import HOLD_US, Account, CounterRules, counter_account, counter_use
from facility.accounting.meters import UsageRow, usage_by
from facility.accounting.tree import UNALLOCATED
from facility.accounting.use import Amount, Grade, Use

__all__ = [
    "HOLD_US", "UNALLOCATED", "Account", "Amount", "CounterRules", "Grade", "UsageRow", "Use", "counter_account",
    "counter_use", "usage_by",
]  # fmt: skip
