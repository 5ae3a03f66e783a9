// What each person has read, kept for this browser tab.
import { serviceText } from "./media.js";

const STORE = "lotse-demo-read";

export class ReadMarks {
  constructor() {
    try {
      this.marks = JSON.parse(sessionStorage.getItem(STORE) ?? "{}");
    } catch {
      this.marks = {};
    }
  }

  /** Everything of the person in this chat has been seen. */
  seen(person, chat) {
    const key = `${person}/${chat.id}`;
    const newest = chat.messages.at(-1)?.message_id ?? 0;
    if (this.marks[key] === newest) return;
    this.marks[key] = newest;
    sessionStorage.setItem(STORE, JSON.stringify(this.marks));
  }

  /** How many messages of others the person has not seen in this chat. */
  unread(person, chat) {
    const newest = chat.messages.at(-1)?.message_id ?? 0;
    // A sandbox that was started anew counts its messages from the beginning.
    const mark = (this.marks[`${person}/${chat.id}`] ?? 0) > newest ? 0 : (this.marks[`${person}/${chat.id}`] ?? 0);
    return chat.messages.filter((one) => !one.mine && one.message_id > mark && serviceText(one) === null).length;
  }
}
