// Formatted text of a message: only the tags that Telegram knows, links that open where they should.
import { h } from "./dom.js";

const PLAIN = { B: "strong", STRONG: "strong", I: "em", EM: "em", U: "u", INS: "u", S: "s", STRIKE: "s", DEL: "s" };

/**
 * Rebuilds `source` from known tags only; everything else becomes text.
 * `actions` has openInside(url) and runCommand(text).
 */
export function formatted(source, actions) {
  const parsed = new DOMParser().parseFromString(`<body>${source}</body>`, "text/html");
  const result = document.createDocumentFragment();
  copyChildren(parsed.body, result, actions);
  return result;
}

function copyChildren(from, to, actions) {
  for (const child of from.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) to.append(child.data);
    else if (child.nodeType === Node.ELEMENT_NODE) copyElement(child, to, actions);
  }
}

function copyElement(source, to, actions) {
  const node = elementFor(source, actions);
  if (node) to.append(node);
  copyChildren(source, node ?? to, actions);
}

function elementFor(source, actions) {
  const tag = source.tagName;
  if (tag in PLAIN) return h(PLAIN[tag]);
  if (tag === "BR") return h("br");
  if (tag === "CODE") return h("code");
  if (tag === "PRE") return h("pre", { tabindex: "0" });
  if (tag === "A") return link(source, actions);
  if (tag === "BLOCKQUOTE") return quote(source);
  if (source.classList.contains("tg-spoiler")) return spoiler();
  if (source.classList.contains("command")) return command(source.dataset.command ?? source.textContent, actions);
  return null;
}

function link(source, actions) {
  const url = source.getAttribute("href") ?? "";
  if (!/^(https?|mailto|tel|tg):/i.test(url)) return null;
  return h("a", {
    href: url,
    target: "_blank",
    rel: "noopener noreferrer",
    onclick: (event) => {
      if (actions.openInside(url)) event.preventDefault();
    },
  });
}

function command(text, actions) {
  return h("a", {
    href: "#",
    class: "command",
    onclick: (event) => {
      event.preventDefault();
      actions.runCommand(text);
    },
  });
}

function spoiler() {
  const node = h("span", { class: "spoiler", role: "button", tabindex: "0", "aria-label": "Verdeckter Text, aufdecken" });
  const show = () => {
    node.classList.add("shown");
    for (const name of ["role", "tabindex", "aria-label"]) node.removeAttribute(name);
  };
  node.addEventListener("click", show);
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    show();
  });
  return node;
}

function quote(source) {
  const node = h("blockquote");
  if (!source.classList.contains("expandable")) return node;
  const toggle = () => {
    const open = node.classList.toggle("open");
    node.setAttribute("aria-expanded", String(open));
  };
  node.classList.add("expandable");
  node.setAttribute("role", "button");
  node.setAttribute("tabindex", "0");
  node.setAttribute("aria-expanded", "false");
  node.addEventListener("click", (event) => event.target.closest("a") ?? toggle());
  node.addEventListener("keydown", (event) => {
    if (event.target !== node || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    toggle();
  });
  return node;
}

/** What a Telegram link means for this bot: {start: payload or ""}; null for any other address. */
export function botLink(url, username) {
  const match = /^(?:https?:\/\/)?(?:t\.me|telegram\.me)\/([A-Za-z0-9_]+)\/?(?:\?(.*))?$/i.exec(url)
    ?? /^tg:\/\/resolve\?(?=.*\bdomain=([A-Za-z0-9_]+))(.*)$/i.exec(url);
  if (!match || match[1].toLowerCase() !== username.toLowerCase()) return null;
  const query = new URLSearchParams(match[2] ?? "");
  return { start: query.get("start") ?? "" };
}
