"""Questions in chat: answers, follow-ups, browsing, inline mode, feedback and hand-over to the office."""
