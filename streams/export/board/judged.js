// How a figure stands to its target: a word and a sign beside each colour.

const NEAR = 0.9;
const FULL = 1.2;
export const BOUNDS = { min: "≥", max: "≤" };
export const SIGNS = { good: "✓", near: "▲", bad: "✕" };

/** Return good, near or bad for an attainment, null without one. */
export function verdict(attainment) {
  if (attainment === null) return null;
  return attainment >= 1 ? "good" : attainment >= NEAR ? "near" : "bad";
}

/** Return how much of a bar an attainment fills, 0 to 1; the mark of 100 % stands at `1 / FULL`. */
export function filled(attainment) {
  return Math.max(0, Math.min(attainment, FULL)) / FULL;
}

/** Return the word for a pace: of `min` less than 1 is behind, of `max` more than 1 is over. */
export function paceWord(pace, bound, words) {
  return words.paces[bound][Number(bound === "min" ? pace >= 1 : pace > 1)];
}
