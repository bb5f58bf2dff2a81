// Tables of names side by side, changed in place: who reads or scrolls in one is not disturbed.

import { el, write } from "./dom.js";

export class Table {
  /** `columns` are {key, title, note}; the first one names the rows. */
  constructor(caption, columns, empty) {
    this.columns = columns;
    this.rows = new Map();
    this.body = el("tbody");
    this.empty = el("p", { class: "empty" }, empty);
    this.since = el("p", { class: "since" });
    const heads = columns.map(({ title, note }) =>
      el("th", { scope: "col" }, title, ...(note ? [" ", el("small", {}, note)] : [])),
    );
    this.table = el(
      "table",
      {},
      el("caption", { class: "unseen" }, caption),
      el("thead", {}, el("tr", {}, ...heads)),
      this.body,
    );
    this.scroll = el("div", { class: "scroll", role: "group", "aria-label": caption, tabindex: "0" }, this.table);
    this.root = el("div", { class: "part" }, this.since, this.scroll, this.empty);
  }

  /** Show rows: name → {title, cells}, in order; a cell is {text, note, judged, stale, data}. */
  show(rows) {
    for (const [name, row] of this.rows) {
      if (!rows.has(name)) {
        row.root.remove();
        this.rows.delete(name);
      }
    }
    let place = 0;
    for (const [name, { title, cells }] of rows) {
      const row = this.rows.get(name) ?? this.made(name);
      if (this.body.children[place] !== row.root) this.body.insertBefore(row.root, this.body.children[place] ?? null);
      place += 1;
      write(row.head, title);
      cells.forEach((cell, number) => this.fill(row.cells[number], cell));
    }
    this.scroll.hidden = rows.size === 0;
    this.empty.hidden = rows.size > 0;
  }

  made(name) {
    const head = el("th", { scope: "row" });
    const cells = this.columns.slice(1).map(() => {
      const text = el("span", { class: "number" });
      const note = el("span", { class: "note" });
      return { root: el("td", {}, text, note), text, note };
    });
    const row = { root: el("tr", { "data-name": name }, head, ...cells.map((cell) => cell.root)), head, cells };
    this.rows.set(name, row);
    return row;
  }

  fill(cell, { text, note = "", judged = "", data = "" }) {
    write(cell.text, text);
    write(cell.note, note);
    cell.root.dataset.judged = judged;
    cell.root.dataset.value = data;
  }

  /** Say since when the whole is stale; null when it is not. */
  age(since) {
    this.root.classList.toggle("stale", since !== null);
    write(this.since, since ?? "");
  }

  /** Say since when a column is stale. */
  ageColumn(number, since) {
    const rows = [this.table.tHead.rows[0], ...this.body.rows];
    for (const row of rows) row.cells[number].classList.toggle("stale", since !== null);
    this.table.tHead.rows[0].cells[number].dataset.since = since ?? "";
  }
}
