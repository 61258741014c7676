// The table of all results: sorted, filtered, a page at a time, each row opened where it stands.

const DECISIONS = ["owed", "not_owed", "undetermined"];
const ROWS_A_PAGE = 50;
const ROWS_ON_PAPER = 200;
const AMOUNTS = new Set(["compensation"]);
const COUNTS = new Set(["requests", "excluded", "counted", "explicit_failure"]);

const table = document.getElementById("table");
const heads = [...table.tHead.rows[0].cells].slice(0, -1);
const names = heads.map((head) => head.firstElementChild.dataset.column);
const total = columns.account.length;
const state = { sort: null, down: true, from: 0, rows: ROWS_A_PAGE, found: [], open: new Set(), shown: false };

const FILTERS = {
  all: () => true,
  below: (at) => [columns, ...Object.values(columns.readings)].some((of) => of.credit_rate[at] !== null && of.credit_rate[at] !== "0"),
  owed: (at) => DECISIONS[columns.decision[at]] === "owed",
  undetermined: (at) => DECISIONS[columns.decision[at]] === "undetermined",
  not_owed: (at) => DECISIONS[columns.decision[at]] === "not_owed",
  differ: (at) => columns.readings_differ[at] === 1,
  near: (at) => columns.near[at] === 1,
};

/** Find the results that the filters leave, in the order that is asked for: at first, what needs attention most. */
function find() {
  const words = document.getElementById("search").value.trim().toLowerCase();
  const which = FILTERS[document.getElementById("which").value];
  const cycle = document.getElementById("cycle").value;
  state.found = [];
  for (let at = 0; at < total; at += 1) {
    const named = !words || columns.account[at].toLowerCase().includes(words);
    if (named && (!cycle || columns.cycle[at] === cycle) && which(at)) state.found.push(at);
  }
  if (state.sort) state.found.sort(inOrderOf(state.sort, state.down));
  state.from = 0;
  // The order changes no sum.
  const asked = [words, which.name, cycle].join("\n");
  if (asked !== state.asked) Object.assign(state, { asked, total: totalRow(state.found) });
}

/** Order by a column; what is not known comes last either way, and equals stay by urgency. */
function inOrderOf(name, down) {
  const values = columns[name];
  const compare = AMOUNTS.has(name) ? compareAmounts : COUNTS.has(name) ? (a, b) => a - b : compareText;
  return (one, other) => {
    const [a, b] = [values[one], values[other]];
    if (a === null || b === null) return (a === null) - (b === null) || one - other;
    return (down ? -compare(a, b) : compare(a, b)) || one - other;
  };
}

function show() {
  const { found, from, rows } = state;
  state.shown = true;
  const shown = found.slice(from, from + rows);
  table.tBodies[0].replaceChildren(...shown.flatMap(rowsOf));
  table.tFoot.replaceChildren(state.total);
  const place = { from: grouped(shown.length ? from + 1 : 0), to: grouped(from + shown.length), count: grouped(found.length) };
  document.getElementById("shown").textContent = shown.length ? say("shown", place) : page.words.none;
  document.getElementById("place").textContent = shown.length ? say("shown", place) : "";
  document.getElementById("previous").disabled = from === 0;
  document.getElementById("next").disabled = from + rows >= found.length;
}

function rowsOf(at) {
  const row = make("tr", { class: DECISIONS[columns.decision[at]] });
  for (const name of names) row.append(cellOf(name, at));
  row.append(make("td", { class: "why" }, columns.why[at]));
  return state.open.has(at) ? [row, detailOf(at)] : [row];
}

function cellOf(name, at) {
  if (name === "account") return accountOf(at);
  const kind = heads[names.indexOf(name)].className;
  const cell = make("td", { class: kind }, textOf(name, at));
  if (name === "success_rate") cell.append(make("span", { class: "mark" }, FILTERS.near(at) ? "~" : ""));
  return cell;
}

function textOf(name, at) {
  const value = columns[name][at];
  if (name === "cycle") return value;
  if (name === "success_rate") {
    return percent(value, 4);
  }
  if (value === null) return "?";
  return AMOUNTS.has(name) ? owed(value) : grouped(value);
}

function accountOf(at) {
  const values = { account: columns.account[at], cycle: columns.cycle[at] };
  const open = state.open.has(at);
  const button = make("button", { type: "button", class: "open", "aria-expanded": open, "aria-label": say("open", values) });
  if (open) button.setAttribute("aria-controls", `detail-${at}`);
  button.append(make("bdi", {}, columns.account[at]));
  button.addEventListener("click", () => toggle(at, button));
  const brief = make("span", { class: "brief" }, make("span", { class: "whole" }, columns.cycle[at]), ` · ${columns.why[at]}`);
  return make("th", { scope: "row", class: "name" }, button, brief);
}

function toggle(at, button) {
  const row = button.closest("tr");
  const open = !state.open.has(at);
  if (open) {
    state.open.add(at);
    row.after(detailOf(at));
    button.setAttribute("aria-controls", `detail-${at}`);
  } else {
    state.open.delete(at);
    row.nextElementSibling.remove();
    button.removeAttribute("aria-controls");
  }
  button.setAttribute("aria-expanded", String(open));
  tell();
}

function detailOf(at) {
  const cell = make("td", { colspan: names.length + 1 }, showDetail(at));
  return make("tr", { class: "detail", id: `detail-${at}` }, cell);
}

function sortBy(name) {
  // Names read best from A, figures from the most; a second press turns the order.
  order(name, state.sort === name ? !state.down : !["account", "cycle", "success_rate"].includes(name));
  search();
}

function order(name, down) {
  Object.assign(state, { sort: name, down });
  for (const [at, head] of heads.entries()) {
    head.removeAttribute("aria-sort");
    if (names[at] === name) head.setAttribute("aria-sort", down ? "descending" : "ascending");
  }
}

/** Find and show; what is typed letter by letter is one step. */
function search(event) {
  find();
  show();
  tell(event?.type === "input");
}

function turn(rows) {
  state.from = Math.max(0, state.from + rows);
  show();
  tell();
  document.getElementById("results").focus();
}

heads.forEach((head, at) => head.firstElementChild.addEventListener("click", () => sortBy(names[at])));
document.getElementById("search").addEventListener("input", search);
for (const id of ["which", "cycle"]) document.getElementById(id).addEventListener("change", search);
document.querySelector(".filters").addEventListener("submit", (event) => event.preventDefault());
document.getElementById("previous").addEventListener("click", () => turn(-ROWS_A_PAGE));
document.getElementById("next").addEventListener("click", () => turn(ROWS_A_PAGE));

let before = 0;
let folded = [];
window.addEventListener("beforeprint", () => {
  before = state.from;
  Object.assign(state, { from: 0, rows: ROWS_ON_PAPER });
  show();
  // What is folded on a screen could not be unfolded on paper.
  folded = [...document.querySelectorAll("details:not([open])")];
  for (const each of folded) each.open = true;
});
window.addEventListener("afterprint", () => {
  Object.assign(state, { from: before, rows: ROWS_A_PAGE });
  for (const each of folded) each.open = false;
  show();
});

document.getElementById("interactive").hidden = false;
restore();
if (!state.shown) search();
