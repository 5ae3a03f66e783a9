"""How updates come in: by long polling, or by Telegram's calls of our webhook."""
