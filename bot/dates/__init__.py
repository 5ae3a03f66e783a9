"""German dates and times as people type them, read into moments or into a question that can be answered."""
