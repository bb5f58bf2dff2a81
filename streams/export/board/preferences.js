// What this screen is to look like: from the address first (all that a TV has), then as it was left, then by the browser.

const KEPT = ["lang", "theme", "window", "rank"];

function kept(name) {
  try {
    return localStorage.getItem(`floorcast.${name}`);
  } catch {
    return null;
  }
}

export class Preferences {
  constructor(address = new URL(location.href)) {
    const asked = address.searchParams;
    this.tv = asked.has("tv");
    this.kpis = asked.getAll("kpi");
    for (const name of KEPT) this[name] = asked.get(name) ?? kept(name) ?? "";
    if (this.tv) this.window = asked.get("window") ?? "";
    if (!["en", "ja"].includes(this.lang)) this.lang = navigator.language.startsWith("ja") ? "ja" : "en";
    if (!["dark", "light"].includes(this.theme)) this.theme = "";
  }

  get dark() {
    return this.theme ? this.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  /** Keep a choice, and put it into the address where the address would contradict it. */
  keep(name, value) {
    this[name] = value;
    try {
      localStorage.setItem(`floorcast.${name}`, value);
    } catch {
      // a browser that keeps nothing still shows what was chosen
    }
    const address = new URL(location.href);
    if (address.searchParams.has(name)) {
      address.searchParams.set(name, value);
      history.replaceState(null, "", address);
    }
  }
}
