// What a person can choose: real buttons and lists, each with its name.

import { el } from "./dom.js";

/** Return the controls; `changed` is called after every choice. */
export function controls({ catalogue, preferences, words, changed }) {
  const button = (text, attributes, act) => {
    const made = el("button", { type: "button", ...attributes }, text);
    made.addEventListener("click", () => act(made));
    return made;
  };
  const keep = (name, value) => {
    preferences.keep(name, value);
    changed(name);
  };
  const other = preferences.lang === "en" ? "ja" : "en";
  const language = button({ en: "English", ja: "日本語" }[other], { id: "lang", lang: other }, () =>
    keep("lang", other),
  );
  const theme = button(words.theme, { id: "theme", "aria-pressed": String(preferences.dark) }, () =>
    keep("theme", preferences.dark ? "light" : "dark"),
  );
  const defined = button(
    words.definitions,
    { id: "define", "aria-pressed": String(document.body.classList.contains("defined")) },
    (made) => {
      made.setAttribute("aria-pressed", String(document.body.classList.toggle("defined")));
    },
  );
  const options = ["", ...catalogue.windows].map((window) =>
    el(
      "option",
      { value: window, selected: window === preferences.window },
      window ? words.windows[window] : words.asTargets,
    ),
  );
  const select = el("select", { id: "window" }, ...options);
  select.addEventListener("change", () => keep("window", select.value));
  const tv = el("a", { href: "?tv", id: "tv" }, words.tv);
  return [el("label", {}, words.window, " ", select), language, theme, defined, tv];
}
