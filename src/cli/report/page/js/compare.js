// Several runs beside each other.

/** What a run was given, by name: settings, and what the command line says besides. */
function given(run) {
  const out = new Map([["model", run.model], ...(run.settings || []).map(s => [s.name, s.used])]);
  const extra = { seed: run.seed, device: (run.machine || {}).device };
  for (const data of run.data || []) extra[`data ${data.name}`] = data.source;
  for (const [name, value] of Object.entries(extra)) if (value !== undefined && !out.has(name)) out.set(name, value);
  return out;
}

/** The page of several runs. */
function comparison() {
  const sets = runs.map(given);
  const names = [...new Set(sets.flatMap(set => [...set.keys()]))];
  const differs = name => new Set(sets.map(set => JSON.stringify(set.get(name)))).size > 1;
  const differing = names.filter(differs),
    alike = names.filter(name => !differs(name));
  const figures = [
    ...new Map(
      runs
        .flatMap(run => ranked(run.figures || []).concat((run.figures || []).filter(f => f.bottleneck)))
        .map(f => [JSON.stringify([f.phase, f.name]), f]),
    ).values(),
  ];
  const phases = new Set(figures.map(f => f.phase));
  const meant = f =>
    runs
      .map(run => (run.figures || []).find(g => g.phase === f.phase && g.name === f.name))
      .map(g => g && [g.unit, prose(g.bound)].filter(Boolean).join(", "));
  const unlike = f => new Set(meant(f).filter(text => text !== undefined)).size > 1;
  const value = (row, f) =>
    ((runs[row.i].figures || []).find(g => g.phase === f.phase && g.name === f.name) || {}).value;
  const models = [...new Set(runs.map(run => run.model))];

  main.append(
    h(
      "section",
      { class: "hero alone", "aria-label": "Overview" },
      h(
        "div",
        {},
        h("h1", {}, `${runs.length} runs of ${models.length === 1 ? models[0] : `${models.length} models`}`),
        models.length === 1 && runs[0].about && h("p", { class: "about" }, marked(runs[0].about)),
        h("p", { class: "facts" }, statuses()),
      ),
    ),
  );

  const columns = [
    {
      title: "Run",
      class: "first",
      get: row => row.name,
      show: row => [
        swatch(row.i),
        runs[row.i].report ? h("a", { href: safePath(runs[row.i].report) }, row.name) : row.name,
      ],
    },
  ];
  if (differing.includes("model")) columns.push({ title: "Model", get: row => runs[row.i].model });
  const settingColumns = differing
    .filter(name => name !== "model")
    .map(name => ({
      title: name,
      class: sets.every(set => typeof set.get(name) === "number") ? "n" : "",
      group: "Settings that differ",
      get: row => sets[row.i].get(name),
      show: row => (missing(sets[row.i].get(name)) ? "" : written(sets[row.i].get(name))),
    }));
  const figureColumns = figures.map(f => ({
    title: (phases.size > 1 ? `${f.phase} ` : "") + f.name + (unlike(f) ? " *" : ""),
    class: "n",
    group: "Figures",
    help: unlike(f) ? "Not the same in all runs, see below" : meant(f).find(Boolean),
    get: row => value(row, f),
    show: row => (value(row, f) === undefined ? "" : fmt(value(row, f))),
  }));
  // Settings stand before what came of them, unless they would push it out of sight.
  columns.push(
    ...(differing.length > 6 ? [figureColumns, settingColumns] : [settingColumns, figureColumns]).flat(),
    {
      title: "time",
      class: "n",
      group: "Run",
      get: row => runs[row.i].seconds,
      show: row => (runs[row.i].seconds ? duration(runs[row.i].seconds) : ""),
    },
    { title: "end", group: "Run", get: row => statusWords(runs[row.i])[2] },
  );
  const units = figures
    .filter(f => f.unit && !unlike(f))
    .map(f => h("li", {}, h("b", {}, f.name), ` in ${meant(f).find(Boolean)}`));
  // Numbers under one name that are different quantities must not be ranked without a word.
  const warned = figures.filter(unlike).map(f => {
    const whose = new Map();
    meant(f).forEach((text, i) => text !== undefined && whose.set(text, [...(whose.get(text) || []), runs[i].name]));
    return h(
      "p",
      {},
      h("b", {}, `* ${f.name}`),
      " does not mean the same in all runs: ",
      [...whose]
        .map(
          ([text, names]) =>
            `${text || "of no known unit"} (${names.slice(0, 6).join(", ")}${names.length > 6 ? ` and ${names.length - 6} more` : ""})`,
        )
        .join("; "),
      ".",
    );
  });
  part(
    "runs",
    "Settings and figures",
    differing.length === 0 && h("p", { class: "lead soft" }, "All settings are the same."),
    table({
      caption: "Each column sorts by a click on its name",
      columns,
      rows: runs.map((run, i) => ({ i, name: run.name })),
      sortable: true,
      name: "compare",
    }),
    warned.length > 0 && h("div", { class: "message warn" }, warned),
    units.length > 0 &&
      h(
        "details",
        {},
        h("summary", {}, "Units and bounds of the figures"),
        h("ul", { class: "how", style: { "margin-top": "8px" } }, units),
      ),
    alike.length > 0 &&
      h(
        "details",
        {},
        h("summary", {}, `${count(alike.length, "setting")} that all runs share`),
        h(
          "p",
          { class: "small", style: { "margin-top": "8px" } },
          alike.map(name => `${name} = ${written(sets[0].get(name))}`).join(", "),
        ),
      ),
  );

  const smoothDefault = runs.some(run => (run.curves || []).some(curve => curve.mean.length >= 100));
  view.smooth = smoothDefault ? 2 : 0;
  curvesPart(runs);
  bottleneckPart(runs);
  samplesPart(runs);
  objectivePart(runs);
}

/** A relative path, never a scheme. */
const safePath = text => (/^[\w./-]+$/.test(text) && !text.startsWith("/") ? text : "#");

/** How the runs ended, in a line. */
function statuses() {
  const counts = new Map();
  for (const run of runs) {
    const words = statusWords(run)[2];
    counts.set(words, (counts.get(words) || 0) + 1);
  }
  return [...counts]
    .map(([words, n]) =>
      counts.size === 1 ? `All ${words.replace(/^./, c => c.toLowerCase())}` : `${n}: ${words.toLowerCase()}`,
    )
    .join(" · ");
}
