// The argument about a result: the exclusions of its time and account, and what each is worth.

const MOST_EXCLUSIONS = 40;

/** Tell which exclusions are of the time and the account of a result: their places in the report. */
function touching(at) {
  const [first, last, account] = [columns.cycle_start[at], columns.cycle_end[at], columns.account[at]];
  const touches = (each) => each.first_day <= last && each.last_day >= first && (!each.accounts || each.accounts.includes(account));
  return page.exclusions.flatMap((each, place) => (touches(each) ? [place] : []));
}

/** Show these exclusions: what was asserted, what became of it, and what would be owed without it. */
function showExclusions(at) {
  const places = touching(at);
  const parts = [make("h3", {}, page.words.ex_title)];
  if (!places.length) return make("section", { class: "across" }, ...parts, make("p", {}, page.words.ex_none));
  const head = make("tr");
  for (const [words, kind] of EXCLUSION_HEADS) head.append(make("th", { scope: "col", class: kind }, page.words[words]));
  const effects = effectsOf(at);
  const body = make("tbody", {}, ...places.slice(0, MOST_EXCLUSIONS).map((place) => exclusionRow(place, effects, at)));
  const table = make("table", { class: "argument" }, make("thead", {}, head), body);
  parts.push(scrolled(page.words.ex_title, table));
  if (places.length > MOST_EXCLUSIONS) parts.push(make("p", {}, say("ex_more", { count: grouped(places.length - MOST_EXCLUSIONS) })));
  return make("section", { class: "across" }, ...parts);
}

const EXCLUSION_HEADS = [
  ["ex_id", ""],
  ["ex_cause", ""],
  ["ex_state", ""],
  ["ex_window", ""],
  ["ex_notice", ""],
  ["ex_here", "n"],
  ["ex_without", ""],
  ["ex_all", "n"],
];

function exclusionRow(place, effects, at) {
  const each = page.exclusions[place];
  const [cause, clause] = page.causes[each.clause] ?? ["", String(each.clause)];
  const effect = effects === null ? undefined : (effects.get(place) ?? null);
  const window = [each.window, each.scope, each.by, each.note].filter(Boolean).map((text) => make("div", {}, make("bdi", {}, text)));
  return make(
    "tr",
    {},
    make("th", { scope: "row" }, make("bdi", {}, each.id)),
    make("td", {}, cause, " (", cited(clause), ")"),
    make("td", {}, make("span", { class: `tag ${each.applied ? "" : "refused"}` }, each.state)),
    make("td", {}, ...window),
    make("td", {}, each.announced),
    make("td", { class: "n" }, leftOut(each, effect)),
    make("td", {}, without(each, effect, at)),
    make("td", { class: "n" }, each.applied ? each.saved : ""),
  );
}

function leftOut(each, effect) {
  if (!each.applied || effect === null) return "0";
  return effect === undefined ? "?" : grouped(effect.requests);
}

function without(each, effect, at) {
  if (!each.applied) return page.words.ex_refused;
  if (effect === null) return page.words.ex_same;
  if (effect === undefined) return page.words.ex_not_told;
  const values = { rate: percent(effect.rate, 4), credit: credited(effect.credit), owed: effect.owed === "?" ? "?" : owed(effect.owed) };
  return effect.owed === columns.compensation[at] && effect.credit === columns.credit_rate[at] ? say("ex_same_owed", values) : say("ex_otherwise", values);
}

/** Read what a result would be without each exclusion, by the place of it; null where the report does not tell. */
function effectsOf(at) {
  const written = columns.effects[at];
  if (written === null) return null;
  const parts = written.split(";").filter(Boolean).map((part) => part.split(","));
  return new Map(parts.map(([place, requests, rate, credit, owed]) => [Number(place), { requests, rate: rate || null, credit: credit || null, owed }]));
}

/** Say how far the edges of the tier are, and what would be owed beyond them. */
function* edgeSteps(at) {
  const clause = page.clauses.compensation;
  if (columns.edges[at] !== null) {
    for (const [place, way] of ["fewer", "more"].entries()) {
      const [count, credit, amount] = columns.edges[at].split(";")[place].split(",");
      if (!count) continue;
      const values = { count: grouped(count), credit: credited(credit) };
      yield { figure: amount ? owed(amount) : "?", words: say(count === "1" ? `${way}_one` : way, values), clause };
    }
  } else if (columns.credit_rate[at] === "0" && columns.failures_to_edge[at] !== null) {
    const count = columns.failures_to_edge[at];
    yield { figure: "", words: say(count === 1 ? "until_one" : "until", { count: grouped(count), credit: credited(page.first_rate) }), clause };
  }
}

/** Let what is too wide be scrolled, by keyboard too. */
function scrolled(label, table) {
  return make("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": label }, table);
}
