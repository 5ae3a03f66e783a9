"""What people say that is no question: greetings, thanks, and who the bot is."""

from knowledge.german import words


def pleasantry(text: str) -> str | None:
    """`greeting`, `thanks`, `noted` or `about` where a text is nothing else; such a text is no question."""
    said = " ".join(words(text))
    return next((name for name, forms in _PLEASANTRIES.items() if said in forms), None)


_PLEASANTRIES = {
    name: frozenset(" ".join(words(form)) for form in forms)
    for name, forms in {
        "greeting": ("hallo", "hallo lotse", "hi", "hey", "moin", "servus", "guten tag", "guten morgen",
                     "guten abend", "grüß gott", "tag", "guten tag lotse"),
        "thanks": ("danke", "danke schön", "dankeschön", "vielen dank", "besten dank", "danke sehr", "ok danke",
                   "super danke", "merci", "danke dir", "danke ihnen", "herzlichen dank"),
        "noted": ("ok", "okay", "ja", "nein", "gut", "alles klar", "verstanden", "super", "prima", "passt", "aha",
                  "tschüss", "auf wiedersehen", "bis bald", "test"),
        "about": ("wer bist du", "wer sind sie", "was bist du", "bist du ein mensch", "sind sie ein mensch",
                  "bist du ein bot", "bist du eine ki", "sind sie eine ki", "was kannst du", "was können sie",
                  "wie heißt du", "wie heißen sie", "wer ist lotse", "was ist lotse", "lotse"),
    }.items()
}  # fmt: skip
