// The small menu of one message: reply, edit, react.
import { h, icon } from "./dom.js";

const EMOJI = ["👍", "👎", "❤", "🔥", "🎉"];

export class MessageMenu {
  /** @param actions reply(message), edit(message), react(message, emoji) */
  constructor(root, actions) {
    this.root = root;
    this.actions = actions;
    this.anchor = null;
    root.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("pointerdown", (event) => {
      if (!root.hidden && !root.contains(event.target)) this.close();
    });
  }

  open(message, anchor) {
    this.anchor = anchor;
    const item = (name, label, action) => h("button", { type: "button", role: "menuitem", class: "menu-item", onclick: () => this.run(action) }, icon(name), label);
    const editable = message.mine && message.text && !message.via_bot;
    this.root.replaceChildren(...[
      item("reply", "Antworten", () => this.actions.reply(message)),
      editable ? item("edit", "Ändern", () => this.actions.edit(message)) : null,
      message.reactions ? item("close", "Reaktion zurücknehmen", () => this.actions.react(message, "")) : null,
      h("div", { class: "menu-emoji" }, EMOJI.map((emoji) => h("button", {
        type: "button", role: "menuitem", "aria-label": `Mit ${emoji} reagieren`, onclick: () => this.run(() => this.actions.react(message, emoji)),
      }, emoji))),
    ].filter(Boolean));
    this.root.hidden = false;
    const at = anchor.getBoundingClientRect();
    const box = this.root.getBoundingClientRect();
    this.root.style.left = `${Math.max(8, Math.min(at.left, innerWidth - box.width - 8))}px`;
    this.root.style.top = `${at.bottom + box.height + 8 > innerHeight ? at.top - box.height - 4 : at.bottom + 4}px`;
    this.root.querySelector("button").focus();
  }

  /** Closes it; false when it was closed. */
  close() {
    if (this.root.hidden) return false;
    this.root.hidden = true;
    this.anchor?.closest(".row")?.focus({ preventScroll: true });
    return true;
  }

  run(action) {
    this.close();
    action();
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (event.key === "Tab") this.close();
    if (!step) return;
    event.preventDefault();
    const all = [...this.root.querySelectorAll("button")];
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
  }
}
