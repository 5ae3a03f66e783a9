// The list above the input: commands, the bot's name, inline results.
import { h } from "./dom.js";

/** A listbox steered from a text field; items are {node, pick(), insert?()}. */
export class Picker {
  constructor(field, list) {
    this.field = field;
    this.list = list;
    this.items = [];
    this.active = 0;
    this.onEnd = null;
  }

  get open() {
    return !this.list.hidden;
  }

  /** Shows `items` under an optional `head` node; `label` is read aloud. */
  show(items, { label, head = null, note = null, onEnd = null, keep = false } = {}) {
    const active = keep ? this.active : 0;
    this.items = items;
    this.onEnd = onEnd;
    this.list.setAttribute("aria-label", label);
    const options = items.map((item, index) => h("div", {
      id: `option-${index}`, role: "option", class: "option", "aria-selected": "false",
      onpointerdown: (event) => event.preventDefault(),
      onclick: () => item.pick(),
    }, item.node));
    this.list.replaceChildren(...[head, ...options].filter(Boolean), ...(note ? [h("p", { class: "picker-note" }, note)] : []));
    this.list.hidden = false;
    this.mark(Math.min(active, Math.max(0, items.length - 1)));
  }

  close() {
    this.list.hidden = true;
    this.list.replaceChildren();
    this.items = [];
    this.field.removeAttribute("aria-activedescendant");
  }

  /** Handles a key of the field; true when it was used up. */
  key(event) {
    if (!this.open) return false;
    if (event.key === "Escape") {
      this.close();
      return true;
    }
    if (this.items.length === 0) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.mark((this.active + step + this.items.length) % this.items.length);
      return true;
    }
    const item = this.items[this.active];
    if (event.key === "Enter" && !event.shiftKey) item.pick();
    else if (event.key === "Tab" && !event.shiftKey && item.insert) item.insert();
    else return false;
    return true;
  }

  mark(index) {
    this.active = index;
    const options = [...this.list.querySelectorAll("[role=option]")];
    options.forEach((node, place) => node.setAttribute("aria-selected", String(place === index)));
    if (!options[index]) return;
    this.field.setAttribute("aria-activedescendant", options[index].id);
    options[index].scrollIntoView({ block: "nearest" });
    if (index === options.length - 1) this.onEnd?.();
  }
}
