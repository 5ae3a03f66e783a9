// The dialogs: a file before it is sent, and a bot's alert.
import { fileSize, h } from "./dom.js";

const ALERT_TITLE = "Mitteilung";

function open(content, label) {
  const dialog = h("dialog", { class: "dialog", "aria-label": label }, content);
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close(""));
  dialog.showModal();
  return dialog;
}

/** Asks for caption and kind; resolves to {file, kind, caption} or null. */
export function askForFile(file, caption) {
  const picture = /^image\/(jpeg|png|webp)$/.test(file.type);
  const preview = picture ? URL.createObjectURL(file) : null;
  const words = h("input", { type: "text", name: "caption", value: caption, maxlength: "1024", placeholder: "Bildunterschrift", "aria-label": "Bildunterschrift" });
  const asFile = h("input", { type: "checkbox" });
  const content = h("form", { method: "dialog", class: "dialog-body" },
    h("h2", {}, picture ? "Bild senden" : "Datei senden"),
    preview ? h("img", { src: preview, alt: "Vorschau" }) : null,
    h("p", { class: "file-name" }, file.name, h("small", {}, fileSize(file.size))),
    words,
    picture ? h("label", { class: "check" }, asFile, "Als Datei, nicht verkleinert") : null,
    h("div", { class: "dialog-buttons" },
      h("button", { type: "submit", value: "", formnovalidate: true }, "Abbrechen"),
      h("button", { type: "submit", value: "send", class: "main" }, "Senden")));
  const dialog = open(content, "Datei senden");
  // Enter in the caption presses the first submit button otherwise, which is „Abbrechen“.
  words.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    dialog.close("send");
  });
  words.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      if (preview) URL.revokeObjectURL(preview);
      resolve(dialog.returnValue === "send" ? { file, kind: kindOf(file, picture && !asFile.checked), caption: words.value } : null);
    });
  });
}

function kindOf(file, asPhoto) {
  if (asPhoto) return "photo";
  if (file.type.startsWith("video/")) return "video";
  if (file.type === "audio/ogg") return "voice";
  if (file.type.startsWith("audio/")) return "audio";
  return "document";
}

/** The box that a bot's answer with show_alert opens. */
export function alertBox(text) {
  const content = h("form", { method: "dialog", class: "dialog-body" }, h("p", { class: "alert-text" }, text),
    h("div", { class: "dialog-buttons" }, h("button", { type: "submit", class: "main" }, "Schließen")));
  open(content, ALERT_TITLE);
}

/** Lets the person pick one of `chats` ({id, title}); resolves to the id or null. */
export function askForChat(chats) {
  const content = h("form", { method: "dialog", class: "dialog-body" }, h("h2", {}, "In welchem Chat teilen?"),
    chats.map((chat) => h("button", { type: "submit", value: String(chat.id), class: "choice" }, chat.title)),
    h("div", { class: "dialog-buttons" }, h("button", { type: "submit", value: "" }, "Abbrechen")));
  const dialog = open(content, "Chat wählen");
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue ? Number(dialog.returnValue) : null)));
}
