import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.members.personal import looks_personal


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Schreiben Sie an anna.muster@stadt-gera.de, danke", ["E-Mail-Adresse"]),
        ("Tel. 0361 5603-0", ["Telefonnummer"]),
        ("ruf mich an: +49 (0)171 / 1234567", ["Telefonnummer"]),
        ("(03641) 49 20 00", ["Telefonnummer"]),
        ("IBAN DE89 3704 0044 0532 0130 00 bitte", ["IBAN"]),
        ("de89370400440532013000", ["IBAN"]),
        ("a@b.de oder 0171-1234567", ["E-Mail-Adresse", "Telefonnummer"]),
        ("Die Frist ist der 01.12.2026, 10:00 Uhr", []),
        ("01.10.2026 bis 03.11.2026", []),
        ("07318 Saalfeld, Markt 1", []),
        ("KfW 432 fördert 75 % von 1.234.567 Euro", []),
        ("@lotse_bot hilft", []),
        ("https://www.example.org/a/0361123456", []),
        ("", []),
    ],
)
def test_it_sees_what_could_be_personal(text, found):
    assert looks_personal(text) == found


@given(st.text(max_size=4096))
def test_it_bears_any_text(text):
    assert isinstance(looks_personal(text), list)
