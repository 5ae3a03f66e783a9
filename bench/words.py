"""What the measured messages say."""

HTML = (
    "📅 <b>AG Leerstandsbewältigung: Zwischenerwerb</b>\n"
    "Do, 12. März 2027, 10:00–12:30 · LEG, Mainzerhofstraße 12, Erfurt\n"
    "1 Erfahrungen aus Pößneck · 2 Leitfaden · 3 Verschiedenes\n"
    "Bitte antworten Sie bis Do, 5. März. Ihre Antwort: <b>noch keine</b>"
)
