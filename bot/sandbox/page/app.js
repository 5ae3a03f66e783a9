// The page of the sandbox: keeps the state of one person's phone in step with the server.
import { ApiError, api, stateOf } from "./api.js";
import { drawMessages } from "./bubbles.js";
import { Composer } from "./composer.js";
import { avatar, byId, fullName, senderName } from "./dom.js";
import { closeDrawer, moveInLog, wireFrame } from "./frame.js";
import { botLink } from "./html.js";
import { summary } from "./media.js";
import { MessageMenu } from "./menu.js";
import { ReadMarks } from "./read.js";
import { chatTitle, drawChats, drawClock, drawPeople, drawTries } from "./sidebar.js";
import { copy, toast } from "./toast.js";
import { alertBox, askForChat } from "./upload.js";

const OTHERS_WATCHED = 12;
const RETRY_MS = 1500;
const TYPING_MS = 5200;

const log = byId("log");
const marks = new ReadMarks();
const unreadOf = new Map();
let state = null;
let wanted = fromHash();
let all = false;
let shownPlace = "";
let clockLead = 0;
let stuck = true;
let typingTimer = 0;

const composer = new Composer(byId("composer"), {
  send: (text, replyTo) => attempt(async () => api.send({ ...place(), text, ...(replyTo ? { reply_to: replyTo } : {}) }), true),
  edit: (message, text) => attempt(() => api.edit({ ...place(), message_id: message.message_id, text }), true),
  start: (payload) => startBot(payload ?? ""),
  unblock: () => attempt(() => api.block(state.person.id, false)),
  upload: (choice) => attempt(() => api.upload({ ...place(), kind: choice.kind, caption: choice.caption, file: choice.file }), true),
  choose: (query, result) => attempt(() => api.choose({ ...place(), inline_query_id: query, result_id: result }), true),
  fail,
});

const menu = new MessageMenu(byId("message-menu"), {
  reply: (message) => composer.replyTo(message),
  edit: (message) => composer.editMessage(message),
  react,
});

const actions = {
  openInside,
  isInside: (url) => botLink(url, state.bot.username) !== null,
  runCommand: (text) => attempt(() => api.send({ ...place(), text }), true),
  openMenu: (message, anchor) => menu.open(message, anchor),
  showAll: () => {
    all = true;
    draw();
  },
  showMessage,
  pressKey,
  react,
  vote: (message, options) => attempt(() => api.vote({ ...place(), message_id: message.message_id, option_ids: options })),
};

// ---- what is shown -------------------------------------------------------------------------

function fromHash() {
  const params = new URLSearchParams(location.hash.slice(1));
  return { person: Number(params.get("person")) || null, chat: Number(params.get("chat")) || null };
}

function place() {
  return { person: state.person.id, chat: currentChat().id };
}

function currentChat() {
  return state.chats.find((chat) => chat.id === wanted.chat) ?? state.chats[0];
}

function select(person, chat = null) {
  wanted = { person, chat };
  all = false;
  closeDrawer();
  return refresh().then(() => composer.focus());
}

function draw() {
  const chat = currentChat();
  const now = new Date(state.now);
  clockLead = now.getTime() - Date.now();
  const here = `${state.person.id}/${chat.id}`;
  const moved = here !== shownPlace;
  const atEnd = moved || stuck;
  if (moved) log.replaceChildren();
  drawMessages(log, chat, { bot: state.bot, about: state.bot.description, now, group: chat.type !== "private", all, actions });
  announce(chat, moved);
  shownPlace = here;
  marks.seen(state.person.id, chat);
  drawHead(chat);
  composer.update({ person: state.person, chat, bot: state.bot });
  drawAround(chat);
  remember(chat);
  if (atEnd) toEnd();
  showToEnd();
}

function drawHead(chat) {
  const own = chat.type === "private";
  byId("head-avatar").replaceChildren(avatar({ bot: own, group: !own, id: chat.id }));
  byId("head-title").textContent = chatTitle(chat, state.bot);
  const note = byId("head-note");
  note.textContent = chat.typing ? "schreibt …" : own ? "Bot" : chat.type === "channel" ? "Kanal" : "Gruppe mit Lotse";
  note.classList.toggle("typing-now", chat.typing);
  drawPinned(chat);
  // „schreibt …“ ends by itself after some seconds, without a change that would be told.
  clearTimeout(typingTimer);
  if (chat.typing) typingTimer = setTimeout(() => refresh().catch(() => {}), TYPING_MS);
}

function drawPinned(chat) {
  const message = chat.messages.find((one) => one.message_id === chat.pinned?.at(-1));
  const bar = byId("pinned");
  bar.hidden = !message;
  if (!message) return;
  bar.lastElementChild.textContent = summary(message);
  bar.onclick = () => showMessage(message.message_id);
}

function drawAround(chat) {
  drawPeople(byId("people"), state, unreadOf, (person) => select(person));
  const unread = new Map(state.chats.map((one) => [one.id, marks.unread(state.person.id, one)]));
  drawChats(byId("chats"), state, chat.id, unread, (id) => select(wanted.person, id));
  const waiting = [...unreadOf].some(([person, count]) => person !== state.person.id && count > 0) || [...unread.values()].some(Boolean);
  byId("drawer-open").classList.toggle("has-news", waiting);
  const block = byId("block");
  block.setAttribute("aria-pressed", String(state.person.blocked));
  block.textContent = state.person.blocked ? "Blockierung aufheben" : "Bot blockieren";
  block.disabled = !state.person.started && !state.person.blocked;
  byId("block-hint").textContent = state.person.blocked
    ? `${fullName(state.person)} hat den Bot blockiert: Es kommt nichts mehr an.`
    : "Dann kommt bei ihr nichts mehr an, wie in Telegram.";
  tick();
}

function remember(chat) {
  wanted = { person: state.person.id, chat: chat.id };
  const hash = `#person=${state.person.id}&chat=${chat.id}`;
  if (location.hash !== hash) history.replaceState(null, "", hash);
  document.title = `${chatTitle(chat, state.bot)} · ${fullName(state.person)} · Demo`;
}

function announce(chat, moved) {
  const fresh = [...log.children].filter((node) => node.fresh);
  for (const node of fresh) {
    node.fresh = false;
    if (moved) continue;
    node.classList.add("arrives");
    const message = chat.messages.find((one) => String(one.message_id) === node.dataset.id);
    if (message && !message.mine) byId("announcer").textContent = `${senderName(message)}: ${summary(message)}`;
  }
}

function tick() {
  drawClock({ time: byId("clock-time"), date: byId("clock-date"), status: byId("status-time") }, new Date(Date.now() + clockLead));
}

function toEnd() {
  log.scrollTop = log.scrollHeight;
}

// Pictures that arrive and a foot that grows must not push the newest message out of sight.
const keepEnd = () => stuck && toEnd();

function showToEnd() {
  stuck = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  byId("to-end").hidden = log.scrollHeight - log.scrollTop - log.clientHeight < 240;
}

function showMessage(id) {
  const node = log.querySelector(`[data-id="${id}"]`);
  if (!node) return;
  node.scrollIntoView({ block: "center", behavior: "smooth" });
  node.classList.remove("pointed");
  requestAnimationFrame(() => node.classList.add("pointed"));
}

// ---- what a person does --------------------------------------------------------------------

/** Runs an action, then draws what came of it; false (and a toast) when it was refused. */
async function attempt(action, followUp = false) {
  try {
    await action();
    await refresh();
    if (followUp) toEnd();
    return true;
  } catch (error) {
    fail(error);
    return false;
  }
}

function fail(error) {
  toast(error instanceof ApiError ? error.message : "Keine Verbindung zur Demo. Bitte noch einmal versuchen.");
}

async function startBot(payload) {
  const home = state.chats.find((chat) => chat.type === "private");
  wanted = { person: state.person.id, chat: home?.id ?? null };
  if (await attempt(() => api.start(state.person.id, payload), true)) composer.focus();
}

function openInside(url) {
  const link = botLink(url, state.bot.username);
  if (!link) return false;
  if (link.start) startBot(link.start);
  else select(state.person.id, state.chats.find((chat) => chat.type === "private")?.id ?? null);
  return true;
}

function openLink(url) {
  if (!openInside(url)) window.open(url, "_blank", "noopener,noreferrer");
}

function react(message, emoji) {
  return attempt(() => api.react({ ...place(), message_id: message.message_id, emoji }));
}

async function pressKey(button, message) {
  if (button.callback_data !== undefined) return pressCallback(button, message);
  if (button.url) return openLink(button.url);
  if (button.copy_text) return copy(button.copy_text.text);
  const here = button.switch_inline_query_current_chat;
  if (here !== undefined) return composer.fill(`@${state.bot.username} ${here}`);
  const elsewhere = button.switch_inline_query ?? button.switch_inline_query_chosen_chat?.query;
  if (elsewhere !== undefined) return shareElsewhere(elsewhere);
  return toast("Diese Schaltfläche geht nur in Telegram selbst.");
}

async function pressCallback(button, message) {
  let answer = null;
  await attempt(async () => {
    answer = (await api.press({ ...place(), message_id: message.message_id, data: button.callback_data })).answer;
  });
  if (answer?.url) openLink(answer.url);
  else if (answer?.text && answer.show_alert) alertBox(answer.text);
  else if (answer?.text) toast(answer.text);
}

async function shareElsewhere(query) {
  const chat = await askForChat(state.chats.map((one) => ({ id: one.id, title: chatTitle(one, state.bot) })));
  if (chat === null) return;
  await select(state.person.id, chat);
  composer.fill(`@${state.bot.username} ${query}`);
}

async function tryOut(text, inGroup) {
  const chat = state.chats.find((one) => one.type !== "channel" && (one.type !== "private") === inGroup);
  if (!chat) {
    toast(`${fullName(state.person)} ist in keiner Gruppe. Wählen Sie links eine andere Person.`);
    return;
  }
  await select(state.person.id, chat.id);
  if (!inGroup && !state.person.started) await startBot("");
  composer.fill(text);
}

// ---- keeping in step -----------------------------------------------------------------------

let running = null;
let again = false;

/** Fetches and draws; calls that come while one runs share one more run. */
function refresh() {
  if (running) {
    again = true;
    return running;
  }
  running = (async () => {
    try {
      do {
        again = false;
        const asked = wanted.person;
        const fresh = await stateOf(asked);
        if (wanted.person === asked) {
          state = fresh;
          wanted.person = fresh.person.id;
          draw();
        } else again = true;
      } while (again);
    } finally {
      running = null;
    }
  })();
  return running;
}

async function watchOthers() {
  const others = state.persons.filter((one) => one.id !== state.person.id).slice(0, OTHERS_WATCHED);
  const theirs = await Promise.all(others.map((one) => api.state(one.id)));
  for (const one of theirs) {
    unreadOf.set(one.person.id, one.chats.reduce((sum, chat) => sum + marks.unread(one.person.id, chat), 0));
  }
  unreadOf.delete(state.person.id);
  drawAround(currentChat());
}

async function follow() {
  let revision = -1;
  for (;;) {
    try {
      revision = (await api.changes(revision, revision < 0 ? 0 : 25)).revision;
      await refresh();
      byId("offline").hidden = true;
      document.body.classList.add("ready");
      await watchOthers();
    } catch {
      byId("offline").hidden = false;
      revision = -1;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}


function shortcuts(event) {
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) {
    if (menu.close() || composer.escape() || closeDrawer()) event.preventDefault();
    else composer.focus();
  }
  const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
  const person = digit && event.altKey && !event.ctrlKey && state?.persons[Number(digit) - 1];
  if (person) {
    event.preventDefault();
    select(person.id);
  }
}

async function moveClock(event) {
  const { advance, to } = event.currentTarget.dataset;
  await attempt(() => api.clock(advance ? { advance: Number(advance) } : { to }));
}

function wire() {
  wireFrame();
  byId("to-end").addEventListener("click", () => log.scrollTo({ top: log.scrollHeight, behavior: "smooth" }));
  byId("block").addEventListener("click", () => attempt(() => api.block(state.person.id, !state.person.blocked)));
  byId("skip").addEventListener("click", (event) => {
    event.preventDefault();
    composer.focus();
  });
  for (const button of document.querySelectorAll(".clock-buttons button")) button.addEventListener("click", moveClock);
  log.addEventListener("scroll", showToEnd, { passive: true });
  log.addEventListener("load", keepEnd, true);
  new ResizeObserver(keepEnd).observe(log);
  log.addEventListener("keydown", moveInLog);
  log.addEventListener("dragover", (event) => event.preventDefault());
  log.addEventListener("drop", (event) => {
    event.preventDefault();
    const file = event.dataTransfer?.files?.[0];
    if (file && composer.state === "input") composer.offerUpload(file);
  });
  document.addEventListener("keydown", shortcuts);
  addEventListener("hashchange", () => {
    wanted = fromHash();
    refresh().catch(fail);
  });
  setInterval(() => state && tick(), 1000);
}

wire();
follow();
refresh().then(() => drawTries(byId("tries"), state.bot.username, tryOut)).catch(() => {});
