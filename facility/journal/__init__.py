"""The site's records: decisions, commands and how they ended, alarms, forecasts, tokens, audit."""

from facility.journal.journal import Journal
from facility.journal.recorder import JournalRecorder
from facility.journal.records import AlarmRecord, AuditRecord, CommandRecord, EventRecord

__all__ = ["AlarmRecord", "AuditRecord", "CommandRecord", "EventRecord", "Journal", "JournalRecorder"]
