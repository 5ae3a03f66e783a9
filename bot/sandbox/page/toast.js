// A line that shows itself for some seconds at the foot of the chat.
import { byId } from "./dom.js";

const SHORTEST_MS = 4000;
const MS_A_CHARACTER = 30;
let timer = 0;

export function toast(text) {
  const node = byId("toast");
  node.textContent = text;
  node.classList.add("shown");
  clearTimeout(timer);
  timer = setTimeout(() => node.classList.remove("shown"), SHORTEST_MS + text.length * MS_A_CHARACTER);
}

/** Copies `text`, or shows it where the browser does not allow that. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Kopiert");
  } catch {
    toast(text);
  }
}
