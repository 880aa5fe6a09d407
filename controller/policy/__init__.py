"""The rules: presets as data, and the pure decision over them. No I/O but the reading of shipped presets, no clock."""

from controller.policy.decide import Snapshot, State, Verdicts, decide
from controller.policy.site_policy import PolicyProblem, SitePolicy, check_policy, load_policy

__all__ = [
    "PolicyProblem",
    "SitePolicy",
    "Snapshot",
    "State",
    "Verdicts",
    "check_policy",
    "decide",
    "load_policy",
]
