"""Tells people of alarms and reminders, by the ways the site file names."""
