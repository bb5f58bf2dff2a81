// TV mode: at most twelve large tiles, nothing to choose, nothing to scroll.

import { el, ems, write } from "./dom.js";
import { Tile } from "./tile.js";

/** Calls that wait now, as a tile: their number, and how long the first of them has waited. */
class Waiting {
  constructor(words, formats) {
    Object.assign(this, { words, formats, topics: ["calls"] });
    this.number = el("span", { class: "number" });
    this.longest = el("p", { class: "against" });
    this.stale = el("p", { class: "since" });
    const heading = el("h3", {}, el("span", { class: "title" }, words.waiting));
    heading.style.setProperty("--ems", ems(words.waiting) + 1);
    this.root = el(
      "li",
      { class: "tile", "data-kpi": "waiting" },
      heading,
      el("p", { class: "value" }, this.number),
      this.longest,
      this.stale,
    );
  }

  show({ now }) {
    const count = now.waiting.reduce((sum, queue) => sum + queue.count, 0);
    const longest = Math.max(...now.waiting.map((queue) => queue.longest_seconds));
    write(this.number, this.formats.count(count));
    write(this.longest, count ? `${this.words.longest} ${this.formats.duration(longest)}` : this.words.noneWaiting);
    this.root.dataset.value = count;
    this.root.style.setProperty("--ems", Math.max(2, ems(this.number.textContent)) + 0.4);
  }

  age(since) {
    this.root.classList.toggle("stale", since !== null);
    write(this.stale, since ?? "");
  }
}

export class Wall {
  constructor({ choice, language, words, formats, preferences }) {
    this.waiting = new Waiting(words, formats);
    this.figures = choice.wall(preferences.kpis);
    this.tiles = this.figures.map((figure) => new Tile(figure, choice.kpis.get(figure.kpi), language, words, formats));
    const roots = [this.waiting, ...this.tiles].map((tile) => tile.root);
    const list = el("ul", { class: "tiles" }, ...roots);
    const columns = Math.max(1, Math.ceil(Math.sqrt(roots.length * (4 / 3) - 0.01)));
    list.style.setProperty("--columns", columns);
    list.style.setProperty("--rows", Math.ceil(roots.length / columns));
    const heading = el("h2", { class: "unseen" }, words.figures);
    this.sections = [heading, list].map((root) => ({ area: "figures", title: "", root }));
  }

  show(message, rows) {
    this.waiting.show(message);
    for (const tile of this.tiles) tile.show(rows.get(tile.key));
  }

  age(of) {
    this.waiting.age(of(this.waiting.topics));
    for (const tile of this.tiles) tile.age(of(tile.topics));
  }
}
