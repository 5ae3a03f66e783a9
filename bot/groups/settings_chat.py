"""`/einstellungen`: how often each group writes, on which days and hours, holidays, pause; by buttons or in words."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from telegram import InlineKeyboardButton, Update

from bot.callbacks import OddButtonError
from bot.delivery.quiet import Mode, Preferences
from bot.groups.callbacks import NO_HOUR, Verb, button
from bot.groups.desk import Desk, OnPress, Screen, person_id
from bot.groups.errors import MembersOnlyError
from bot.groups.groups_chat import MODE_NAMES, MODES
from bot.groups.wishes import LONGEST_PAUSE, Wishes, read_pause, read_wishes
from bot.members.dialogues import Open
from bot.members.errors import MembersError, NotAllowedError
from bot.rendering import WEEKDAYS
from bot.telegram import Context, Keyboard, Press, is_private, reply

HOURS_WORDS, PAUSE_WORDS = "groups.hours", "groups.pause"
OFFERED_HOURS = ((7, 18), (8, 17), (9, 16), (0, 24))
OFFERED_PAUSES = ((7, "1 Woche"), (14, "2 Wochen"), (28, "4 Wochen"))
OFFERED_DIGESTS = (NO_HOUR, 9, 12, 16)
WEEKLY_ON = ("montags", "dienstags", "mittwochs", "donnerstags", "freitags", "samstags", "sonntags")
NO_DAY_LEFT = "Ein Tag muss bleiben. Wenn gar nichts kommen soll, wählen Sie „Pause“."


class SettingsChat:
    """Handlers about when pushes suit somebody."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.presses: dict[Verb, OnPress] = {
            Verb.SETTINGS: self._show,
            Verb.TIMES: self._times,
            Verb.MODE: self._mode,
            Verb.DAY: self._day,
            Verb.HOURS: self._hours,
            Verb.HOLIDAYS: self._holidays,
            Verb.PAUSE: self._pause,
            Verb.DIGEST: self._digest,
        }
        self.answers = {HOURS_WORDS: self.said_hours, PAUSE_WORDS: self.said_pause}

    # What people send ------------------------------------------------------------------------------------------------

    async def settings(self, update: Update, context: Context) -> None:
        """`/einstellungen`, alone or with wishes in words behind it."""
        del context
        if not is_private(update):
            await self._desk.say(update, "only_private")
            return
        parts = (update.message.text or "").split(maxsplit=1) if update.message else []
        if len(parts) > 1:
            await self._obey(update, parts[1])
            return
        await self._answer(update)

    async def said_hours(self, update: Update, context: Context, waits: Open) -> None:
        """Days and hours in words."""
        del context, waits
        if await self._obey(update, _typed(update)):
            await self._end_dialogue(update)

    async def said_pause(self, update: Update, context: Context, waits: Open) -> None:
        """The last day of a pause."""
        del context, waits
        last, doubt = read_pause(_typed(update), self._desk.dates)
        if last is None or doubt:
            await self._desk.say(update, "pause_unclear", doubt=doubt)
            return
        if await self._change(update, paused_until=last + dt.timedelta(days=1)):
            await self._end_dialogue(update)
            await self._answer(update)

    async def _obey(self, update: Update, text: str) -> bool:
        wishes = read_wishes(text, self._desk.dates)
        times = await self._desk.members.push_times.of(person_id(update) or 0)
        wishes.doubt = wishes.doubt or _what_is_left(times, wishes.changes(times.weekdays))
        if wishes.doubt or not wishes.anything:
            await self._desk.say(update, "wishes_unclear", doubt=wishes.doubt)
            return False
        if not await self._apply(update, wishes):
            return False
        await self._answer(update)
        return True

    async def _apply(self, update: Update, wishes: Wishes) -> bool:
        person = person_id(update)
        before = await self._desk.members.push_times.of(person or 0)
        try:
            if changes := wishes.changes(before.weekdays):
                await self._desk.members.push_times.change(person, **changes)
            if wishes.mode is not None and person is not None:
                for group_id in await self._desk.rooms.groups.followed(person):
                    await self._desk.rooms.groups.follow(person, group_id, wishes.mode)
        except MembersError as error:
            await reply(update, self._desk.refusal(_refused(error)))
            return False
        if person is not None:
            await self._desk.rooms.outgoing.replan(person, before)
        return True

    # Presses ---------------------------------------------------------------------------------------------------------

    async def _show(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        del numbers
        await self._turn(press)
        return None

    async def _mode(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        group_id, place, _ = numbers
        person = self._own(press)
        if await self._desk.rooms.groups.follow(person, group_id, MODES[place % len(MODES)]):
            await self._desk.rooms.outgoing.replan(person)
        await self._turn(press)
        return None

    async def _times(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        del numbers
        times = await self._desk.members.push_times.of(self._own(press))
        rows: Keyboard = [[], []]
        for day, name in enumerate(WEEKDAYS):
            chosen = " ✓" if day in times.weekdays else ""
            rows[day // 4].append(button(f"{name}{chosen}", Verb.DAY, day))
        rows.append([button(f"Feiertage: {'nein' if times.holidays_off else 'ja'}", Verb.HOLIDAYS)])
        rows.append([button("Uhrzeiten", Verb.HOURS), button("‹ Zurück", Verb.SETTINGS)])
        await self._desk.turn(press, Screen(self._desk.render("times", **self._words(times)), rows))
        return None

    async def _day(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        times = await self._desk.members.push_times.of(self._own(press))
        weekdays = times.weekdays ^ {numbers[0] % 7}
        if not weekdays:
            return NO_DAY_LEFT
        await self._change(press.update, raising=True, weekdays=weekdays)
        return await self._times(press, ())

    async def _holidays(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        times = await self._desk.members.push_times.of(self._own(press))
        await self._change(press.update, raising=True, holidays_off=not times.holidays_off)
        return await self._times(press, numbers)

    async def _hours(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        self._own(press)
        if len(numbers) == 2:
            start, end = (dt.time(hour % 24) for hour in numbers)
            await self._change(press.update, raising=True, start=start, end=end)
            await self._turn(press)
            return None
        if len(numbers) == 1:
            await self._desk.members.dialogues.begin(press.chat_id, HOURS_WORDS)
            await self._desk.say(press.update, "hours_words")
            return None
        names = [(f"{start}–{end} Uhr" if end < 24 else "rund um die Uhr", start, end) for start, end in OFFERED_HOURS]
        rows = [[button(name, Verb.HOURS, start, end) for name, start, end in names[at : at + 2]] for at in (0, 2)]
        rows.append([button("In Worten", Verb.HOURS, 1), button("‹ Zurück", Verb.TIMES)])
        await self._desk.turn(press, Screen(self._desk.render("hours"), rows))
        return None

    async def _digest(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        self._own(press)
        match numbers:
            case (0, day) if day in range(7):
                await self._change(press.update, raising=True, digest_day=day)
            case (1, hour) if hour in range(NO_HOUR + 1):
                at = None if hour == NO_HOUR else dt.time(hour)
                await self._change(press.update, raising=True, digest_at=at)
            case ():
                pass
            case _:
                raise OddButtonError(press.query.data)
        times = await self._desk.members.push_times.of(self._own(press))
        rows: Keyboard = [[], []]
        for day, name in enumerate(WEEKDAYS):
            rows[day // 4].append(button(f"{name}{' ✓' if day == times.digest_day else ''}", Verb.DIGEST, 0, day))
        chosen = NO_HOUR if times.digest_at is None else times.digest_at.hour
        names = {hour: "am Beginn" if hour == NO_HOUR else f"{hour}:00" for hour in OFFERED_DIGESTS}
        rows.append(
            [button(f"{name}{' ✓' if hour == chosen else ''}", Verb.DIGEST, 1, hour) for hour, name in names.items()]
        )
        rows.append([button("‹ Zurück", Verb.SETTINGS)])
        await self._desk.turn(press, Screen(self._desk.render("digests", **self._words(times)), rows))
        return None

    async def _pause(self, press: Press, numbers: tuple[int, ...]) -> str | None:
        self._own(press)
        if not numbers:
            rows = [[button(name, Verb.PAUSE, days) for days, name in OFFERED_PAUSES]]
            rows.append(
                [button("Bis zu einem Tag …", Verb.PAUSE, LONGEST_PAUSE + 1), button("Keine Pause", Verb.PAUSE, 0)]
            )
            rows.append([button("‹ Zurück", Verb.SETTINGS)])
            await self._desk.turn(press, Screen(self._desk.render("pause"), rows))
            return None
        (days,) = numbers
        if days > LONGEST_PAUSE:
            await self._desk.members.dialogues.begin(press.chat_id, PAUSE_WORDS)
            await self._desk.say(press.update, "pause_words")
            return None
        today = self._desk.now().astimezone(self._desk.zone).date()
        # The rest of today and so many whole days.
        until = today + dt.timedelta(days=days + 1) if days else None
        await self._change(press.update, raising=True, paused_until=until)
        await self._turn(press)
        return None

    # Within ----------------------------------------------------------------------------------------------------------

    def _own(self, press: Press) -> int:
        """Who presses, in their own chat: what is shown is theirs alone."""
        person = person_id(press.update)
        if person is None or not is_private(press.update):
            raise NotAllowedError
        return person

    async def _change(self, update: Update, *, raising: bool = False, **values: Any) -> bool:
        person = person_id(update)
        before = await self._desk.members.push_times.of(person or 0)
        try:
            await self._desk.members.push_times.change(person, **values)
        except MembersError as error:
            if raising:
                raise _refused(error) from None
            await reply(update, self._desk.refusal(_refused(error)))
            return False
        if person is not None:
            await self._desk.rooms.outgoing.replan(person, before)
        return True

    async def _answer(self, update: Update) -> None:
        person = person_id(update)
        if person is not None:
            await self._desk.show(update, await self._screen(person))

    async def _turn(self, press: Press) -> None:
        await self._desk.turn(press, await self._screen(self._own(press)))

    async def _screen(self, person: int) -> Screen:
        times = await self._desk.members.push_times.of(person)
        modes = await self._desk.rooms.groups.followed(person)
        groups = [group for group in await self._desk.rooms.groups.all() if group.id in modes]
        rows: list[list[InlineKeyboardButton]] = []
        for group in groups:
            mode = modes[group.id]
            following = (MODES.index(mode) + 1) % len(MODES)
            rows.append([button(f"{group.short}: {MODE_NAMES[mode]}", Verb.MODE, group.id, following, 0)])
        if any(modes[group.id] is not Mode.AT_ONCE for group in groups):
            rows.append([button("Wann Gebündeltes kommt", Verb.DIGEST)])
        rows.append([button("Tage und Uhrzeiten", Verb.TIMES), button("Pause", Verb.PAUSE)])
        rows += [[button("Arbeitsgruppen wählen", Verb.LIST)], *map(list, self._desk.more.settings)]
        html = self._desk.render(
            "settings", groups=groups, modes=modes, names=MODE_NAMES, Mode=Mode, **self._words(times)
        )
        return Screen(html, rows)

    def _words(self, times: Preferences) -> dict[str, Any]:
        today = self._desk.now().astimezone(self._desk.zone).date()
        until = times.paused_until
        return {
            "days": day_words(times.weekdays),
            "hours": hour_words(times.start, times.end),
            "holidays_off": times.holidays_off,
            "digest_at": f"{times.digest_time.hour}:{times.digest_time.minute:02d}",
            "digest_outside": times.digest_at not in (None, times.digest_time),
            "weekly_on": WEEKLY_ON[times.digest_day],
            "weekly_off": times.digest_day not in times.weekdays,
            "last_paused": until - dt.timedelta(days=1) if until is not None and until > today else None,
        }

    async def _end_dialogue(self, update: Update) -> None:
        if update.effective_chat is not None:
            await self._desk.members.dialogues.end(update.effective_chat.id)


def day_words(days: frozenset[int]) -> str:
    """`Mo–Fr`, `täglich`, `Mo, Mi`."""
    if len(days) == len(WEEKDAYS):
        return "an allen Tagen"
    ordered = sorted(days)
    if len(ordered) > 2 and ordered[-1] - ordered[0] == len(ordered) - 1:
        return f"{WEEKDAYS[ordered[0]]}–{WEEKDAYS[ordered[-1]]}"
    return ", ".join(WEEKDAYS[day] for day in ordered)


def hour_words(start: dt.time, end: dt.time) -> str:
    """`7:00–18:00 Uhr` or `rund um die Uhr`."""
    if start == end == dt.time():
        return "rund um die Uhr"
    last = "24:00" if end == dt.time() else f"{end.hour}:{end.minute:02d}"
    return f"{start.hour}:{start.minute:02d}–{last} Uhr"


def _what_is_left(times: Preferences, changes: Mapping[str, Any]) -> str:
    """What is wrong with changes because nothing would be left with them, in German; empty: nothing."""
    start, end = changes.get("start", times.start), changes.get("end", times.end)
    if not changes.get("weekdays", times.weekdays):
        return NO_DAY_LEFT
    if end != dt.time() and start >= end:
        return f"{hour_words(start, end)}: Da bliebe keine Stunde übrig. Bitte nennen Sie Beginn und Ende."
    return ""


def _refused(error: MembersError) -> MembersError:
    """Who may not change their own times is no member; that they lead no group is beside the point."""
    return MembersOnlyError() if type(error) is NotAllowedError else error


def _typed(update: Update) -> str:
    return (update.message.text or "").strip() if update.message else ""
