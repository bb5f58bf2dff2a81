// One KPI: value, window, target, attainment, pace and its last hours.

import { el, ems, write } from "./dom.js";
import { BOUNDS, filled, paceWord, SIGNS, verdict } from "./judged.js";
import { Sparkline } from "./sparkline.js";

export class Tile {
  /** `figure` is {scope, name, window, kpi}, `about` the KPI in the catalogue. */
  constructor(figure, about, language, words, formats) {
    Object.assign(this, { figure, about, words, formats });
    this.topics = about.topics;
    const title = about.title[language] ?? about.title.en;
    const defined = language in about.definition ? language : "en";
    this.number = el("span", { class: "number" });
    this.unit = el("span", { class: "unit" });
    this.sign = el("span", { class: "sign", "aria-hidden": "true" });
    this.verdict = el("span", { class: "verdict" });
    this.attained = el("span", { class: "attained" });
    this.judged = el("p", { class: "judged" }, this.verdict, this.attained);
    this.target = el("span", { class: "target" });
    this.fill = el("span", { class: "fill" });
    this.bar = el("span", { class: "bar", "aria-hidden": "true" }, this.fill, el("span", { class: "mark" }));
    this.pace = el("p", { class: "pace" });
    this.stale = el("p", { class: "since" });
    this.curve = new Sparkline();
    this.heading = el(
      "h3",
      {},
      el("span", { class: "title" }, title),
      " ",
      el("span", { class: "window" }, words.windows[figure.window]),
    );
    this.heading.style.setProperty("--ems", ems(title + words.windows[figure.window]) + 1);
    this.root = el(
      "li",
      { class: "tile", "data-kpi": figure.kpi, "data-window": figure.window },
      this.heading,
      el("p", { class: "value" }, this.number, this.unit),
      this.curve.root,
      el("p", { class: "against" }, this.sign, this.target),
      this.judged,
      this.bar,
      this.pace,
      this.stale,
      el("p", { class: "definition", lang: defined }, about.definition[defined]),
    );
  }

  get key() {
    const { scope, name, window, kpi } = this.figure;
    return `${scope}/${window}/${kpi}/${name}`;
  }

  /** Show a row of /api/kpis; undefined where there is none. */
  show(row) {
    this.row = row;
    const value = row?.value ?? null;
    const [number, unit] = this.formats.value(value, this.about);
    write(this.number, number);
    write(this.unit, row && value === null ? this.words.noData : unit);
    this.root.dataset.value = value === null ? "" : String(value);
    this.root.style.setProperty("--ems", ems(number) + 0.5 * ems(this.unit.textContent) + 0.4);
    this.against(row);
    this.draw();
  }

  against(row) {
    const attainment = row?.attainment ?? null;
    const judged = verdict(attainment);
    this.root.dataset.judged = judged ?? "";
    this.root.dataset.attainment = attainment ?? "";
    write(this.sign, judged ? SIGNS[judged] : "");
    const bounded = row?.bound
      ? `${this.words.target} ${BOUNDS[row.bound]} ${this.formats.text(row.target, this.about)}`
      : this.words.noTarget;
    write(this.target, bounded);
    write(this.verdict, judged ? `${this.words.judged[judged]} · ` : "");
    write(this.attained, judged ? `${this.words.attainment} ${this.formats.attainment(attainment)}` : "");
    this.bar.hidden = judged === null;
    if (judged) this.fill.style.setProperty("--filled", filled(attainment));
    const pace = row?.pace ?? null;
    write(
      this.pace,
      pace === null ? "" : `${this.words.pace} ${this.formats.pace(pace)} · ${paceWord(pace, row.bound, this.words)}`,
    );
  }

  /** Take up the values of the last quarters. */
  remember(values) {
    this.curve.past = values;
    this.draw();
  }

  draw() {
    const text = (value) => this.formats.text(value, this.about);
    this.curve.draw(this.row?.value ?? null, (from, to) => this.words.curve(text(from), text(to)));
  }

  /** Say since when it is stale; null when it is not. */
  age(since) {
    this.root.classList.toggle("stale", since !== null);
    write(this.stale, since ?? "");
  }
}
