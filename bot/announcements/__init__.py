"""Announcements: composed, aimed, looked at, released, sent, reported, corrected, taken back."""
