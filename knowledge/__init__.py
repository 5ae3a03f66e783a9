"""What the alliance knows, and how a German question finds it. Knows no chat and no database."""
