// Reps by state: all of them as bars, and team by team.

import { el, write } from "./dom.js";
import { section } from "./groups.js";
import { Table } from "./tables.js";
import { named } from "./words.js";

export class Reps {
  constructor({ words, formats }) {
    Object.assign(this, { words, formats, figures: [] });
    this.states = Object.keys(words.states).filter((state) => state !== "offline");
    const columns = [{ title: words.team }, ...this.states.map((state) => ({ title: words.states[state] }))];
    this.table = new Table(words.repsByTeam, columns, words.noReps);
    this.bars = new Map(this.states.map((state) => [state, this.bar(state)]));
    this.list = el("ul", { class: "bars" }, ...[...this.bars.values()].map((bar) => bar.root));
    this.sections = [
      section("present", "reps", words.reps, this.list),
      section("compared", "reps-by-team", words.repsByTeam, this.table.root),
    ];
  }

  bar(state) {
    const count = el("span", { class: "number" });
    const fill = el("span", { class: "fill" });
    const root = el(
      "li",
      { "data-state": state },
      el("span", {}, this.words.states[state]),
      el("span", { class: "bar", "aria-hidden": "true" }, fill),
      count,
    );
    return { root, count, fill };
  }

  show({ now }) {
    const teams = new Map();
    const all = new Map();
    for (const { team, state, count } of now.reps) {
      if (!this.bars.has(state)) continue;
      if (!teams.has(team)) teams.set(team, new Map());
      teams.get(team).set(state, count);
      all.set(state, (all.get(state) ?? 0) + count);
    }
    const most = Math.max(1, ...all.values());
    for (const [state, bar] of this.bars) {
      const count = all.get(state) ?? 0;
      write(bar.count, this.formats.count(count));
      bar.root.dataset.value = count;
      bar.fill.style.setProperty("--filled", count / most);
    }
    const cells = (counts) =>
      this.states.map((state) => ({ text: this.formats.count(counts.get(state) ?? 0), data: counts.get(state) ?? 0 }));
    const names = [...teams.keys()].sort();
    this.table.show(
      new Map(names.map((team) => [team, { title: named(team, this.words), cells: cells(teams.get(team)) }])),
    );
    this.list.hidden = names.length === 0;
  }

  age(of) {
    const since = of(["reps"]);
    this.list.classList.toggle("stale", since !== null);
    this.table.age(since);
  }
}
