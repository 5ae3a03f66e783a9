"""A local stand-in for the Telegram Bot API with a web page, for the demo and for tests."""
