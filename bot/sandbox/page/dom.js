// Small helpers: elements, icons, names, German dates.

/** An element with attributes, listeners (`onclick`) and children; null children are left out. */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else node.setAttribute(name, String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const byId = (id) => document.getElementById(id);

const ICONS = {
  send: "M3 20.5 22 12 3 3.5 3 10l12 2-12 2z",
  clip: "M16.5 6v11a4.5 4.5 0 0 1-9 0V5.5a3 3 0 0 1 6 0V16a1.5 1.5 0 0 1-3 0V6.5H9V16a3 3 0 0 0 6 0V5.5a4.5 4.5 0 0 0-9 0V17a6 6 0 0 0 12 0V6z",
  close: "M6.4 5 5 6.4 10.6 12 5 17.6 6.4 19l5.6-5.6 5.6 5.6 1.4-1.4-5.6-5.6L19 6.4 17.6 5 12 10.6z",
  menu: "M3 6h18v2H3zm0 5h18v2H3zm0 5h18v2H3z",
  down: "M12 15.6 5.4 9 4 10.4l8 8 8-8L18.6 9z",
  file: "M6 2h8l6 6v14H6V2zm7 1.8V9h5.2z",
  out: "M8 6v2h6.6L5 17.6 6.4 19 16 9.4V16h2V6z",
  reply: "M10 9V5l-7 7 7 7v-4.1c5 0 8.500 1.600 11 5.100-1-5-4-10-11-11z",
  edit: "M3 17.2V21h3.800L17.800 9.900l-3.700-3.700zM20.700 7a1 1 0 0 0 0-1.400l-2.300-2.300a1 1 0 0 0-1.400 0l-1.800 1.800 3.700 3.700z",
  ticks: "M1 12.800 5.600 17.400 15.200 7.800 14 6.600 5.600 15 2.200 11.600zM9.900 16.300 11 17.400 20.600 7.800 19.400 6.600 11 15z",
  people: "M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm0 2c-4 0-7 2-7 5v2h14v-2c0-3-3-5-7-5zm8-2a3 3 0 1 0-1-5.800 6 6 0 0 1 0 5.600q.5.200 1 .200zm1 2.200c1.600 1.200 2 2.800 2 4.800v2h3v-2c0-2.500-2-4.300-5-4.800z",
  more: "M12 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4zm0 6a2 2 0 1 0 0-4 2 2 0 0 0 0 4zm0 6a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  pin: "M14 3 21 10l-2 1-3 3-1 5-4-4-6 6-1-1 6-6-4-4 5-1 3-3z",
  slash: "M4 4h16a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V6c0-1.100.9-2 2-2zm9.200 3L9 17h1.900l4.100-10z",
};

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

export function fullName(person) {
  return [person?.first_name, person?.last_name].filter(Boolean).join(" ") || "Unbekannt";
}

/** Who wrote a message; what stands in a channel comes from the channel. */
export function senderName(message) {
  return message.from ? fullName(message.from) : (message.sender_chat?.title ?? "");
}

const HUES = [16, 205, 262, 140, 330, 45, 180, 290];

/** A round picture: the compass needle for the bot, a group's sign, or a person's initials. */
export function avatar({ bot = false, group = false, name = "", id = 0 }) {
  if (bot) return h("span", { class: "avatar bot", "aria-hidden": "true" });
  const hue = HUES[Math.abs(Number(id)) % HUES.length];
  const mark = group
    ? icon("people")
    : name.split(" ").map((part) => part[0] ?? "").slice(0, 2).join("");
  return h("span", { class: "avatar", style: `--hue:${hue}`, "aria-hidden": "true" }, mark);
}

const ZONE = "Europe/Berlin";
const TIME = new Intl.DateTimeFormat("de-DE", { hour: "2-digit", minute: "2-digit", timeZone: ZONE });
const DAY = new Intl.DateTimeFormat("de-DE", { day: "numeric", month: "long", weekday: "short", timeZone: ZONE });
const LONG_DAY = new Intl.DateTimeFormat("de-DE", {
  day: "numeric", month: "long", year: "numeric", weekday: "short", timeZone: ZONE,
});
const KEY = new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: ZONE });

export const timeOf = (moment) => TIME.format(moment);
export const dayKey = (moment) => KEY.format(moment);
export const longDay = (moment) => LONG_DAY.format(moment).replace(".,", ",");

/** „Heute“, „Gestern“ or „Do, 12. März“ as seen from `now`. */
export function dayLabel(moment, now) {
  const key = dayKey(moment);
  if (key === dayKey(now)) return "Heute";
  if (key === dayKey(new Date(now.getTime() - 86_400_000))) return "Gestern";
  const format = key.slice(0, 4) === dayKey(now).slice(0, 4) ? DAY : LONG_DAY;
  return format.format(moment).replace(".,", ",");
}

export function fileSize(bytes) {
  if (!bytes) return "";
  if (bytes < 1024) return `${bytes} Byte`;
  const [value, unit] = bytes < 1_048_576 ? [bytes / 1024, "KB"] : [bytes / 1_048_576, "MB"];
  return `${value.toLocaleString("de-DE", { maximumFractionDigits: 1 })} ${unit}`;
}

/** Puts the nodes of `wanted` (key -> {sign, make}) in order, keeping those whose sign is the same. */
export function reconcile(container, wanted) {
  const old = new Map([...container.children].map((node) => [node.dataset.key, node]));
  let place = container.firstElementChild;
  for (const { key, sign, make } of wanted) {
    let node = old.get(key);
    if (node && node.sign !== sign) {
      const fresh = make(node);
      fresh.dataset.key = key;
      fresh.sign = sign;
      if (place === node) place = fresh;
      const focused = node.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
      node.replaceWith(fresh);
      if (focused) fresh.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
      node = fresh;
    } else if (!node) {
      node = make(null);
      node.dataset.key = key;
      node.sign = sign;
      node.fresh = true;
    }
    old.delete(key);
    if (node === place) place = node.nextElementSibling;
    else container.insertBefore(node, place);
  }
  for (const node of old.values()) node.remove();
}
