"""Who wins when several want different things of one equipment."""

from controller.arbitration.array import EMPTY, PriorityArray, Proposal, Slot

__all__ = ["EMPTY", "PriorityArray", "Proposal", "Slot"]
