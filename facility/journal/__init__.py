"""The site's records: decisions, commands and how they ended, alarms, forecasts, tokens, audit, the account book."""

from facility.journal.accounts import AccountRecords, Entered, Revocation
from facility.journal.journal import Journal
from facility.journal.recorder import JournalRecorder
from facility.journal.records import AlarmRecord, AuditRecord, CommandRecord, EventRecord

__all__ = [
    "AccountRecords",
    "AlarmRecord",
    "AuditRecord",
    "CommandRecord",
    "Entered",
    "EventRecord",
    "Journal",
    "JournalRecorder",
    "Revocation",
]
