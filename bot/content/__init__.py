"""What somebody wrote to the bot to be sent on, kept as it was written: for news and announcements."""
