"use strict";
// Numbers and amounts stay text or whole numbers throughout: nothing here computes with fractions.

const page = JSON.parse(document.getElementById("data").textContent);
const columns = page.columns;
for (const [name, column] of Object.entries(columns)) {
  if (column.places) columns[name] = column.places.map((place) => column.values[place]);
}

/** Put values into the named places of a sentence. */
function say(sentence, values) {
  return page.words[sentence].replace(/\{(\w+)\}/g, (place, name) => (name in values ? values[name] : place));
}

/** Set the thousands of a whole number or an exact amount apart. */
function grouped(number) {
  const [whole, decimals] = String(number).split(".");
  const apart = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return decimals === undefined ? apart : `${apart}.${decimals}`;
}

/** Write an amount that is owed in its unit: calls have no decimals, days one; none is lost. */
function owed(amount) {
  if (page.currency !== "calls" && page.currency !== "days") return grouped(amount);
  const [whole, decimals = ""] = amount.split(".");
  const kept = decimals.replace(/0+$/, "").padEnd(page.currency === "days" ? 1 : 0, "0");
  return grouped(kept ? `${whole}.${kept}` : whole);
}

/** Say what a rate of credit is, and of what. */
function credited(rate) {
  return rate === null ? "-" : page.credits[rate][1];
}

/** Write a share of one, as text, in percent, by moving its point. */
function percent(share, places) {
  if (share === null) return "-";
  const [whole, decimals = ""] = share.split(".");
  const moved = (whole + decimals.padEnd(2, "0").slice(0, 2)).replace(/^0+(?=\d)/, "");
  const rest = places === undefined ? decimals.slice(2).replace(/0+$/, "") : decimals.slice(2).padEnd(places, "0");
  return rest ? `${moved}.${rest}` : moved;
}

/** Compare two amounts written as text. */
function compareAmounts(one, other) {
  const [a, b] = [one.split("."), other.split(".")];
  return a[0].length - b[0].length || compareText(a[0], b[0]) || compareText(a[1] || "", b[1] || "");
}

function compareText(one, other) {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Make an element with attributes and children; text is always text, never markup. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** Make a part of a drawing. */
function draw(name, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}
