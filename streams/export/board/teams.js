// Teams side by side.

import { Compared } from "./compared.js";
import { section } from "./groups.js";

export class Teams {
  constructor({ choice, language, words, formats }) {
    this.figures = choice.teams();
    const about = { title: words.teams, first: words.team, empty: words.noTeams, figures: this.figures };
    this.compared = new Compared({ ...about, choice, language, words, formats });
    this.sections = [section("compared", "teams", words.teams, this.compared.root)];
  }

  show(message, rows) {
    this.compared.show(message, rows);
  }

  age(of) {
    this.compared.age(of);
  }
}
