// The columns beside the phone: persons, chats, the clock, things to try.
import { avatar, dayKey, fullName, h, longDay, reconcile, timeOf } from "./dom.js";
import { serviceText, summary } from "./media.js";

const PERSONS_SHOWN = 40;

/** Draws the persons; `unread` maps a person's id to a count. */
export function drawPeople(list, state, unread, select) {
  const shown = state.persons.slice(0, PERSONS_SHOWN);
  const wanted = shown.map((person) => {
    const active = person.id === state.person.id;
    const count = active ? 0 : (unread.get(person.id) ?? 0);
    return {
      key: String(person.id),
      sign: JSON.stringify([person, active, count]),
      make: () => h("li", {}, h("button", {
        type: "button", class: "entry", "aria-current": active ? "true" : undefined, "data-focus": "entry", onclick: () => select(person.id),
      }, avatar({ name: fullName(person), id: person.id }),
      h("span", { class: "entry-text" }, h("strong", {}, fullName(person)), h("span", { class: "about" }, person.about ?? "")),
      badge(count))),
    };
  });
  const rest = state.persons.length - shown.length;
  if (rest > 0) wanted.push({ key: "rest", sign: String(rest), make: () => h("li", { class: "rest" }, `und ${rest.toLocaleString("de-DE")} weitere`) });
  reconcile(list, wanted);
}

/** Draws the chats of the person; `unread` maps a chat's id to a count. */
export function drawChats(list, state, chatId, unread, select) {
  const now = new Date(state.now);
  reconcile(list, state.chats.map((chat) => {
    const active = chat.id === chatId;
    const last = chat.messages.at(-1);
    const title = chatTitle(chat, state.bot);
    const count = active ? 0 : (unread.get(chat.id) ?? 0);
    const line = chat.typing ? "schreibt …" : last ? preview(last, chat) : "Noch keine Nachricht";
    const when = last ? shortTime(new Date(last.date * 1000), now) : "";
    return {
      key: String(chat.id),
      sign: JSON.stringify([title, active, count, line, when]),
      make: () => h("li", {}, h("button", {
        type: "button", class: "entry", "aria-current": active ? "true" : undefined, "data-focus": "entry", onclick: () => select(chat.id),
      }, avatar({ bot: chat.type === "private", group: chat.type !== "private", id: chat.id }),
      h("span", { class: "entry-text" },
        h("span", { class: "entry-head" }, h("strong", {}, title), h("time", {}, when)),
        h("span", { class: "preview" }, line)),
      badge(count))),
    };
  }));
}

export function chatTitle(chat, bot) {
  return chat.type === "private" ? fullName(bot) : (chat.title ?? "Gruppe");
}

function preview(message, chat) {
  const service = serviceText(message);
  if (service) return service;
  const who = message.mine ? "Sie: " : chat.type === "private" || !message.from ? "" : `${message.from.first_name}: `;
  return who + summary(message).slice(0, 80);
}

function shortTime(moment, now) {
  if (dayKey(moment) === dayKey(now)) return timeOf(moment);
  const [, month, day] = dayKey(moment).split("-");
  return `${day}.${month}.`;
}

function badge(count) {
  if (!count) return null;
  return h("span", { class: "badge", "aria-label": count === 1 ? "1 neue Nachricht" : `${count} neue Nachrichten` }, count > 99 ? "99+" : String(count));
}

/** Shows the demo's time in the panel and on the phone. */
export function drawClock(nodes, now) {
  const time = timeOf(now);
  if (nodes.time.textContent === time && nodes.date.textContent === longDay(now)) return;
  nodes.time.textContent = time;
  nodes.time.dateTime = now.toISOString();
  nodes.date.textContent = longDay(now);
  nodes.status.textContent = time;
}

/** Things a newcomer may try: {label, text, group: in a group chat}. */
const TRIES = [
  { label: "Gibt es Geld für leere Läden?", text: "Gibt es Geld für leere Läden?" },
  { label: "Wer hat Erfahrung mit Probewohnen?", text: "Wer hat Erfahrung mit Probewohnen?" },
  { label: "kfw 432 wieviel prozent", text: "kfw 432 wieviel prozent" },
  { label: "Förderprogramme durchsehen", text: "/foerderung" },
  { label: "In der Gruppe fragen", text: "@BOT Was heißt ISEK?", group: true },
  { label: "Eintrag in der Gruppe teilen", text: "@BOT leerstand", group: true },
];

export function drawTries(list, username, attempt) {
  list.replaceChildren(...TRIES.map((one) => h("li", {}, h("button", {
    type: "button", onclick: () => attempt(one.text.replace("@BOT", `@${username}`), Boolean(one.group)),
  }, one.label))));
}
