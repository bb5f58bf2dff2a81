// The floor's KPIs as tiles, group by group.

import { el } from "./dom.js";
import { Tile } from "./tile.js";

/** Return a section with a heading, and the area of the page that it belongs to. */
export function section(area, id, title, ...content) {
  const root = el(
    "section",
    { id, "aria-labelledby": `${id}-title` },
    el("h2", { id: `${id}-title` }, title),
    ...content,
  );
  return { area, title, root };
}

export class Groups {
  constructor(choice, language, words, formats) {
    this.tiles = [];
    this.sections = choice.floor().map(([group, figures]) => {
      const tiles = figures.map((figure) => new Tile(figure, choice.kpis.get(figure.kpi), language, words, formats));
      this.tiles.push(...tiles);
      return section(
        "figures",
        group,
        words.groups[group],
        el("ul", { class: "tiles" }, ...tiles.map((tile) => tile.root)),
      );
    });
  }

  get figures() {
    return this.tiles.map((tile) => tile.figure);
  }

  show(message, rows) {
    for (const tile of this.tiles) tile.show(rows.get(tile.key));
  }

  age(of) {
    for (const tile of this.tiles) tile.age(of(tile.topics));
  }
}
