"""The web part: health, figures, the webhook, and the pages that rooms give."""
