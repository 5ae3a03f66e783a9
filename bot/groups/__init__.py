"""Working groups: who gets their news and how often, writing and sending it, feeds, linked chats."""
