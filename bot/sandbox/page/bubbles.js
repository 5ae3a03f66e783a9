// The messages of a chat: day lines, bubbles, quotes, keyboards.
import { avatar, dayKey, dayLabel, fullName, h, icon, reconcile, senderName, timeOf } from "./dom.js";
import { formatted } from "./html.js";
import { mediaNode, serviceText, summary } from "./media.js";

const SHOWN_AT_ONCE = 200;

/**
 * Draws `chat` into `log`.
 * @param context {bot, about, now, group, all, actions}
 */
export function drawMessages(log, chat, context) {
  const messages = context.all ? chat.messages : chat.messages.slice(-SHOWN_AT_ONCE);
  const wanted = [];
  if (messages.length < chat.messages.length) wanted.push(olderButton(chat, context));
  const topics = new Map((chat.topics ?? []).map((one) => [one.id, one.name]));
  let day = "";
  let sender = null;
  const bubbles = albums(messages);
  bubbles.forEach((group, index) => {
    const head = group[0];
    const moment = new Date(head.date * 1000);
    if (dayKey(moment) !== day) {
      day = dayKey(moment);
      sender = null;
      const label = dayLabel(moment, context.now);
      wanted.push({ key: `${chat.id}:day:${day}`, sign: label, make: () => h("div", { class: "day" }, h("span", {}, label)) });
    }
    const service = serviceText(head);
    const next = bubbles[index + 1]?.[0];
    const first = sender !== head.from?.id;
    const last = !next || next.from?.id !== head.from?.id || serviceText(next) !== null;
    sender = service === null ? head.from?.id : null;
    wanted.push({
      key: `${chat.id}:${head.message_id}`,
      sign: JSON.stringify([group, first, last, topics.get(head.message_thread_id) ?? null]),
      make: () => (service === null ? bubble(group, { ...context, topics, first, last }) : serviceLine(service, head)),
    });
  });
  if (wanted.length === 0) wanted.push(emptyChat(chat, context));
  if (chat.typing) wanted.push({ key: `${chat.id}:typing`, sign: "", make: typing });
  reconcile(log, wanted);
}

function albums(messages) {
  const groups = [];
  for (const message of messages) {
    const last = groups.at(-1);
    if (last && message.media_group_id && last[0].media_group_id === message.media_group_id) last.push(message);
    else groups.push([message]);
  }
  return groups;
}

function olderButton(chat, context) {
  const make = () => h("button", { type: "button", class: "older", onclick: context.actions.showAll }, "Ältere Nachrichten zeigen");
  return { key: `${chat.id}:older`, sign: "", make };
}

function emptyChat(chat, context) {
  const name = fullName(context.bot);
  const words = chat.type === "private"
    ? [h("strong", {}, "Was kann dieser Bot?"), h("p", {}, context.about || `${name} kennt Förderprogramme und Beispiele für lebendige Innenstädte. Drücken Sie unten auf „Starten“.`)]
    : [h("p", {}, "Hier ist noch nichts geschrieben.")];
  return { key: `${chat.id}:empty`, sign: context.about ?? "", make: () => h("div", { class: "empty" }, words) };
}

function serviceLine(text, message) {
  return h("div", { class: "day service", "data-id": message.message_id }, h("span", {}, text));
}

function typing() {
  return h("div", { class: "row in typing", "aria-hidden": "true" }, h("div", { class: "bubble" }, h("i"), h("i"), h("i")));
}

function bubble(group, context) {
  const head = group[0];
  const side = head.mine ? "out" : "in";
  const tail = context.last ? " last" : "";
  const withText = group.find((one) => one.html) ?? head;
  const media = mediaNode(group, context);
  const above = withText.show_caption_above_media;
  const body = h("div", { class: `bubble${mediaClass(head, group)}${withText.html ? "" : " no-text"}` },
    senderLine(head, context), forwardLine(head), quoteOf(head, context),
    above ? null : media, textOf(withText, context), above ? media : null,
    metaLine(withText, head), reactions(head, context));
  const more = h("button", { type: "button", class: "more", tabindex: "-1", "aria-label": "Nachricht: Aktionen", "aria-haspopup": "menu",
    onclick: (event) => context.actions.openMenu(head, event.currentTarget) }, icon("more"));
  const picture = context.group && !head.mine
    ? h("span", { class: "row-avatar" }, context.last ? avatar({ bot: head.bot && Boolean(head.from), group: !head.from, name: senderName(head), id: head.from?.id ?? chatId(head) }) : null) : null;
  return h("div", {
    class: `row ${side}${tail}${context.first ? " first" : ""}`, "data-id": head.message_id, tabindex: "-1", role: "article",
    "aria-label": `${head.mine ? "Sie" : senderName(head)}, ${timeOf(new Date(head.date * 1000))}`,
  }, picture, h("div", { class: "stack" }, h("div", { class: "bubble-line" }, body, more), keyboard(head, context)));
}

function chatId(message) {
  return message.sender_chat?.id ?? 0;
}

function mediaClass(message, group) {
  if (message.photo || message.video || message.animation || group.length > 1) return " with-picture";
  return message.sticker ? " bare" : "";
}

function senderLine(message, context) {
  const topic = context.topics.get(message.message_thread_id);
  const label = topic ? h("span", { class: "topic" }, `# ${topic}`) : null;
  const via = message.via_bot ? h("span", { class: "via" }, `über @${message.via_bot.username}`) : null;
  const shown = context.group && !message.mine && context.first;
  if (!shown) return via || label ? h("p", { class: "sender" }, via, label) : null;
  return h("p", { class: `sender${message.bot ? " bot" : ""}`, style: `--hue:${(Math.abs(message.from?.id ?? 0) * 67) % 360}` }, senderName(message), " ", via, label);
}

function forwardLine(message) {
  const origin = message.forward_origin;
  if (!origin) return null;
  const name = origin.sender_user ? fullName(origin.sender_user) : (origin.sender_user_name ?? origin.chat?.title ?? origin.sender_chat?.title ?? "Unbekannt");
  return h("p", { class: "forward" }, `Weitergeleitet von ${name}`);
}

function quoteOf(message, context) {
  const original = message.reply_to_message;
  if (!original || original.forum_topic_created) return null;
  const picture = original.photo ? "Bild · " : "";
  return h("button", { type: "button", class: "reply", onclick: () => context.actions.showMessage(original.message_id) },
    h("strong", {}, senderName(original)), h("span", {}, picture + (message.quote?.text ?? summary(original)).slice(0, 120)));
}

function textOf(message, context) {
  if (!message.html) return null;
  const onlyEmoji = /^(\p{Extended_Pictographic}|\u200d|\ufe0f|\p{Emoji_Modifier}){1,9}$/u.test(message.text ?? "");
  return h("div", { class: onlyEmoji ? "text large" : "text" }, formatted(message.html, context.actions));
}

function metaLine(message, head) {
  const edited = message.edit_date ? "bearbeitet " : "";
  return h("span", { class: "meta" }, edited, h("time", {}, timeOf(new Date(head.date * 1000))), head.mine ? icon("ticks") : null);
}

function reactions(message, context) {
  const found = message.reactions ?? [];
  if (found.length === 0) return null;
  const chips = found.map((one) => {
    const label = `${one.emoji}, ${one.count}-mal; auch so reagieren`;
    return h("button", { type: "button", class: "reaction", "aria-label": label, onclick: () => context.actions.react(message, one.emoji) },
      one.emoji, one.count > 1 ? ` ${one.count}` : "");
  });
  return h("div", { class: "reactions" }, chips);
}

function keyboard(message, context) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows?.length) return null;
  return h("div", { class: "keyboard", role: "group", "aria-label": "Schaltflächen", onkeydown: moveAmongButtons },
    rows.map((row, y) => h("div", { class: "keys-row" }, row.map((button, x) => keyButton(button, `${y}-${x}`, message, context)))));
}

function keyButton(button, place, message, context) {
  const outward = button.url && !context.actions.isInside(button.url);
  const node = h("button", {
    type: "button", class: `key${button.style ? ` ${button.style}` : ""}`, "data-focus": `key-${place}`,
    title: outward ? button.url : undefined,
  }, h("span", {}, button.text), outward ? icon("out") : null);
  node.addEventListener("click", async () => {
    if (node.classList.contains("busy")) return;
    node.classList.add("busy");
    node.setAttribute("aria-busy", "true");
    try {
      await context.actions.pressKey(button, message);
    } finally {
      node.classList.remove("busy");
      node.removeAttribute("aria-busy");
    }
  });
  return node;
}

function moveAmongButtons(event) {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  event.stopPropagation();
  const all = [...event.currentTarget.querySelectorAll("button")];
  all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
}
