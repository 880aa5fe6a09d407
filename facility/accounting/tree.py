"""The meter tree: who is charged with what the meters count, what stays unmetered, and meters that are reckoned."""

from facility.accounting.balance import Balance, VirtualResult, balance, virtual
from facility.accounting.charging import UNALLOCATED, UNALLOCATED_NAME, Owners, Share, charged
from facility.accounting.upstream import MeterNode

__all__ = [
    "UNALLOCATED",
    "UNALLOCATED_NAME",
    "Balance",
    "MeterNode",
    "Owners",
    "Share",
    "VirtualResult",
    "balance",
    "charged",
    "virtual",
]
