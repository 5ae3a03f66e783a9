"""Lotse, the application: one folder a capability, put together in `bot.application`."""
