"""What was used: from counters to intervals, from meters to offices. Pure; no figure without how well it is known."""

from facility.accounting.counters import HOLD_US, Account, CounterRules, counter_account
from facility.accounting.tree import UNALLOCATED
from facility.accounting.use import Amount, Grade, Use

__all__ = ["HOLD_US", "UNALLOCATED", "Account", "Amount", "CounterRules", "Grade", "Use", "counter_account"]
