"""Does a text seem to carry personal data? Asked before it goes to other people."""

import re

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[A-Za-zÄÖÜäöü]{2,24}\b")
_IBAN = re.compile(r"(?<![A-Za-z0-9])([A-Z]{2})[ ]?(\d{2})((?:[ ]?[A-Z0-9]){11,30})(?![A-Za-z0-9])", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w./:=-])(?:\+|00|\(?0)[\d(][\d ()/.–-]{4,24}\d(?![\w./-]*\w)")
_DATE = re.compile(r"\d{1,2}\.\s?\d{1,2}\.(?:\s?\d{2,4})?|\d{4}-\d{2}-\d{2}")
_LEAST_DIGITS, _MOST_DIGITS = 7, 15


def looks_personal(text: str) -> list[str]:
    """What personal data a text seems to carry, in German words for a warning; none: an empty list.

    A hint, not a judgement: it looks for e-mail addresses, telephone numbers and IBANs with a right check number.
    """
    found = []
    if _EMAIL.search(text):
        found.append("E-Mail-Adresse")
    without_ibans = _IBAN.sub(lambda match: " " if _is_iban(match) else match[0], text)
    if without_ibans != text:
        found.append("IBAN")
    if any(_is_phone(match[0]) for match in _PHONE.finditer(_DATE.sub(" ", without_ibans))):
        found.append("Telefonnummer")
    return found


def _is_iban(match: re.Match[str]) -> bool:
    """Whether some beginning of what was matched has a right check number (ISO 7064, modulo 97)."""
    whole = re.sub(r"\s", "", match[0]).upper()
    return any(_checks(whole[:length]) for length in range(15, min(len(whole), 34) + 1))


def _checks(iban: str) -> bool:
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def _is_phone(written: str) -> bool:
    digits = sum(character.isdigit() for character in written)
    return _LEAST_DIGITS <= digits <= _MOST_DIGITS
