// Numbers as people of a language read them, by the unit of their KPI. Nothing is rounded to look better than it is.

const COUNTED = new Set(["count", "sum", "distinct"]);

/** Return functions that write a KPI's numbers as [number, unit] and other figures as text. */
export function formats(language, currency, words) {
  const fixed = (digits, more = {}) =>
    new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits, ...more });
  const whole = fixed(0);
  const tenths = fixed(1);
  const percent = fixed(1, { style: "percent" });
  const attained = fixed(0, { style: "percent", roundingMode: "floor" });
  const hundredths = fixed(2, { roundingMode: "floor" });
  const money = new Intl.NumberFormat(language, { style: "currency", currency });
  const units = {
    count: (value, kind) => [(COUNTED.has(kind) ? whole : tenths).format(value), ""],
    ratio: (value) => [percent.format(value), ""],
    seconds: (value) => duration(value),
    currency: (value) => [money.format(value), ""],
    per_hour: (value) => [tenths.format(value), words.perHour],
  };

  function duration(seconds) {
    if (seconds < 59.95) return [tenths.format(seconds), words.seconds];
    const total = Math.round(seconds);
    const two = (number) => String(number).padStart(2, "0");
    if (total < 3600) return [`${Math.floor(total / 60)}:${two(total % 60)}`, words.minutes];
    return [
      `${whole.format(Math.floor(total / 3600))}:${two(Math.floor(total / 60) % 60)}:${two(total % 60)}`,
      words.hours,
    ];
  }

  const value = (number, kpi) => (number === null ? ["–", ""] : units[kpi.unit](number, kpi.kind));
  return {
    value,
    text: (number, kpi) =>
      value(number, kpi)
        .join(kpi.unit === "per_hour" || language === "ja" ? "" : " ")
        .trim(),
    count: (number) => whole.format(number),
    duration: (seconds) => duration(seconds).join(language === "ja" ? "" : " "),
    attainment: (number) => attained.format(number),
    pace: (number) => hundredths.format(number),
  };
}

/** Return HH:MM:SS of a time with the floor's offset, as the floor's clocks show it. */
export function clock(time) {
  return time ? time.slice(11, 19) : "–";
}
