// Requests that are repeated later and later while they fail: a board never presses an exporter that is in trouble.

const FIRST_MS = 1000;
const LAST_MS = 60_000;

/** How long to wait after so many failures in a row. */
export function patience(failures, first = FIRST_MS, last = LAST_MS) {
  return Math.min(last, first * 2 ** Math.max(0, failures - 1)) * (0.75 + Math.random() / 2);
}

/** Ask for JSON again and again; `wait()` says how long after an answer, in ms. Returns what stops it. */
export function asking(address, take, wait, last = LAST_MS) {
  let failures = 0;
  let timer = null;
  const controller = new AbortController();

  async function ask() {
    const { signal } = controller;
    let answer = null;
    try {
      const response = await fetch(address(), { signal, cache: "no-cache" });
      if (!response.ok) throw new Error(`${response.status}`);
      answer = await response.json();
      failures = 0;
    } catch {
      failures += 1;
    }
    if (signal.aborted) return;
    try {
      if (answer) take(answer);
    } finally {
      timer = setTimeout(ask, failures ? patience(failures, FIRST_MS, last) : wait());
    }
  }

  ask();
  return () => {
    clearTimeout(timer);
    controller.abort();
  };
}
