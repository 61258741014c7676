// Citations: each leads to its clause at the end of the page.

/** Cite a clause by its number; one that the page does not have stays text. */
function cited(number) {
  const anchor = `clause-${number.replace(/[^0-9A-Za-z.]+/g, "-").replace(/^-+|-+$/g, "")}`;
  return document.getElementById(anchor) ? make("a", { href: `#${anchor}` }, number) : number;
}
