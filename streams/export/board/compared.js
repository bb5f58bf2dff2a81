// Teams or queues side by side: names × KPIs, each beside its target.

import { named } from "./words.js";
import { BOUNDS, SIGNS, verdict } from "./judged.js";
import { Table } from "./tables.js";

const LAST = ["unassigned", "__other__"];

export class Compared {
  /** `figures` are those of one scope; `lead` are further columns before them: {title, cell(name, now)}. */
  constructor({ title, first, empty, figures, choice, language, words, formats, lead = [] }) {
    Object.assign(this, { figures, choice, words, formats, lead });
    const heads = figures.map((figure) => {
      const about = choice.kpis.get(figure.kpi);
      return { title: about.title[language] ?? about.title.en, note: words.windows[figure.window] };
    });
    this.table = new Table(title, [{ title: first }, ...lead, ...heads], empty);
    this.root = this.table.root;
  }

  show(message, rows) {
    const scope = this.figures[0].scope;
    const names = new Set(message.kpis.filter((row) => row.scope === scope).map((row) => row.name));
    for (const column of this.lead) for (const name of column.names(message.now)) names.add(name);
    const found = new Map();
    for (const name of [...names].sort((a, b) => LAST.indexOf(a) - LAST.indexOf(b) || a.localeCompare(b))) {
      const lead = this.lead.map((column) => column.cell(name, message.now));
      const cells = this.figures.map(({ window, kpi }) =>
        this.cell(rows.get(`${scope}/${window}/${kpi}/${name}`), kpi),
      );
      found.set(name, { title: named(name, this.words), cells: [...lead, ...cells] });
    }
    this.table.show(found);
  }

  cell(row, kpi) {
    const about = this.choice.kpis.get(kpi);
    const value = row?.value ?? null;
    const judged = verdict(row?.attainment ?? null);
    const bound = row?.bound ? `${BOUNDS[row.bound]} ${this.formats.text(row.target, about)}` : "";
    const note = judged ? `${SIGNS[judged]} ${this.formats.attainment(row.attainment)}` : "";
    return {
      text: this.formats.text(value, about),
      note: [note, bound].filter(Boolean).join(" · "),
      judged: judged ?? "",
      data: value ?? "",
    };
  }

  age(of) {
    const leads = this.lead.map((column) => column.topics);
    const kpis = this.figures.map(({ kpi }) => this.choice.kpis.get(kpi).topics);
    const ages = [...leads, ...kpis].map(of);
    ages.forEach((since, place) => this.table.ageColumn(place + 1, since));
    this.table.age(ages.every((since) => since !== null) ? ages[0] : null);
  }
}
