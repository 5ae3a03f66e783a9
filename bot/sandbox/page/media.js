// What a message carries besides text: pictures, albums, files, voice, polls, places.
import { api } from "./api.js";
import { fileSize, h, icon } from "./dom.js";

/** The media of the messages of one bubble (several: an album), or null. */
export function mediaNode(messages, context) {
  if (messages.length > 1) return album(messages);
  const message = messages[0];
  for (const [field, make] of Object.entries(MAKERS)) {
    if (message[field]) return make(message[field], message, context);
  }
  return null;
}

const MAKERS = {
  photo: (sizes, message) => picture(sizes.at(-1), message, "Bild"),
  animation: (file, message) => (isPicture(file) ? picture(file, message, "Animation") : video(file)),
  video: (file) => video(file),
  video_note: (file) => video(file),
  sticker: (file) => sticker(file),
  voice: (file) => sound(file, "Sprachnachricht"),
  audio: (file) => sound(file, file.title ?? file.file_name ?? "Ton"),
  document: (file) => fileRow(file),
  poll: (poll, message, context) => pollNode(poll, message, context),
  venue: (venue) => place(venue.title, venue.address),
  location: (location) => place("Standort", `${location.latitude}, ${location.longitude}`),
  contact: (contact) => place([contact.first_name, contact.last_name].filter(Boolean).join(" "), contact.phone_number),
  dice: (dice) => h("p", { class: "dice" }, dice.emoji, " ", String(dice.value)),
};

const isPicture = (file) => (file.mime_type ?? "").startsWith("image/");

/** One line for chat lists and reply quotes. */
export function summary(message) {
  const text = message.text ?? message.caption;
  if (text) return text.replace(/\s+/g, " ");
  if (message.poll) return `Umfrage: ${message.poll.question}`;
  if (message.document) return message.document.file_name ?? "Datei";
  const names = {
    photo: "Bild", video: "Video", animation: "Animation", voice: "Sprachnachricht", audio: "Ton", sticker: "Sticker",
    venue: "Ort", location: "Standort", contact: "Kontakt", dice: "Würfel", video_note: "Video",
  };
  const found = Object.keys(names).find((field) => message[field]);
  return found ? names[found] : (serviceText(message) ?? "Nachricht");
}

const shortened = (text, length) => (text.length > length ? `${text.slice(0, length).trimEnd()} …` : text);

/** The sentence of a service message (joined, pinned, ...), or null for an ordinary message. */
export function serviceText(message) {
  const who = (people) => people.map((one) => [one.first_name, one.last_name].filter(Boolean).join(" ")).join(", ");
  if (message.new_chat_members) return `${who(message.new_chat_members)} ist jetzt in der Gruppe`;
  if (message.left_chat_member) return `${who([message.left_chat_member])} hat die Gruppe verlassen`;
  if (message.new_chat_title) return `Die Gruppe heißt jetzt „${message.new_chat_title}“`;
  if (message.pinned_message) return `Angeheftet: ${shortened(summary(message.pinned_message), 32)}`;
  if (message.group_chat_created || message.supergroup_chat_created) return "Gruppe angelegt";
  if (message.migrate_to_chat_id || message.migrate_from_chat_id) return "Die Gruppe ist jetzt eine Supergruppe";
  if (message.forum_topic_created) return `Thema „${message.forum_topic_created.name}“ angelegt`;
  if (message.forum_topic_closed) return "Thema geschlossen";
  if (message.forum_topic_reopened) return "Thema wieder geöffnet";
  return null;
}

function broken(event) {
  event.target.replaceWith(h("p", { class: "missing" }, "Bild nicht lesbar"));
}

function image(file, alt, cls = "") {
  return h("img", {
    src: api.fileUrl(file.file_id), alt, class: cls, width: file.width, height: file.height, onerror: broken,
  });
}

function picture(file, message, alt) {
  const shown = image(file, message.caption || alt);
  const url = api.fileUrl(file.file_id);
  const node = h("a", { class: "picture", href: url, target: "_blank", rel: "noopener", "aria-label": `${alt} in voller Größe öffnen` }, shown);
  if (!message.has_media_spoiler) return node;
  node.classList.add("veiled");
  node.addEventListener("click", (event) => {
    if (!node.classList.contains("veiled")) return;
    event.preventDefault();
    node.classList.remove("veiled");
  });
  return node;
}

function album(messages) {
  const files = messages.filter((one) => !one.photo && !one.video);
  if (files.length) return h("div", { class: "files" }, files.map((one) => mediaNode([one], {})));
  return h("div", { class: `album of-${Math.min(messages.length, 5)}` }, messages.map((one) => mediaNode([one], {})));
}

function video(file) {
  return h("video", { src: api.fileUrl(file.file_id), controls: true, preload: "metadata", width: file.width, height: file.height });
}

function sticker(file) {
  return h("div", { class: "sticker" }, file.is_animated || file.is_video ? (file.emoji ?? "Sticker") : image(file, file.emoji ?? "Sticker"));
}

function sound(file, name) {
  return h("figure", { class: "sound" }, h("figcaption", {}, name), h("audio", { src: api.fileUrl(file.file_id), controls: true, preload: "none" }));
}

function fileRow(file) {
  const name = file.file_name ?? "Datei";
  const ending = /\.([A-Za-z0-9]{1,4})$/.exec(name)?.[1];
  return h("a", { class: "file", href: api.fileUrl(file.file_id), download: name },
    h("span", { class: "file-mark", "aria-hidden": "true" }, ending ? ending.toUpperCase() : icon("file")),
    h("span", { class: "file-text" }, h("strong", {}, name), h("small", {}, fileSize(file.file_size) || "Datei")));
}

function place(title, detail) {
  return h("div", { class: "place" }, h("span", { class: "place-mark", "aria-hidden": "true" }, icon("pin")),
    h("span", { class: "file-text" }, h("strong", {}, title), h("small", {}, detail ?? "")));
}

function pollNode(poll, message, context) {
  const chosen = new Set(message.my_vote ?? []);
  const done = poll.is_closed || chosen.size > 0;
  const total = Math.max(1, poll.total_voter_count);
  const several = poll.allows_multiple_answers && !done;
  const picked = new Set();
  const submit = h("button", { type: "button", class: "poll-send", disabled: true, onclick: () => context.actions.vote(message, [...picked]) }, "Abstimmen");
  const rows = poll.options.map((option, index) => {
    const share = Math.round((option.voter_count / total) * 100);
    const attributes = { type: "button", class: `poll-option${chosen.has(index) ? " chosen" : ""}`, style: `--share:${done ? share : 0}%`, "data-focus": `poll-${index}` };
    const row = h("button", { ...attributes, disabled: poll.is_closed },
      h("span", { class: "poll-mark", "aria-hidden": "true" }, done ? `${share} %` : ""), h("span", {}, option.text));
    row.addEventListener("click", () => {
      if (done) return;
      if (!several) {
        context.actions.vote(message, [index]);
        return;
      }
      picked[picked.has(index) ? "delete" : "add"](index);
      row.setAttribute("aria-pressed", String(picked.has(index)));
      submit.disabled = picked.size === 0;
    });
    return row;
  });
  const kind = poll.is_closed ? "Beendet" : poll.type === "quiz" ? "Quiz" : poll.is_anonymous ? "Anonyme Umfrage" : "Umfrage";
  const count = poll.total_voter_count === 1 ? "1 Stimme" : `${poll.total_voter_count} Stimmen`;
  const back = done && !poll.is_closed && poll.type !== "quiz"
    ? h("button", { type: "button", class: "poll-back", onclick: () => context.actions.vote(message, []) }, "Stimme zurücknehmen") : null;
  return h("div", { class: "poll" }, h("strong", {}, poll.question), h("small", {}, kind), rows, several ? submit : null,
    h("small", {}, count), back);
}
