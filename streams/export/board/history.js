// Asks for the last quarters of the tiles on show: at first, when a quarter ends, and now and then for what came late.

import { asking } from "./asking.js";

const QUARTER_MS = 15 * 60_000;
const AFTER_MS = 3000;
const OFTEN_MS = 5 * 60_000;

/** Keep tiles' curves up to date; returns what stops it. */
export function remember(tiles) {
  const query = new URLSearchParams([["name", "all"]]);
  for (const { figure } of tiles) query.append("figure", `${figure.scope}/${figure.window}/${figure.kpi}`);
  let wait = OFTEN_MS;

  function take(answer) {
    const curves = new Map(
      answer.series.map((one) => [`${one.scope}/${one.window}/${one.kpi}/${one.name}`, one.values]),
    );
    for (const tile of tiles) tile.remember(curves.get(tile.key) ?? []);
    const ended = Date.parse(answer.at) % QUARTER_MS;
    wait = Math.min(OFTEN_MS, QUARTER_MS - ended + AFTER_MS);
  }

  return asking(
    () => `/api/history?${query}`,
    take,
    () => wait,
  );
}
