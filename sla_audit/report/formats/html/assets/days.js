// The days of one result: explicit failures and excluded requests as bars, and all of it as a table.

const DAY_WIDTH = 14;
const DAYS_WIDTH = 31 * DAY_WIDTH;
const DAYS_HEIGHT = 96;
const LETTER_WIDTH = 3; // half of it: labels are about the middle of their day
const A_DAY = 24 * 60 * 60 * 1000;

/** Show the days of a result; nothing where the report has none for it. */
function showDays(at) {
  if (columns.days[at] === null) return columns.requests[at] && page.days_bound ? [make("h3", {}, page.words.days), make("p", {}, page.days_bound)] : [];
  const days = columns.days[at].split(";").map((day) => {
    const [date, answered, failed, excluded] = day.split(",").map(Number);
    return { date, answered, failed, excluded };
  });
  return [make("h3", {}, page.words.days), make("p", {}, sayDays(days, at)), daysLegend(), drawDays(days, at), daysTable(days, at)];
}

function sayDays(days, at) {
  const bad = days.filter((day) => day.failed > 0);
  if (!bad.length) return page.words.no_failures;
  const worst = bad.reduce((most, day) => (day.failed > most.failed ? day : most));
  const failed = bad.reduce((sum, day) => sum + day.failed, 0);
  const values = { failed: grouped(failed), days: bad.length, worst: dateOf(worst.date, at), most: grouped(worst.failed) };
  return say("days_chart", values);
}

/** Write a day, which is given by its number in the cycle: that is a month (2026-10) or a quarter (2026-Q4). */
function dateOf(day, at) {
  const [year, number] = columns.cycle[at].split("-");
  const month = number.startsWith("Q") ? 3 * (number.slice(1) - 1) : number - 1;
  return new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);
}

function numberOf(date, at) {
  return Math.round((Date.parse(date) - Date.parse(dateOf(1, at))) / A_DAY) + 1;
}

function daysLegend() {
  return make(
    "ul",
    { class: "legend" },
    make("li", {}, make("i", { class: "swatch bad" }), page.words.days_failed),
    make("li", {}, make("i", { class: "swatch soft" }), page.words.days_excluded),
  );
}

function drawDays(days, at) {
  const first = numberOf(columns.cycle_start[at], at);
  const last = numberOf(columns.cycle_end[at], at);
  const most = Math.max(1, ...days.map((day) => day.failed + day.excluded));
  const each = Math.min(DAY_WIDTH, DAYS_WIDTH / (last - first + 1)); // a quarter is as wide as a month
  const width = (last - first + 1) * each;
  const svg = draw("svg", { viewBox: `0 -14 ${width} ${DAYS_HEIGHT + 34}`, class: "days", "aria-hidden": "true" });
  svg.append(draw("line", { x1: 0, x2: width, y1: DAYS_HEIGHT, y2: DAYS_HEIGHT, class: "axis" }));
  for (const day of days) {
    const x = (day.date - first) * each + each / 7;
    const tall = (requests) => (requests * DAYS_HEIGHT) / most;
    const bars = [
      [day.failed, "bad", 0],
      [day.excluded, "soft", day.failed],
    ];
    for (const [requests, kind, below] of bars) {
      if (!requests) continue;
      const y = DAYS_HEIGHT - tall(below) - tall(requests);
      svg.append(draw("rect", { x, y, width: (each * 5) / 7, height: tall(requests), class: kind }));
    }
    if (day.failed + day.excluded === most) {
      svg.append(draw("text", { x: x + (each * 5) / 14, y: -3, class: "middle" }, grouped(most)));
    }
  }
  for (let date = first; date <= last; date += 1) {
    const label = dayLabel(date, first, at);
    if (!label) continue;
    const x = Math.max((date - first + 0.5) * each, label.length * LETTER_WIDTH);
    svg.append(draw("text", { x, y: DAYS_HEIGHT + 16, class: "middle" }, label));
  }
  return svg;
}

/** Name the first day and every fifth of a month; of a quarter, the first and the fifteenth of its months. */
function dayLabel(day, first, at) {
  if (!columns.cycle[at].includes("Q")) return day === first || day % 5 === 0 ? String(day) : "";
  const date = dateOf(day, at);
  return ["01", "15"].includes(date.slice(8)) ? date.slice(5) : "";
}

function daysTable(days, at) {
  const { day, days_answered, days_failed, days_excluded } = page.words;
  const head = make("tr", {}, make("th", { scope: "col" }, day));
  for (const words of [days_answered, days_failed, days_excluded]) head.append(make("th", { scope: "col", class: "n" }, words));
  const body = make("tbody");
  for (const each of days) {
    const row = make("tr", {}, make("th", { scope: "row" }, dateOf(each.date, at)));
    for (const count of [each.answered, each.failed, each.excluded]) row.append(make("td", { class: "n" }, grouped(count)));
    body.append(row);
  }
  const table = make("table", {}, make("thead", {}, head), body);
  return make("details", { class: "figures" }, make("summary", {}, page.words.days_table), scrolled(page.words.days_table, table));
}
