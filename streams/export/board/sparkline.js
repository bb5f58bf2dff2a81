// A small curve of a KPI's last hours, with the present value as its end.

const WIDE = 100;
const HIGH = 30;
const MARGIN = 3;
const SVG = "http://www.w3.org/2000/svg";

function svg(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

/** Return the path of values from left to right; it is interrupted where there is none. */
export function path(values) {
  const known = values.filter((value) => value !== null);
  const low = Math.min(...known);
  const span = Math.max(...known) - low;
  let drawn = "";
  let pen = "M";
  values.forEach((value, place) => {
    if (value === null) {
      pen = "M";
      return;
    }
    const x = (place / (values.length - 1)) * WIDE;
    const y = span ? HIGH - MARGIN - ((value - low) / span) * (HIGH - 2 * MARGIN) : HIGH / 2;
    drawn += `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
    pen = "L";
  });
  return drawn;
}

export class Sparkline {
  constructor() {
    this.root = svg("svg", {
      viewBox: `0 0 ${WIDE} ${HIGH}`,
      preserveAspectRatio: "none",
      class: "curve",
      role: "img",
    });
    this.line = svg("path", { class: "curve-line" });
    this.root.append(this.line);
    this.past = [];
  }

  /** Draw the past and the present value; `label` says in words what the curve shows. */
  draw(present, label) {
    const values = [...this.past, present];
    const enough = values.filter((value) => value !== null).length > 1;
    this.line.setAttribute("d", enough ? path(values) : "");
    const first = values.find((value) => value !== null);
    this.root.setAttribute("aria-label", enough ? label(first, present) : "");
    if (enough) this.root.removeAttribute("aria-hidden");
    else this.root.setAttribute("aria-hidden", "true");
  }
}
