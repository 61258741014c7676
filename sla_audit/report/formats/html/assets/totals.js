// Sums over the results that are shown: whole numbers and exact decimals, never fractions of a computer.

const MILLION = 1000000n;

/** Sum what the results at these places have: counts, and what is known to be owed; null where nothing of it is known. */
function totalsOf(places) {
  const sums = {};
  for (const name of COUNTS) sums[name] = sumOf(columns[name], places);
  let [known, unknown] = [0n, 0];
  for (const at of places) {
    const owed = columns.compensation[at];
    if (owed === null) unknown += 1;
    else if (owed !== "0.00") known += millionths(owed);
  }
  // As everywhere in a report, a sum of unknown amounts alone is unknown, and not 0.
  return { ...sums, unknown, compensation: unknown && !known ? null : amountOf(known) };
}

/** Add whole numbers up; those too large for exact whole numbers of a computer another way, which is slower. */
function sumOf(counts, places) {
  const sum = places.reduce((before, at) => before + counts[at], 0);
  return Number.isSafeInteger(sum) ? sum : places.reduce((before, at) => before + BigInt(counts[at]), 0n);
}

function millionths(amount) {
  const [whole, decimals = ""] = amount.split(".");
  return BigInt(whole) * MILLION + BigInt(decimals.padEnd(6, "0"));
}

/** Write millionths with two decimals, or with as many more as it takes to be exact. */
function amountOf(sum) {
  const decimals = String(sum % MILLION).padStart(6, "0").replace(/0{1,4}$/, "");
  return `${sum / MILLION}.${decimals}`;
}

/** Give the last row of the table: the sums over all results that the filters leave, on this page of them or not. */
function totalRow(places) {
  const sums = totalsOf(places);
  const title = places.length === 1 ? "total_one" : "total";
  const row = make("tr", { class: "total" }, make("th", { scope: "row", class: "name" }, say(title, { count: grouped(places.length) })));
  for (const [at, name] of names.entries()) {
    if (name === "account") continue;
    row.append(make("td", { class: heads[at].className }, totalOf(name, sums)));
  }
  row.append(make("td", { class: "why" }, sums.unknown ? say("total_unknown", { count: grouped(sums.unknown) }) : ""));
  return row;
}

function totalOf(name, sums) {
  if (name === "compensation") {
    if (sums.compensation === null) return "?";
    return sums.unknown ? say("at_least", { amount: owed(sums.compensation) }) : owed(sums.compensation);
  }
  return COUNTS.has(name) ? grouped(sums[name]) : "";
}
