// What can be taken along of an opened result: its figures, its address, and the commands that show what is behind it.

/** Give the buttons of an opened result. */
function copyBar(at) {
  const bar = make("div", { class: "copy" });
  const said = make("span", { role: "status" });
  const button = (words, text) => {
    const made = make("button", { type: "button" }, page.words[words]);
    made.addEventListener("click", () => copied(text(), said));
    bar.append(made);
  };
  button("copy_figures", () => figuresOf(at));
  button("copy_link", () => addressOf(at));
  for (const command of commandsOf(at)) button(`copy_${command.name}`, () => command.text);
  bar.append(said);
  return bar;
}

/** Write the commands that list the rows behind a result, and explain it, as a shell reads them. */
function commandsOf(at) {
  // What is shown of an id that holds control characters is not what the logs have.
  if (!page.command || page.altered.includes(at)) return [];
  const asked = `${page.command} --account ${quoted(columns.account[at])} --cycle ${columns.cycle[at]}`;
  return ["rows", "explain"].map((name) => ({ name, text: `sla-audit ${name} ${asked}` }));
}

function quoted(text) {
  return /^[\w.@%+=:,/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
}

/** Write the figures of a result as lines that a table takes: figure, step, clause. */
function figuresOf(at) {
  const steps = [...requestSteps(at), ...amountSteps(at)].map(({ figure, words, clause }) => [figure, words, clause].join("\t"));
  return [`${columns.account[at]}\t${columns.cycle[at]}`, ...steps].join("\n");
}

async function copied(text, said) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // A page that was not opened as a file of one's own may lack the clipboard: the old way still has it.
    const area = make("textarea", { class: "visually-hidden", "aria-hidden": "true" }, text);
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  said.textContent = page.words.copied;
}
