// The drawer of narrow windows, and moving through the messages with the keyboard.
import { byId, icon } from "./dom.js";

// Below this width the panel stands under the persons (style.css).
const narrow = matchMedia("(max-width: 1040px)");

function openDrawer() {
  byId("drawer").classList.add("open");
  byId("shade").hidden = false;
  byId("drawer-open").setAttribute("aria-expanded", "true");
  document.querySelector(".phone").inert = true;
  byId("drawer-close").focus();
}

/** Closes the drawer; false when it was closed. */
export function closeDrawer() {
  if (!byId("drawer").classList.contains("open")) return false;
  byId("drawer").classList.remove("open");
  byId("shade").hidden = true;
  byId("drawer-open").setAttribute("aria-expanded", "false");
  document.querySelector(".phone").inert = false;
  return true;
}

function arrange() {
  closeDrawer();
  (narrow.matches ? byId("drawer") : document.querySelector(".stage")).append(byId("desk"));
}

/** Arrow keys walk through the messages, Enter opens a message's menu. */
export function moveInLog(event) {
  const log = event.currentTarget;
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const rows = [...log.querySelectorAll(".row[data-id]")];
  const index = rows.indexOf(document.activeElement);
  if (step && (document.activeElement === log || index >= 0) && rows.length) {
    event.preventDefault();
    rows[Math.max(0, Math.min(rows.length - 1, index < 0 ? rows.length - 1 : index + step))].focus();
  } else if (event.key === "Enter" && index >= 0) {
    event.preventDefault();
    rows[index].querySelector(".more").click();
  }
}

export function wireFrame() {
  byId("drawer-open").append(icon("menu"));
  byId("drawer-close").append(icon("close"));
  byId("to-end").append(icon("down"));
  byId("drawer-open").addEventListener("click", openDrawer);
  byId("drawer-close").addEventListener("click", () => closeDrawer() && byId("drawer-open").focus());
  byId("shade").addEventListener("click", closeDrawer);
  narrow.addEventListener("change", arrange);
  arrange();
}
