// The foot of the chat: start button, input, commands, inline mode, reply and edit, upload.
import { api } from "./api.js";
import { fullName, h, icon, senderName } from "./dom.js";
import { summary } from "./media.js";
import { Picker } from "./picker.js";
import { askForFile } from "./upload.js";

const INLINE_PAUSE_MS = 220;

export class Composer {
  /** @param actions send, edit, start, unblock, upload, choose, fail */
  constructor(root, actions) {
    this.root = root;
    this.actions = actions;
    this.drafts = new Map();
    this.mode = null;
    this.place = "";
    this.build();
  }

  build() {
    this.big = h("button", { type: "button", class: "start-button", onclick: () => this.bigAction() });
    this.text = h("textarea", {
      id: "composer-text", rows: "1", placeholder: "Nachricht", "aria-label": "Nachricht schreiben", "aria-autocomplete": "list",
      "aria-haspopup": "listbox", "aria-controls": "picker", enterkeyhint: "send", autocomplete: "off", maxlength: "4096",
      oninput: () => this.changed(), onkeydown: (event) => this.key(event), onpaste: (event) => this.pasted(event),
    });
    this.list = h("div", { id: "picker", class: "picker", role: "listbox", hidden: true });
    this.picker = new Picker(this.text, this.list);
    this.file = h("input", { type: "file", class: "only-read-aloud", tabindex: "-1", "aria-hidden": "true", onchange: () => this.chosenFile() });
    this.commandsButton = h("button", { type: "button", class: "icon-button", "aria-label": "Befehle zeigen", onclick: () => this.toggleCommands() }, icon("slash"));
    const clip = h("button", { type: "button", class: "icon-button", "aria-label": "Datei oder Bild senden", onclick: () => this.file.click() }, icon("clip"));
    this.sendButton = h("button", { type: "button", class: "icon-button send", "aria-label": "Senden", onclick: () => this.submit() }, icon("send"));
    this.note = h("div", { class: "mode-note", hidden: true });
    this.line = h("div", { class: "input-line" }, clip, this.file, this.text, this.commandsButton, this.sendButton);
    this.answers = h("div", { class: "answers", role: "group", "aria-label": "Vorgeschlagene Antworten", hidden: true });
    this.root.replaceChildren(this.list, this.note, this.line, this.answers, this.big);
  }

  /** Shows the foot for this person and chat; keeps a draft per chat. */
  update({ person, chat, bot }) {
    const place = `${person.id}/${chat.id}`;
    Object.assign(this, { person, chat, bot });
    if (place !== this.place) {
      this.drafts.set(this.place, this.text.value);
      this.place = place;
      this.text.value = this.drafts.get(place) ?? "";
      this.setMode(null);
      this.picker.close();
      this.grow();
    }
    const own = chat.type === "private";
    this.state = !own ? (chat.may_write ? "input" : "reading") : person.blocked ? "blocked" : person.started ? "input" : "start";
    this.line.hidden = this.state !== "input";
    this.big.hidden = this.state === "input" || this.state === "reading";
    this.big.textContent = this.state === "blocked" ? "Blockierung aufheben" : "Starten";
    this.drawAnswers(chat.keyboard?.keyboard ?? []);
    this.commandsButton.hidden = !chat.commands?.length;
    if (this.mode && !chat.messages.some((one) => one.message_id === this.mode.message.message_id)) this.setMode(null);
  }

  drawAnswers(rows) {
    const sign = JSON.stringify(rows);
    this.answers.hidden = rows.length === 0 || this.state !== "input";
    if (sign === this.answersSign) return;
    this.answersSign = sign;
    this.answers.replaceChildren(...rows.map((row) => h("div", { class: "keys-row" }, row.map((key) => {
      const text = typeof key === "string" ? key : key.text;
      return h("button", { type: "button", onclick: () => this.send(text) }, text);
    }))));
  }

  focus() {
    (this.state === "input" ? this.text : this.big).focus({ preventScroll: true });
  }

  /** Puts `text` into the input as if typed. */
  fill(text) {
    this.text.value = text;
    this.text.setSelectionRange(text.length, text.length);
    if (this.state === "input") this.text.focus({ preventScroll: true });
    this.changed();
  }

  replyTo(message) {
    this.setMode({ kind: "reply", message });
    this.text.focus();
  }

  editMessage(message) {
    this.setMode({ kind: "edit", message });
    this.fill(message.text ?? message.caption ?? "");
  }

  /** Leaves list, reply or edit; true when there was something to leave. */
  escape() {
    if (this.picker.open) this.picker.close();
    else if (this.mode) this.setMode(null);
    else return false;
    return true;
  }

  setMode(mode) {
    if (this.mode?.kind === "edit" && mode === null) this.text.value = "";
    this.mode = mode;
    this.note.hidden = mode === null;
    if (!mode) {
      this.note.replaceChildren();
      return;
    }
    const title = mode.kind === "edit" ? "Nachricht ändern" : `Antwort an ${mode.message.mine ? "sich selbst" : senderName(mode.message)}`;
    this.note.replaceChildren(icon(mode.kind === "edit" ? "edit" : "reply"),
      h("span", {}, h("strong", {}, title), h("span", {}, summary(mode.message).slice(0, 90))),
      h("button", { type: "button", class: "icon-button", "aria-label": "Abbrechen", onclick: () => this.setMode(null) }, icon("close")));
  }

  bigAction() {
    if (this.state === "blocked") this.actions.unblock();
    else this.actions.start();
  }

  grow() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, 132)}px`;
    this.sendButton.classList.toggle("ready", this.text.value.trim() !== "");
  }

  changed() {
    this.grow();
    const text = this.text.value;
    const inline = this.inlineQuery(text);
    if (inline !== null) this.askInline(inline);
    else {
      clearTimeout(this.timer);
      this.asked = null;
      if (/^\/[a-z0-9_]*$/i.test(text) && !this.mode) this.showCommands(text);
      else if (/(^|\s)@[A-Za-z0-9_]*$/.test(text)) this.offerName(text);
      else this.picker.close();
    }
  }

  inlineQuery(text) {
    const start = `@${this.bot.username} `.toLowerCase();
    return text.toLowerCase().startsWith(start) && !this.mode ? text.slice(start.length) : null;
  }

  showCommands(typed) {
    const own = this.chat.type === "private";
    const wanted = typed.slice(1).toLowerCase();
    const fitting = (this.chat.commands ?? []).filter((one) => one.command.startsWith(wanted));
    fitting.sort((one, other) => (other.command === wanted) - (one.command === wanted)); // what is typed in full goes first
    const items = fitting.map((one) => ({
      node: h("span", { class: "command-row" }, h("b", {}, `/${one.command}`), h("span", {}, one.description)),
      pick: () => this.send(`/${one.command}${own ? "" : `@${this.bot.username}`}`),
      insert: () => this.fill(`/${one.command} `),
    }));
    if (items.length) this.picker.show(items, { label: "Befehle" });
    else this.picker.close();
  }

  toggleCommands() {
    if (this.picker.open) this.picker.close();
    else this.showCommands("/");
    this.text.focus();
  }

  offerName(text) {
    const typed = /@([A-Za-z0-9_]*)$/.exec(text)[1].toLowerCase();
    if (!this.bot.username.toLowerCase().startsWith(typed)) {
      this.picker.close();
      return;
    }
    const insert = () => this.fill(text.replace(/@[A-Za-z0-9_]*$/, `@${this.bot.username} `));
    const node = h("span", { class: "command-row" }, h("b", {}, `@${this.bot.username}`), h("span", {}, `${fullName(this.bot)} ansprechen oder Eintrag teilen`));
    this.picker.show([{ node, pick: insert, insert }], { label: "Bot" });
  }

  askInline(query) {
    clearTimeout(this.timer);
    const asked = {};
    this.asked = asked;
    this.timer = setTimeout(async () => {
      try {
        const answer = await api.inline({ person: this.person.id, chat: this.chat.id, query });
        if (this.asked === asked) this.showResults(answer, query, answer.results ?? []);
      } catch (error) {
        if (this.asked === asked) this.picker.show([], { label: "Ergebnisse", note: `Keine Antwort: ${error.message}` });
      }
    }, INLINE_PAUSE_MS);
  }

  showResults(answer, query, results, keep = false) {
    const items = results.map((result) => ({ node: resultNode(result), pick: () => this.pickResult(answer, result) }));
    const head = answer.button?.text
      ? h("button", { type: "button", class: "picker-head", onclick: () => this.actions.start(answer.button.start_parameter) }, answer.button.text) : null;
    const asked = this.asked;
    const more = async () => {
      const next = await api.inline({ person: this.person.id, chat: this.chat.id, query, offset: answer.next_offset });
      if (this.asked === asked) this.showResults(next, query, [...results, ...(next.results ?? [])], true);
    };
    const onEnd = answer.next_offset ? () => more().catch(this.actions.fail) : null;
    this.picker.show(items, { label: "Ergebnisse", head, note: results.length ? null : "Nichts gefunden", onEnd, keep });
  }

  async pickResult(answer, result) {
    this.text.value = "";
    this.picker.close();
    this.asked = null;
    this.grow();
    await this.actions.choose(answer.inline_query_id, result.id);
  }

  submit() {
    const text = this.text.value.trim();
    if (text) this.send(text);
  }

  async send(text) {
    const mode = this.mode;
    clearTimeout(this.timer);
    this.asked = null;
    this.text.value = "";
    this.setMode(null);
    this.picker.close();
    this.grow();
    this.text.focus({ preventScroll: true });
    const sent = mode?.kind === "edit"
      ? await this.actions.edit(mode.message, text)
      : await this.actions.send(text, mode?.message.message_id);
    if (!sent && !this.text.value) this.fill(text);
  }

  key(event) {
    if (event.isComposing) return;
    if (this.picker.key(event)) {
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "ArrowUp" && this.text.value === "" && !this.mode) {
      const last = this.chat.messages.findLast((one) => one.mine && one.text && !one.via_bot);
      if (!last) return;
      event.preventDefault();
      this.editMessage(last);
    }
  }

  pasted(event) {
    const file = event.clipboardData?.files?.[0];
    if (!file) return;
    event.preventDefault();
    this.offerUpload(file);
  }

  chosenFile() {
    const file = this.file.files[0];
    this.file.value = "";
    if (file) this.offerUpload(file);
  }

  async offerUpload(file) {
    const choice = await askForFile(file, this.text.value);
    if (!choice) return;
    this.text.value = "";
    this.grow();
    await this.actions.upload(choice);
  }
}

function resultNode(result) {
  const picture = result.thumbnail_url || result.photo_url
    ? h("img", { src: result.thumbnail_url ?? result.photo_url, alt: "", onerror: (event) => event.target.remove() })
    : h("span", { class: "result-mark", "aria-hidden": "true" }, (result.title ?? "•").trim().slice(0, 1));
  return h("span", { class: "result" }, picture,
    h("span", { class: "result-text" }, h("b", {}, result.title ?? result.caption ?? "Ergebnis"), h("span", {}, result.description ?? "")));
}
