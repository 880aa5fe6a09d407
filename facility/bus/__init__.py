"""How rooms talk: one protocol, carriers that can be exchanged without a room noticing."""

from facility.bus.messages import (
    AlarmChanged,
    CommandIssued,
    DecisionMade,
    EnvelopeIssued,
    ForecastReceived,
    ForecastWanted,
    LinkStatus,
    Message,
    OutcomeReported,
    ProposalMade,
    ReadingsTaken,
    SupplyStated,
)
from facility.bus.protocol import Bus, Subscription

__all__ = [
    "AlarmChanged",
    "Bus",
    "CommandIssued",
    "DecisionMade",
    "EnvelopeIssued",
    "ForecastReceived",
    "ForecastWanted",
    "LinkStatus",
    "Message",
    "OutcomeReported",
    "ProposalMade",
    "ReadingsTaken",
    "Subscription",
    "SupplyStated",
]
