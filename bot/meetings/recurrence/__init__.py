"""Meetings that come again: rules, exceptions, and German words for them."""
