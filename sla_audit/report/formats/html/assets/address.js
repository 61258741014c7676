// What is shown stands in the address, so that it can be sent: filters, order, page and opened results.

const MARK = "#?";
let told = "";

/** Write what is shown as the end of an address; nothing where it is as it was at first. */
function written() {
  const parts = new URLSearchParams();
  for (const [id, name] of SHOWN_BY) if (document.getElementById(id).value !== BEFORE[id]) parts.set(name, document.getElementById(id).value);
  if (state.sort) parts.set("sort", `${state.sort}${state.down ? "-down" : "-up"}`);
  if (state.from) parts.set("from", state.from + 1);
  for (const at of state.open) parts.append("open", `${columns.cycle[at]}/${columns.account[at]}`);
  const text = parts.toString();
  return text && `${MARK}${text}`;
}

const SHOWN_BY = [["search", "account"], ["which", "show"], ["cycle", "cycle"]];
const BEFORE = { search: "", which: "all", cycle: "" };

/** Put what is shown into the address; a step of its own, which the back button takes back, unless it goes on with the last. */
function tell(goesOn = false) {
  const now = written();
  if (now === told) return;
  told = now;
  const url = now || location.pathname + location.search;
  history[goesOn ? "replaceState" : "pushState"](null, "", url);
}

/** Show what the address says; of what it does not say, what is shown at first. One of another kind changes nothing. */
function restore() {
  const hash = location.hash;
  if (hash && !hash.startsWith(MARK)) return;
  if (hash === told && state.shown) return;
  const parts = new URLSearchParams(hash.slice(MARK.length));
  for (const [id, name] of SHOWN_BY) choose(document.getElementById(id), parts.get(name) ?? BEFORE[id]);
  const [sort, way] = (parts.get("sort") ?? "").split("-");
  order(names.includes(sort) ? sort : null, way !== "up");
  const asked = parts.getAll("open").map(placeOf).filter((at) => at >= 0);
  state.open = new Set(asked);
  find();
  const from = Number(parts.get("from"));
  const place = state.found.indexOf(asked[0]);
  state.from = pageOf(Number.isInteger(from) && from > 0 && from <= state.found.length ? from - 1 : Math.max(place, 0));
  show();
  told = written();
  if (asked.length) document.getElementById(`detail-${asked[0]}`)?.previousElementSibling.scrollIntoView();
}

function choose(field, value) {
  if (field.tagName === "SELECT" && ![...field.options].some((option) => option.value === value)) return;
  field.value = value;
}

function pageOf(place) {
  return place - (place % ROWS_A_PAGE);
}

function placeOf(name) {
  return columns.account.findIndex((account, at) => `${columns.cycle[at]}/${account}` === name);
}

/** Give the address at which this result is open, and nothing else is. */
function addressOf(at) {
  const parts = new URLSearchParams({ open: `${columns.cycle[at]}/${columns.account[at]}` });
  return `${location.href.split("#")[0]}${MARK}${parts}`;
}

window.addEventListener("popstate", restore);
window.addEventListener("hashchange", restore);
