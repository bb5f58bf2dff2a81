// The best reps by a KPI, where scope `rep` is on.

import { LEADERS } from "./choice.js";
import { el } from "./dom.js";
import { section } from "./groups.js";
import { Table } from "./tables.js";

export class Leaders {
  constructor({ choice, language, words, formats, preferences, chosen }) {
    Object.assign(this, { formats });
    const rankings = choice.rankings();
    this.about =
      rankings.find((kpi) => kpi.kpi === preferences.rank) ??
      rankings.find((kpi) => kpi.kpi === "dials") ??
      rankings[0];
    this.figure = choice.figure("rep", null, this.about.kpi);
    this.figures = [this.figure];
    const title = (kpi) => kpi.title[language] ?? kpi.title.en;
    const options = rankings.map((kpi) => el("option", { value: kpi.kpi, selected: kpi === this.about }, title(kpi)));
    const select = el("select", { id: "rank" }, ...options);
    select.addEventListener("change", () => chosen(select.value));
    const columns = [
      { title: words.rank },
      { title: words.rep },
      { title: title(this.about), note: words.windows[this.figure.window] },
    ];
    this.table = new Table(words.leaders, columns, words.nobody);
    const label = el("label", { class: "rank-by" }, words.leadersBy, " ", select);
    this.sections = [section("present", "leaders", words.leaders, label, this.table.root)];
  }

  show({ kpis }) {
    const sign = this.about.better === "lower" ? 1 : -1;
    let mine = kpis.filter((row) => row.scope === "rep" && row.kpi === this.about.kpi && row.value !== null);
    if (sign < 0) mine = mine.filter((row) => row.value > 0);
    mine.sort((a, b) => sign * (a.value - b.value) || a.name.localeCompare(b.name));
    const rows = mine.slice(0, LEADERS).map((row, place, all) => {
      const rank = 1 + all.findIndex((other) => other.value === row.value);
      const cells = [{ text: row.name }, { text: this.formats.text(row.value, this.about), data: row.value }];
      return [row.name, { title: String(rank), cells }];
    });
    this.table.show(new Map(rows));
  }

  age(of) {
    this.table.age(of(this.about.topics));
  }
}
