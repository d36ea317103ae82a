// Curves: one set of axes with what it says under the pointer and to the keyboard, drawn by uPlot.

/** A bell-shaped mean over neighbours, as wide as a share of the curve. It does not lag behind. */
function smoothed(values, share) {
  const sigma = Math.max(values.length * share, 0.5),
    reach = Math.ceil(3 * sigma);
  return values.map((value, i) => {
    if (value === null) return null;
    let sum = 0,
      weight = 0;
    for (let j = Math.max(0, i - reach); j <= Math.min(values.length - 1, i + reach); j++) {
      if (values[j] === null) continue;
      const w = Math.exp(-0.5 * ((j - i) / sigma) ** 2);
      sum += w * values[j];
      weight += w;
    }
    return sum / weight;
  });
}

/** Index of the step that is nearest to x. */
function nearest(steps, x) {
  let low = 0,
    high = steps.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (steps[middle] < x) low = middle;
    else high = middle;
  }
  return Math.abs(steps[low] - x) <= Math.abs(steps[high] - x) ? low : high;
}

/** Round numbers between two bounds. */
function niceSteps(min, max, most) {
  const raw = (max - min) / most,
    power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map(m => m * power).find(s => s >= raw);
  const out = [];
  for (let i = Math.ceil(min / step - 1e-9); i * step <= max * (1 + 1e-9); i++)
    out.push(Number((i * step).toPrecision(12)));
  return out;
}

/** The library's own marks assume whole decades; losses often move within one. */
function logSteps(min, max, most) {
  const decades = Math.log10(max / min);
  if (decades < 0.9) return niceSteps(min, max, Math.max(2, most)).filter(v => v > 0);
  const every = Math.max(1, Math.ceil(decades / most));
  const factors = decades < most / 3 ? [1, 2, 5] : [1];
  const out = [];
  for (let e = Math.floor(Math.log10(min)); e <= Math.ceil(Math.log10(max)); e++) {
    if (e % every === 0) out.push(...factors.map(f => f * 10 ** e));
  }
  return out.filter(v => v >= min && v <= max);
}

/** Every panel of curves: those of one name, phase and unit, of every run. Other units are other axes. */
function panelsOf(all) {
  const panels = new Map();
  all.forEach((run, index) => {
    for (const curve of run.curves || []) {
      const key = JSON.stringify([curve.phase, curve.panel || curve.name, curve.unit || ""]);
      const panel = panels.get(key) || {
        phase: curve.phase,
        title: curve.panel || curve.name,
        goal: false,
        curves: [],
        meanings: [],
      };
      panels.set(key, panel);
      panel.goal = panel.goal || curve.goal;
      if (!curve.panel) panel.meanings.push(curve);
      panel.curves.push({ ...curve, run: index, perEpoch: perEpoch(run, curve.phase) });
    }
  });
  // What is not the same for all runs is left out here; the table of figures says more.
  for (const panel of panels.values())
    for (const key of ["unit", "bound"]) panel[key] = common(panel.meanings.map(m => m[key] || ""));
  return [...panels.values()].sort((a, b) => Number(Boolean(b.goal)) - Number(Boolean(a.goal)));
}

/** The value that all have, or nothing. */
const common = values => (values.every(value => value === values[0]) ? values[0] : "");

const perEpoch = (run, phase) => ((run.phases || []).find(p => p.phase === phase) || {}).per_epoch;

/** So many curves are named one by one. */
const CROWD = 4;

/** One set of axes. Colours tell runs apart, or in the report of one run its train and eval curves. */
class Plot {
  constructor(panel, { height = 190, heading = "h3", main = false, plain = false } = {}) {
    Object.assign(this, { panel, height, main, plain });
    panel.curves.forEach((curve, i) => {
      curve.tint = single ? i : curve.run;
    });
    this.several = panel.curves.length > 1 || !single;
    this.unit = h("span", { class: "unit" });
    this.readout = h("p", { class: "readout" });
    this.box = h("div", { class: "plot", tabindex: 0, role: "group", "aria-roledescription": "line plot" });
    this.figure = h(
      "figure",
      { class: main ? "panel main" : "panel" },
      h("figcaption", {}, h(heading, {}, prose(panel.title)), this.unit, main && tools(), this.readout),
      this.box,
    );
    this.box.addEventListener("keydown", event => this.key(event));
    this.box.addEventListener("blur", () => this.chart && this.chart.setCursor({ left: -10, top: -10 }));
    view.plots.add(this);
    // Width is known once the figure stands in the page, and changes with the window.
    new ResizeObserver(() => {
      const width = Math.floor(this.box.clientWidth);
      if (this.main) this.height = this.beside();
      if (width && !this.chart) this.build();
      else if (width && width !== this.chart.width) this.chart.setSize({ width, height: this.height });
    }).observe(this.box);
  }

  /** The main plot ends where the text beside it ends. */
  beside() {
    const text = this.figure.previousElementSibling.getBoundingClientRect();
    const own = this.figure.getBoundingClientRect();
    const room = own.left < text.right ? 0 : text.bottom - this.box.getBoundingClientRect().top;
    return Math.round(Math.max(300, Math.min(460, room)));
  }

  visible() {
    return this.panel.curves.filter(curve => single || !view.hidden.has(curve.run));
  }

  build() {
    const width = Math.floor(this.box.clientWidth);
    if (!width) return;
    if (this.main) this.height = this.beside();
    if (this.chart) this.chart.destroy();
    this.chart = null;
    this.box.replaceChildren();
    const curves = this.visible();
    const values = curves.flatMap(curve => [...(curve.low || []), ...curve.mean]).filter(v => v !== null);
    // A curve that touches zero has no logarithm; it stays as it is and the page says so.
    const positive = values.length > 0 && values.every(v => v > 0);
    this.log = view.log && positive && !this.plain;
    const asked = view.log && !this.plain && !positive && values.length > 0;
    this.unit.textContent = [
      prose(this.panel.unit),
      prose(this.panel.bound),
      asked && "linear: it has values of 0 or less",
    ]
      .filter(Boolean)
      .join(", ");
    this.smooth = this.plain ? 0 : view.smooth / 200;
    for (const curve of curves)
      curve.smooth = this.smooth && curve.mean.length > 8 ? smoothed(curve.mean, this.smooth) : null;
    this.rest();
    this.box.setAttribute("aria-label", this.words(curves));
    if (!values.length || Math.max(...curves.map(curve => curve.steps.length)) < 2) {
      const only = curves.map(curve => `${fmt(curve.mean[0])} at step ${fmt(curve.steps[0])}`).join(", ");
      this.box.append(h("p", { class: "one soft" }, values.length ? `One value: ${only}` : "No finite values"));
      return;
    }
    this.chart = new uPlot(this.options(curves, width), this.data(curves), this.box);
  }

  /** The curves in one table of rows by step, as the library wants them. */
  data(curves) {
    const tables = [];
    for (const curve of curves) {
      const columns = [curve.mean];
      if (curve.smooth) columns.push(curve.smooth);
      if (curve.low) columns.push(curve.low, curve.high);
      tables.push([curve.steps, ...columns]);
    }
    return tables.length > 1 ? uPlot.join(tables) : tables[0];
  }

  options(curves, width) {
    const series = [{}],
      bands = [];
    for (const curve of curves) {
      const c = colour(curve.tint);
      const few = curve.mean.filter(v => v !== null).length <= 25;
      const line = { dash: dash(curve.tint), points: { show: few && !curve.smooth, size: 5, fill: ink(c) } };
      if (this.plain) line.paths = uPlot.paths.stepped({ align: 1 });
      series.push({ ...line, stroke: ink(c, curve.smooth ? 0.35 : 1), width: curve.smooth ? 1 : 1.75 });
      if (curve.smooth) series.push({ ...line, stroke: ink(c), width: 2.25 });
      if (curve.low) {
        series.push(
          { stroke: null, width: 0, points: { show: false } },
          { stroke: null, width: 0, points: { show: false } },
        );
        bands.push({ series: [series.length - 1, series.length - 2], fill: ink(c, 0.16) });
      }
    }
    const small = width < 420;
    const font = `11px ${getComputedStyle(document.body).fontFamily}`;
    const axis = { font, stroke: ink("soft"), grid: { stroke: ink("grid"), width: 1 }, ticks: { show: false } };
    const log = this.log;
    return {
      width,
      height: this.height,
      series,
      bands,
      legend: { show: false },
      padding: [10, 22, 0, 0],
      cursor: { y: false, drag: { x: true, y: false, dist: 6 }, sync: { key: this.panel.phase }, points: { size: 7 } },
      scales: {
        x: { time: false },
        y: { distr: log ? 3 : 1, log: 10, range: (u, low, high) => this.range(low, high) },
      },
      axes: [
        {
          ...axis,
          size: 26,
          space: small ? 70 : 80,
          label: this.main ? "step" : undefined,
          labelFont: font,
          labelSize: 16,
          labelGap: 0,
          values: (u, all) => all.map(v => (Number.isInteger(v) ? fmt(v) : "")),
        },
        {
          ...axis,
          gap: 6,
          splits: (u, i, low, high) =>
            (log ? logSteps : niceSteps)(low, high, Math.max(2, Math.floor(this.height / 45))),
          filter: (u, all) => all,
          values: (u, all) => all.map(v => fmt(v, 4)),
          size: (u, all) => Math.max(34, ...(all || []).map(text => text.length * 6.4 + 14)),
        },
      ],
      hooks: { setCursor: [u => this.read(u.cursor.left >= 0 ? u.posToVal(u.cursor.left, "x") : null)] },
    };
  }

  range(low, high) {
    if (low === null || low === undefined) return [0, 1];
    if (this.plain) return [0, Math.max(this.panel.top || 0, high, 1e-9) * 1.06];
    if (this.log) {
      const room = Math.max((high / low) ** 0.06, 1.01);
      return [low / room, high * room];
    }
    const room = (high - low) * 0.06 || Math.abs(high) * 0.05 || 1;
    return [low - room, high + room];
  }

  /** Without a pointer: where the curves ended, and the extreme of a lone one. */
  rest() {
    const curves = this.visible();
    if (this.several)
      return this.entries(
        curves.map(curve => [curve, curve.mean[curve.mean.length - 1]]),
        "last",
      );
    const curve = curves[0];
    if (!curve || curve.mean.length < 2) return this.readout.replaceChildren();
    const { last, best } = ends(curve);
    this.readout.replaceChildren(
      "last ",
      h("b", {}, fmt(last)),
      ` · ${best}`,
      curve.lines ? ` · ${fmt(curve.lines)} values in ${fmt(curve.mean.length)} groups, shade: least to largest` : "",
    );
  }

  read(x) {
    if (x === null) return this.rest();
    const rows = this.visible().map(curve => {
      const at = nearest(curve.steps, x);
      return [curve, curve.mean[at], curve.steps[at], curve.smooth && curve.smooth[at]];
    });
    if (!rows.length) return;
    const each = rows[0][0].perEpoch;
    const step = rows[0][2];
    const where = `step ${fmt(step)}` + (each ? `, epoch ${fmt(step / each, 3)}` : "");
    if (this.several) return this.entries(rows, where);
    this.readout.replaceChildren(
      `${where} · `,
      h("b", {}, fmt(rows[0][1])),
      rows[0][3] ? ` · smoothed ${fmt(rows[0][3])}` : "",
    );
  }

  /** Values of several curves; of a crowd the three least ones and the largest. */
  entries(rows, where) {
    const label = curve =>
      single ? curve.split || (curve.kind === "eval" ? curve.name : "train") : runs[curve.run].name;
    const entry = ([curve, value]) =>
      h("span", { class: "entry" }, swatch(curve.tint), `${label(curve)} `, h("b", {}, fmt(value)));
    let shown = rows.map(entry);
    if (rows.length > CROWD) {
      const order = rows.filter(([, value]) => value !== null).sort((a, b) => a[1] - b[1]);
      shown = ["· least ", ...order.slice(0, 3).map(entry), "· largest ", ...order.slice(-1).map(entry)];
    }
    this.readout.replaceChildren(h("span", { class: "entry" }, where), ...shown);
  }

  words(curves) {
    const each = curves.slice(0, 3).map(curve => {
      const { first, last, best } = ends(curve);
      const who = this.several ? `${single ? curve.name : runs[curve.run].name}: ` : "";
      return `${who}starts at ${fmt(first)}, ends at ${fmt(last)}, ${best}`;
    });
    return (
      `${this.panel.title}, ${this.log ? "log" : "linear"} scale. ${each.join(". ")}. ` +
      "Arrow keys read values, plus and minus zoom, 0 shows all, L switches the log scale."
    );
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "l" || event.key === "L") {
      view.log = !view.log;
      rebuild();
      return event.preventDefault();
    }
    const chart = this.chart;
    if (!chart) return;
    const xs = chart.data[0],
      last = xs.length - 1;
    const { min, max } = chart.scales.x;
    const shown = chart.cursor.left >= 0 ? nearest(xs, chart.posToVal(chart.cursor.left, "x")) : null;
    const to = {
      ArrowRight: () => (shown === null ? nearest(xs, min) : shown + (event.shiftKey ? 10 : 1)),
      ArrowLeft: () => (shown === null ? nearest(xs, max) : shown - (event.shiftKey ? 10 : 1)),
      Home: () => nearest(xs, min),
      End: () => nearest(xs, max),
    }[event.key];
    if (to) {
      const at = Math.max(0, Math.min(last, to()));
      chart.setCursor({ left: chart.valToPos(xs[at], "x"), top: 10 });
      say(this.readout.textContent);
    } else if (event.key === "+" || event.key === "=" || event.key === "-") {
      const middle = shown === null ? (min + max) / 2 : xs[shown],
        by = event.key === "-" ? 2 : 0.5;
      const low = Math.max(xs[0], middle - (middle - min) * by),
        high = Math.min(xs[last], middle + (max - middle) * by);
      if (high > low) chart.setScale("x", { min: low, max: high });
    } else if (event.key === "0" || event.key === "Escape") {
      chart.setScale("x", { min: xs[0], max: xs[last] });
    } else return;
    event.preventDefault();
  }
}

/** First and last value, and the extreme that is of interest: of a curve that has risen the largest. */
function ends({ mean, low, high, steps }) {
  const first = mean[0],
    last = mean[mean.length - 1],
    risen = last > first;
  const values = (risen ? high : low) || mean;
  let at = null;
  values.forEach((value, i) => {
    if (value !== null && (at === null || (risen ? value > values[at] : value < values[at]))) at = i;
  });
  const best =
    at === null ? "no finite values" : `${risen ? "largest" : "least"} ${fmt(values[at])} at step ${fmt(steps[at])}`;
  return { first, last, best };
}

/** Told to people who hear the page; once the keys rest. */
let saying;
function say(text) {
  clearTimeout(saying);
  saying = setTimeout(() => {
    document.getElementById("live").textContent = text;
  }, 250);
}
