// The control API of the sandbox: one function a call, JSON in and out.

/** An answer that was refused; `message` says why in the server's words. */
export class ApiError extends Error {}

async function request(path, options = {}) {
  const response = await fetch(path, { cache: "no-store", ...options });
  let answer = null;
  try {
    answer = await response.json();
  } catch {
    answer = null;
  }
  if (!response.ok) {
    throw new ApiError(answer?.description ?? `HTTP ${response.status}`);
  }
  return answer ?? {};
}

function post(path, body) {
  return request(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

export const api = {
  /** What a person sees; without a person, the first one. */
  state: (person) => request(person ? `/sandbox/state?person=${person}` : "/sandbox/state"),
  /** Resolves as soon as the sandbox has moved past `after`, or after `wait` seconds. */
  changes: (after, wait = 25) => request(`/sandbox/changes?after=${after}&wait=${wait}`),
  send: (body) => post("/sandbox/send", body),
  edit: (body) => post("/sandbox/edit", body),
  start: (person, payload) => post("/sandbox/start", payload ? { person, payload } : { person }),
  block: (person, blocked) => post("/sandbox/block", { person, blocked }),
  press: (body) => post("/sandbox/press", body),
  inline: (body) => post("/sandbox/inline", body),
  choose: (body) => post("/sandbox/inline/choose", body),
  react: (body) => post("/sandbox/react", body),
  vote: (body) => post("/sandbox/poll/vote", body),
  clock: (body) => post("/sandbox/clock", body),
  upload: (fields) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) {
      if (value !== undefined && value !== "") form.append(name, value);
    }
    return request("/sandbox/upload", { method: "POST", body: form });
  },
  fileUrl: (fileId) => `/sandbox/files/${encodeURIComponent(fileId)}`,
};

/** The state of a person; of the first one when nobody is chosen or the page's address names nobody. */
export async function stateOf(person) {
  if (person) {
    try {
      return await api.state(person);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }
  return api.state(null);
}
