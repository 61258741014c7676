// One result, opened: from all its requests through each clause to the amount.

const BAR = 240;

/** Show how a result came to its amount, and its days. */
function showDetail(at) {
  const waterfall = make("section", {}, make("h3", {}, page.words.waterfall), waterfallTable(at));
  const days = make("section", {}, ...showDays(at));
  return make("div", { class: "opened" }, copyBar(at), waterfall, days, showExclusions(at));
}

function waterfallTable(at) {
  const head = make("tr");
  for (const [words, kind] of [["figure", "n"], ["step", ""], ["share", "bar"], ["clause", "clause"]]) {
    head.append(make("th", { scope: "col", class: kind }, page.words[words]));
  }
  const body = make("tbody");
  for (const step of [...requestSteps(at), ...amountSteps(at)]) {
    const row = make("tr", { class: step.kind || "" });
    row.append(make("td", { class: "n" }, step.figure), make("td", {}, step.words));
    row.append(make("td", { class: "bar" }, ...(step.bar ? [drawBar(step, at)] : [])));
    row.append(make("td", { class: "clause" }, cited(step.clause)));
    body.append(row);
  }
  return make("table", { class: "waterfall" }, make("thead", {}, head), body);
}

/** Walk from all requests to the explicit failures; `bar` is where a step's requests begin, and how many they are. */
function* requestSteps(at) {
  const [all, counted, kept] = [columns.requests[at], columns.counted[at], columns.kept[at]];
  const span = { from: columns.cycle_start[at], to: columns.cycle_end[at] };
  yield { figure: grouped(all), words: say("requests", span), clause: page.clauses.rate, bar: [0, all], kind: "sum" };
  let left = all;
  if (counted < all) {
    for (const part of columns.clauses[at].split(";")) {
      const [number, requests] = part.split(":").map(Number);
      const [cause, clause] = page.causes[number] ?? ["", String(number)];
      left -= requests;
      yield { figure: `− ${grouped(requests)}`, words: say("excluded", { cause }), clause, bar: [left, requests], kind: "soft" };
    }
  }
  const failed = columns.explicit_failure[at];
  yield { figure: grouped(counted), words: page.words.counted, clause: page.clauses.rate, bar: [0, counted], kind: "sum" };
  yield { figure: `− ${grouped(kept)}`, words: page.words.answered, clause: page.clauses.rate, bar: [failed, kept], kind: "good" };
  const statuses = failedWith(at);
  const words = say(statuses ? "failed_with" : "failed", { reading: page.reading, statuses });
  yield { figure: grouped(failed), words, clause: page.clauses.failure, bar: [0, failed], kind: "bad" };
}

/** Say which statuses the failures have, where that is known: `502!` is one beside which the service did not answer. */
function failedWith(at) {
  const told = (status) => {
    if (status === "?") return page.words.untold;
    if (status === "-") return page.words.no_status;
    return status.endsWith("!") ? say("silent", { status: status.slice(0, -1) }) : status;
  };
  const parts = (columns.failures[at] || "").split(";").filter(Boolean);
  return parts.map((part) => {
    const [status, requests] = part.split(":");
    return `${grouped(requests)} x ${told(status)}`;
  }).join(page.words.between);
}

function* amountSteps(at) {
  const { rate, compensation, failure, claim } = page.clauses;
  const share = columns.success_rate[at];
  if (share === null) {
    yield { figure: "-", words: page.words.no_rate, clause: rate };
  } else {
    const values = { kept: grouped(columns.kept[at]), counted: grouped(columns.counted[at]), objective: percent(page.objective) };
    yield { figure: `${percent(share, 4)} %`, words: say("rate", values), clause: rate };
    const met = columns.credit_rate[at] === "0";
    const words = met ? page.words.met : page.words.tier;
    yield { figure: page.credits[columns.credit_rate[at]][0], words, clause: compensation };
  }
  for (const [column, words] of page.bill) {
    const known = columns[column][at] !== null;
    yield { figure: known ? grouped(columns[column][at]) : "?", words: known ? words : `${words}: ${page.words.unknown}`, clause: compensation };
  }
  const decision = DECISIONS[columns.decision[at]];
  const values = { form: page.form, why: columns.why[at] };
  const amount = columns.compensation[at];
  yield { figure: amount === null ? "?" : owed(amount), words: say(decision, values), clause: compensation, kind: "sum" };
  for (const [reading, other] of Object.entries(columns.readings)) {
    const said = {
      reading,
      failed: grouped(other.explicit_failure[at]),
      rate: percent(other.success_rate[at], 4),
      credit: credited(other.credit_rate[at]),
      decision: page.words.decisions[other.decision[at]],
    };
    const theirs = other.compensation[at];
    const told = say(other.success_rate[at] === null ? "otherwise_uncounted" : "otherwise", said);
    yield { figure: theirs === null ? "?" : owed(theirs), words: told, clause: failure };
  }
  yield* edgeSteps(at);
  if (decision === "owed") {
    const [opens_on, closes_on] = page.claims[columns.cycle[at]];
    yield { figure: "", words: say("claim", { opens_on, closes_on }), clause: claim };
  }
}

/** Draw where a step's requests lie among all of the result; a part too small to see keeps a hair's breadth. */
function drawBar(step, at) {
  const all = Math.max(1, columns.requests[at]);
  const [from, requests] = step.bar;
  const svg = draw("svg", { viewBox: `0 0 ${BAR} 12`, class: "step", "aria-hidden": "true" });
  const width = requests ? Math.max(1.5, (requests * BAR) / all) : 0;
  const x = Math.min((from * BAR) / all, BAR - width);
  svg.append(draw("rect", { x, y: 1, width, height: 10, rx: 2, class: step.kind }));
  return svg;
}
