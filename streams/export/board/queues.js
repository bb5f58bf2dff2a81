// Who waits now, and how the queues do.

import { Compared } from "./compared.js";
import { section } from "./groups.js";

export class Queues {
  constructor({ choice, language, words, formats }) {
    const of = (name, now) => now.waiting.find((one) => one.queue === name);
    const names = (now) => now.waiting.map((one) => one.queue);
    const waiting = (name, now) => of(name, now)?.count ?? 0;
    const longest = (name, now) => of(name, now)?.longest_seconds ?? null;
    const lead = [
      {
        title: words.waiting,
        names,
        topics: ["calls"],
        cell: (name, now) => ({ text: formats.count(waiting(name, now)), data: waiting(name, now) }),
      },
      {
        title: words.longest,
        names,
        topics: ["calls"],
        cell: (name, now) => ({
          text: longest(name, now) === null ? "–" : formats.duration(longest(name, now)),
          data: longest(name, now) ?? "",
        }),
      },
    ];
    this.figures = choice.queues();
    const about = { title: words.queues, first: words.queue, empty: words.noneWaiting, figures: this.figures };
    this.compared = new Compared({ ...about, choice, language, words, formats, lead });
    this.sections = [section("present", "queues", words.queues, this.compared.root)];
  }

  show(message, rows) {
    this.compared.show(message, rows);
  }

  age(of) {
    this.compared.age(of);
  }
}
