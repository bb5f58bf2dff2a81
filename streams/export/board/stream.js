// The stream of updates, opened again whenever it ends or falls silent.

import { patience } from "./asking.js";

export const SILENT_MS = 3000;
const FIRST_MS = 500;
const LAST_MS = 3000;

export class Stream {
  /** `take` gets every message. The exporter sends at least one a second. */
  constructor(take) {
    this.take = take;
    this.failures = 0;
    this.watch = setInterval(() => this.look(), 500);
  }

  /** Ask for other figures. */
  open(query) {
    this.query = query;
    this.connect();
  }

  connect() {
    this.close();
    this.heard = performance.now();
    this.source = new EventSource(`/api/stream?${this.query}`);
    this.source.onmessage = ({ data }) => {
      this.heard = performance.now();
      this.failures = 0;
      this.take(JSON.parse(data));
    };
    this.source.onerror = () => this.retry();
  }

  close() {
    clearTimeout(this.timer);
    this.timer = null;
    this.source?.close();
  }

  /** Connect anew after a while, later and later: an answer of 503 ends a source for good. */
  retry() {
    if (this.timer) return;
    this.source.close();
    this.failures += 1;
    this.timer = setTimeout(() => this.connect(), patience(this.failures, FIRST_MS, LAST_MS));
  }

  look() {
    if (this.query !== undefined && performance.now() - this.heard > SILENT_MS) this.retry();
  }
}
