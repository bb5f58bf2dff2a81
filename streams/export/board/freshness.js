// Whether what is shown is of now: by what the exporter says, and by this screen's own stopwatch. No clocks are compared.

import { clock } from "./format.js";
import { SILENT_MS } from "./stream.js";

const UNMOVED_MS = 5000;

export class Freshness {
  constructor() {
    this.message = null;
    this.began = performance.now();
  }

  /** Take note of a message. */
  heard(message, now = performance.now()) {
    if (message.at !== this.message?.at) this.moved = now;
    this.message = message;
    this.last = now;
  }

  /** Return {kind, since, topics}: live, stale (topic → since), or all of it: connecting, lost, old. */
  state(now = performance.now()) {
    if (!this.message) return { kind: now - this.began > SILENT_MS ? "never" : "connecting", since: null, topics: {} };
    const since = this.message.at;
    if (now - this.last > SILENT_MS) return { kind: "lost", since, topics: {} };
    if (now - this.moved > UNMOVED_MS) return { kind: "old", since, topics: {} };
    const topics = Object.fromEntries(this.message.stale.map((topic) => [topic, this.message.stale_since[topic]]));
    return { kind: this.message.stale.length ? "stale" : "live", since: null, topics };
  }
}

/** Return in words what a state is, for everybody. */
export function told(state, words) {
  if (state.kind === "stale") {
    const names = Object.entries(state.topics).map(([topic, since]) =>
      words.topicSince(words.topics[topic] ?? topic, since && clock(since)),
    );
    return words.staleTopics(names.join(", "));
  }
  return (
    { live: words.live, connecting: words.connecting, never: words.never }[state.kind] ??
    words[state.kind](clock(state.since))
  );
}

/** Return what a part that is made of some topics says of its age: null where it is of now. */
export function age(state, topics, words) {
  if (state.kind === "live") return null;
  if (state.kind !== "stale") return state.since ? words.since(clock(state.since)) : words.connecting;
  const stale = topics.filter((topic) => topic in state.topics);
  if (!stale.length) return null;
  const sinces = stale.map((topic) => state.topics[topic]);
  return sinces.includes(null) ? words.stale : words.since(clock(sinces.sort()[0]));
}
