"""Meetings: planned once, known by everybody; replies, reminders, calendar files, deadlines."""
