// The first screen, all figures and all curves.

const main = document.getElementById("main");
const contents = document.getElementById("contents");

/** A section with its heading, and its line in the contents. */
function part(id, title, ...kids) {
  const head = h("h2", { id: `${id}-title` }, title);
  main.append(h("section", { class: "part", id, "aria-labelledby": `${id}-title` }, head, ...kids));
  contents.append(h("a", { href: `#${id}` }, title));
}

/** What was trained, how it ended, what came out, and the main curve. */
function hero(run) {
  const figures = run.figures || [];
  const left = h(
    "div",
    { class: "what" },
    h(
      "h1",
      {},
      run.model || run.name,
      run.model && run.model !== run.name && h("span", { class: "run" }, ` run ${run.name}`),
    ),
    run.about && h("p", { class: "about" }, marked(run.about)),
    status(run),
    h("p", { class: "facts" }, facts(run).join(" · ")),
    message(run.status || {}),
    warnings(run),
    headline(figures),
  );
  const panel = mainPanel(run);
  // A goal by a loss's name says more than `loss`.
  const goals = ((run.objective || {}).goals || []).filter(goal => panel && panel.goal && goal.phase === panel.phase);
  if (goals.length === 1 && goals[0].loss) panel.title = `${panel.title}: ${goals[0].loss}`;
  main.append(
    h(
      "section",
      { class: panel ? "hero" : "hero alone", "aria-label": "Overview" },
      left,
      panel && new Plot(panel, { height: 320, heading: "h2", main: true }).figure,
    ),
  );
}

const ENDS = {
  finished: ["good", "✓", "Finished normally"],
  interrupted: ["warn", "‖", "Interrupted"],
  failed: ["bad", "✕", "Stopped by an error"],
  running: ["warn", "…", "Not finished yet"],
};

function statusWords(run) {
  const status = run.status || {};
  let [tone, sign, words] = ENDS[status.end] || ["warn", "?", "How it ended is not known"];
  if (status.end === "finished" && (run.warnings || []).length)
    [tone, sign, words] = ["warn", "!", "Finished, with numbers that are not finite"];
  return [tone, sign, words];
}

function status(run) {
  const [tone, sign, words] = statusWords(run);
  const { phase, step, steps } = run.status || {};
  const where =
    phase &&
    ` in phase ${phase}` + (step === undefined ? "" : ` at step ${fmt(step)}` + (steps ? ` of ${fmt(steps)}` : ""));
  return h("p", { class: `status ${tone}` }, h("span", { class: "sign", "aria-hidden": "true" }, sign), words, where);
}

function facts(run) {
  const out = [];
  const trained = (run.phases || []).filter(phase => phase.kind === "train");
  const steps = trained.reduce((sum, phase) => sum + (phase.steps || 0), 0);
  if (steps) out.push(count(steps, "step") + (trained.length > 1 ? ` in ${trained.length} train phases` : ""));
  if (run.seconds) out.push(duration(run.seconds));
  const weights = (run.weights || []).reduce((sum, part) => sum + part.values, 0);
  if (weights) out.push(count(weights, "weight"));
  for (const data of run.data || []) out.push(`${data.name}: ${data.source}`);
  const machine = run.machine || {};
  if (machine.device)
    out.push(
      machine.device.replace(/^[cg]pu/, name => name.toUpperCase()) +
        (machine.threads ? `, ${count(machine.threads, "thread")}` : ""),
    );
  if (run.seed !== undefined) out.push(`seed ${run.seed}`);
  return out;
}

function message(status) {
  const { message, resume } = status;
  if (!message && !resume) return null;
  return h(
    "div",
    { class: message ? "message" : "message warn" },
    message && h("p", {}, h("b", {}, message.code ? `${message.code}: ` : ""), marked(message.text)),
    message && (message.notes || []).map(text => h("p", {}, marked(text))),
    message && (message.help || []).map(text => h("p", {}, h("b", {}, "What helps: "), marked(text))),
    resume && h("p", {}, "Everything is saved. To go on: ", h("code", {}, resume)),
  );
}

function warnings(run) {
  const all = run.warnings || [];
  return (
    all.length > 0 &&
    h(
      "div",
      { class: "message warn" },
      all.map(text => h("p", {}, marked(text))),
    )
  );
}

/** Rows of the first screen: figures of the last evaluation first, those of bottlenecks small. */
const BIG = 4;
const MOST = 9;

function ranked(figures) {
  const own = figures.filter(figure => !figure.bottleneck);
  const last = own.length ? own[own.length - 1].phase : null;
  return [...own.filter(figure => figure.phase === last), ...own.filter(figure => figure.phase !== last)];
}

function headline(figures) {
  if (!figures.length) return null;
  const best = ranked(figures);
  const rows = [...best, ...figures.filter(figure => figure.bottleneck)];
  const shown = rows.length > MOST ? rows.slice(0, MOST - 2) : rows;
  const row = (figure, i) =>
    h(
      "tr",
      { class: figure.bottleneck || i >= BIG ? "minor" : null },
      h(
        "th",
        { scope: "row", class: figure.name.length > 14 ? "long" : null, title: `phase ${figure.phase}` },
        figure.name,
      ),
      h(
        "td",
        { class: "value", title: figure.value === null ? "NaN or infinite" : String(figure.value) },
        fmt(figure.value),
      ),
      h("td", { class: "unit" }, figure.unit, figure.bound && h("span", { class: "bound" }, prose(figure.bound))),
    );
  return [
    h(
      "table",
      { class: "headline" },
      h("caption", { class: "unseen" }, "Final figures"),
      h(
        "thead",
        { class: "unseen" },
        h(
          "tr",
          {},
          ["Figure", "Value", "Unit and bound"].map(text => h("th", { scope: "col" }, text)),
        ),
      ),
      h("tbody", {}, shown.map(row)),
    ),
    shown.length < rows.length &&
      h("p", { class: "small facts" }, h("a", { href: "#figures" }, `All ${rows.length} figures`)),
  ];
}

/** The panel of the first screen: the goal of the train phase that took longest, if the document names none. */
function mainPanel(run) {
  const panels = panelsOf([run]);
  const seconds = phase => ((run.phases || []).find(p => p.phase === phase) || {}).seconds || 0;
  const wish = run.main && panels.find(panel => panel.phase === run.main.phase && panel.title === run.main.name);
  const goals = panels.filter(panel => panel.goal);
  return wish || (goals.length ? goals : panels).sort((a, b) => seconds(b.phase) - seconds(a.phase))[0];
}

function figuresPart(run) {
  const figures = run.figures || [];
  if (figures.length <= MOST) return;
  part(
    "figures",
    "Figures",
    table({
      caption: "Everything that the evaluations reported",
      sortable: true,
      rows: figures,
      columns: [
        { title: "Figure", get: f => f.name },
        number(
          "Value",
          f => f.value,
          f => fmt(f.value),
        ),
        { title: "Unit", get: f => f.unit },
        { title: "Meaning", get: f => f.bound, show: f => prose(f.bound), class: "bound" },
        { title: "Phase", get: f => f.phase },
      ],
    }),
  );
}

/** All curves, phase by phase. */
function curvesPart(all) {
  const panels = panelsOf(all);
  // The only curve stands on the first screen already.
  if (!panels.length || (single && panels.length === 1)) return;
  const phases = [...new Set(panels.map(panel => panel.phase))];
  // Phases of a curve or two each stand side by side, and the panels name them.
  const together = phases.length > 1 && panels.length <= 2 * phases.length;
  const plots = phase => panels.filter(panel => panel.phase === phase).map(panel => new Plot(panel).figure);
  const lead =
    "Horizontal axes count training steps. Drag over a plot to zoom, double-click to see all again; with the keyboard, " +
    "arrow keys read values, + and − zoom, 0 resets, L switches the log scale.";
  if (together) for (const panel of panels) panel.title = `${panel.phase}: ${panel.title}`;
  part(
    "curves",
    "Curves",
    h("p", { class: "lead soft" }, lead),
    tools(),
    !single && runKeys(),
    together
      ? h("div", { class: "grid", style: { "margin-top": "16px" } }, phases.map(plots))
      : phases.map(phase => {
          const about = (all.length === 1 && (all[0].phases || []).find(p => p.phase === phase)) || {};
          const facts = [
            about.steps && count(about.steps, "step"),
            about.per_epoch && count(Math.round((about.steps / about.per_epoch) * 10) / 10, "epoch"),
            about.seconds && duration(about.seconds),
            about.kept && `kept: step ${fmt(about.kept.step)}, where the watched figure was ${fmt(about.kept.until)}`,
          ];
          return [
            (phases.length > 1 || single) &&
              h(
                "div",
                { class: "phase" },
                h("h3", {}, `Phase ${phase}`),
                h("span", { class: "soft small" }, facts.filter(Boolean).join(" · ")),
              ),
            h("div", { class: "grid" }, plots(phase)),
          ];
        }),
  );
}

/** One button per run hides its curves everywhere. */
function runKeys() {
  const keys = h(
    "ul",
    { class: "keys", "aria-label": "Runs; a button hides the curves of its run" },
    runs.map((run, i) => {
      const button = h(
        "button",
        {
          type: "button",
          "aria-pressed": true,
          onclick: () => {
            view.hidden.has(i) ? view.hidden.delete(i) : view.hidden.add(i);
            rebuild();
          },
        },
        swatch(i),
        run.name,
      );
      view.controls.add(() => button.setAttribute("aria-pressed", !view.hidden.has(i)));
      return h("li", {}, button);
    }),
  );
  return keys;
}
