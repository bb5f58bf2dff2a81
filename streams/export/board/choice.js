// Which figures are shown, and in which window: a target's own where there is one.

const TODAY = "today";
const WALL = [
  "service_level",
  "abandon_rate",
  "average_speed_of_answer",
  "dials",
  "connect_rate",
  "average_handle_time",
  "conversations",
  "occupancy",
  "emails_sent",
  "meetings_booked",
  "deals_won",
];
const OF_TEAMS = [
  "calls_answered",
  "service_level",
  "dials",
  "connect_rate",
  "average_handle_time",
  "occupancy",
  "emails_sent",
  "meetings_booked",
  "deals_won",
];
const OF_QUEUES = ["service_level", "abandon_rate", "average_speed_of_answer"];
const GROUPS = ["phone", "activity", "results", "own"];
export const WALL_TILES = WALL.length;
export const LEADERS = 10;

export class Choice {
  /** `window` is one of the catalogue's, or empty: each figure in the window of its target, else today. */
  constructor(catalogue, window) {
    Object.assign(this, { catalogue, chosen: window });
    this.kpis = new Map(catalogue.kpis.map((kpi) => [kpi.kpi, kpi]));
  }

  figure(scope, name, kpi) {
    return { scope, name, kpi, window: this.chosen || this.targeted(scope, kpi) || TODAY };
  }

  targeted(scope, kpi) {
    return this.catalogue.targets.find((target) => target.scope === scope && target.kpi === kpi)?.window;
  }

  /** Return the floor's figures by group, in the order in which people read them. */
  floor() {
    const figures = (group) =>
      this.catalogue.kpis.filter((kpi) => kpi.group === group).map((kpi) => this.figure("floor", "all", kpi.kpi));
    return GROUPS.map((group) => [group, figures(group)]).filter(([, found]) => found.length);
  }

  /** Return the figures of a wall: those asked for; else what has a target first, then what every floor wants. */
  wall(wanted) {
    const known = wanted.filter((kpi) => this.kpis.has(kpi));
    const targeted = this.catalogue.kpis.map((kpi) => kpi.kpi).filter((kpi) => this.targeted("floor", kpi));
    const chosen = known.length ? known : this.upTo(WALL_TILES, targeted, WALL);
    return chosen.slice(0, WALL_TILES).map((kpi) => this.figure("floor", "all", kpi));
  }

  /** Return the first `most` of two lists together, in the order of the second where they stand there. */
  upTo(most, first, second) {
    const rest = second.filter((kpi) => !first.includes(kpi)).slice(0, Math.max(0, most - first.length));
    const chosen = new Set([...first.slice(0, most), ...rest]);
    return [
      ...second.filter((kpi) => chosen.has(kpi)),
      ...first.filter((kpi) => chosen.has(kpi) && !second.includes(kpi)),
    ];
  }

  teams() {
    const targeted = this.catalogue.kpis.map((kpi) => kpi.kpi).filter((kpi) => this.targeted("team", kpi));
    return this.upTo(OF_TEAMS.length, targeted, OF_TEAMS).map((kpi) => this.figure("team", null, kpi));
  }

  queues() {
    return OF_QUEUES.map((kpi) => this.figure("queue", null, kpi));
  }

  /** Return what reps can be ranked by; nothing where scope `rep` is off. */
  rankings() {
    if (!this.catalogue.scopes.includes("rep")) return [];
    return this.catalogue.kpis.filter((kpi) => kpi.scopes.includes("rep") && kpi.better !== "neither");
  }
}

/** Return what the stream is asked for. */
export function wish(figures) {
  const parts = figures.map(
    ({ scope, window, kpi }) => `${scope}/${window}/${kpi}${scope === "rep" ? `/${LEADERS}` : ""}`,
  );
  return new URLSearchParams([...new Set(parts)].map((part) => ["figure", part])).toString();
}
