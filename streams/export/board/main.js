// Puts the board together: what is chosen, what is known of the KPIs, and the stream that fills it.

import { asking } from "./asking.js";
import { Choice, wish } from "./choice.js";
import { controls } from "./controls.js";
import { el, write } from "./dom.js";
import { clock, formats } from "./format.js";
import { age, Freshness, told } from "./freshness.js";
import { Groups } from "./groups.js";
import { remember } from "./history.js";
import { Leaders } from "./leaders.js";
import { Preferences } from "./preferences.js";
import { Queues } from "./queues.js";
import { Reps } from "./reps.js";
import { Stream } from "./stream.js";
import { Teams } from "./teams.js";
import { Wall } from "./wall.js";
import { LANGUAGES } from "./words.js";

const CATALOGUE_MS = 30_000;
const PATIENCE_MS = 5000;
const AREAS = ["figures", "present", "compared"];
const at = (id) => document.getElementById(id);
const preferences = new Preferences();
const freshness = new Freshness();
const stream = new Stream(heard);
let catalogue = null;
let parts = [];
let curves = null;

/** Make the page anew, in the language and of the figures that are wanted. */
function make() {
  const words = LANGUAGES[preferences.lang];
  const choice = new Choice(catalogue, catalogue.windows.includes(preferences.window) ? preferences.window : "");
  const context = { choice, words, preferences, language: preferences.lang, chosen: (kpi) => choose("rank", kpi) };
  context.formats = formats(preferences.lang, catalogue.floor.currency, words);
  parts = preferences.tv ? [new Wall(context)] : desk(context);
  const sections = parts.flatMap((part) => part.sections);
  at("board").replaceChildren(
    ...AREAS.map((area) =>
      el("div", { class: area }, ...sections.filter((one) => one.area === area).map((one) => one.root)),
    ),
  );
  frame(words, sections);
  curves?.();
  curves = remember(parts.flatMap((part) => part.tiles ?? []));
  stream.open(wish(parts.flatMap((part) => part.figures)));
  if (freshness.message) fill(freshness.message);
  tell();
}

function desk(context) {
  const { choice, language, words, formats: written } = context;
  const shown = [
    new Groups(choice, language, words, written),
    new Queues(context),
    new Teams(context),
    new Reps(context),
  ];
  return choice.rankings().length ? [...shown, new Leaders(context)] : shown;
}

/** Write what stands around the figures. */
function frame(words, sections) {
  const root = document.documentElement;
  root.lang = preferences.lang;
  root.dataset.theme = preferences.dark ? "dark" : "light";
  document.body.classList.toggle("tv", preferences.tv);
  document.title = `${catalogue.floor.name} · Floorcast`;
  write(at("floor"), catalogue.floor.name);
  write(at("as-of-word"), words.asOf);
  if (preferences.tv) return;
  const focused = document.activeElement?.id;
  at("controls").replaceChildren(...controls({ catalogue, preferences, words, changed: make }));
  at("jump").setAttribute("aria-label", words.jump);
  at("jump").replaceChildren(...sections.map(({ root, title }) => el("a", { href: `#${root.id}` }, title)));
  if (focused) at(focused)?.focus();
}

function choose(name, value) {
  preferences.keep(name, value);
  make();
}

function heard(message) {
  freshness.heard(message);
  fill(message);
  tell();
}

function fill(message) {
  const rows = new Map(message.kpis.map((row) => [`${row.scope}/${row.window}/${row.kpi}/${row.name}`, row]));
  for (const part of parts) part.show(message, rows);
  write(at("as-of"), clock(message.at));
  at("as-of").dateTime = message.at;
}

/** Say how old everything is. */
function tell() {
  const words = LANGUAGES[preferences.lang];
  const state = freshness.state();
  document.body.dataset.state = state.kind;
  write(at("state"), told(state, words));
  for (const part of parts) part.age((topics) => age(state, topics, words));
}

asking(
  () => "/api/catalogue",
  (answer) => {
    if (catalogue && catalogue.board !== answer.board) location.reload();
    const same = JSON.stringify(catalogue) === JSON.stringify(answer);
    catalogue = answer;
    if (!same) make();
  },
  () => CATALOGUE_MS,
  PATIENCE_MS,
);
setInterval(tell, 250);
tell();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => catalogue && make());
