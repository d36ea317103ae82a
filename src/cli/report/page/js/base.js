// The document, and what everything else uses: elements, numbers, the state that all plots share.
// Text of the document is only ever put in as text nodes, and formulas element by element (objective.js), so
// nothing in it can become markup.

const doc = JSON.parse(document.getElementById("data").textContent);
const runs = doc.runs || [];
const single = runs.length === 1;

/** Makes an element: attributes, `on...` listeners, `style` as an object, then children. */
function h(tag, props, ...kids) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "style") for (const [k, v] of Object.entries(value)) node.style.setProperty(k, v);
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...kids.flat(Infinity).filter(kid => kid !== null && kid !== undefined && kid !== false));
  return node;
}

const SUPER = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

/** A number as people write it, with so many digits that count. */
function fmt(value, digits = 5) {
  if (value === null || value === undefined) return "not a number";
  if (typeof value !== "number") return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) {
    const [head, power] = value.toExponential(Math.min(digits - 1, 3)).split("e");
    const raised = [...power.replace("+", "")].map(c => SUPER[c]).join("");
    return `${minus(String(Number(head)))} × 10${raised}`;
  }
  if (Number.isInteger(value)) return minus(value.toLocaleString("en-US"));
  const text = Number(value.toPrecision(digits)).toString();
  return minus(size >= 1e4 ? Number(text).toLocaleString("en-US", { maximumFractionDigits: 1 }) : text);
}

const minus = text => text.replace(/^-/, "−");
const count = (n, one, many = one + "s") => `${fmt(n)} ${n === 1 ? one : many}`;

/** Bytes, operations: three digits and a prefix. */
function scaled(value, unit) {
  const at = [
    ["T", 1e12],
    ["G", 1e9],
    ["M", 1e6],
    ["k", 1e3],
  ].find(([, of]) => Math.abs(value) >= of);
  return at ? `${fmt(value / at[1], 3)} ${at[0]}${unit}` : `${fmt(value, 3)} ${unit}`;
}

function duration(seconds) {
  if (seconds < 1e-3) return `${fmt(seconds * 1e6, 3)} µs`;
  if (seconds < 1) return `${fmt(seconds * 1e3, 3)} ms`;
  if (seconds < 60) return `${fmt(seconds, 3)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}

/** Words between back quotes are code. */
const marked = text =>
  (text || "").split("`").map((piece, i, all) => (i % 2 && i < all.length - 1 ? h("code", {}, piece) : piece));

/** `-log p(x)` with a real minus. */
const prose = text => (text || "").replace(/(^|[\s(])-(?=[a-z])/g, "$1−");

const percent = share => `${(share * 100).toFixed(1)} %`;

const view = { log: false, smooth: 0, hidden: new Set(), plots: new Set(), controls: new Set() };

function rebuild() {
  view.controls.forEach(update => update());
  view.plots.forEach(plot => plot.build());
}

/** Colours come from the style sheet; a canvas needs them as numbers. */
const probe = h("span", { hidden: true });
document.body.append(probe);
function ink(name, alpha = 1) {
  probe.style.color = `var(--${name})`;
  const parts = getComputedStyle(probe).color.match(/[\d.]+/g) || ["128", "128", "128"];
  return `rgba(${parts.slice(0, 3).join(",")},${alpha})`;
}

const COLOURS = 8;
const DASHES = [[], [7, 4], [2, 3], [9, 3, 2, 3]];
/** Up to 32 curves differ: eight colours, then the same with dashes. */
const colour = n => `c${n % COLOURS}`;
const dash = n => DASHES[Math.floor(n / COLOURS) % DASHES.length];

/** What can be moved sideways must be reached by the keyboard; what fits must not be a stop on the way. */
function sideways(node) {
  new ResizeObserver(() => {
    if (node.scrollWidth > node.clientWidth + 1) node.setAttribute("tabindex", "0");
    else node.removeAttribute("tabindex");
  }).observe(node);
  return node;
}

function swatch(n) {
  const style = ["solid", "dashed", "dotted", "double"][Math.floor(n / COLOURS) % DASHES.length];
  return h("span", {
    class: "swatch",
    style: { "border-top-color": `var(--${colour(n)})`, "border-top-style": style },
  });
}

/** The buttons above plots. There may be several such rows; they show one state. */
function tools() {
  const log = h(
    "button",
    {
      type: "button",
      class: "switch log",
      onclick: () => {
        view.log = !view.log;
        rebuild();
      },
    },
    "Log scale",
  );
  const range = h("input", { type: "range", min: 0, max: 10, step: 1, "aria-label": "Smoothing of the curves" });
  const out = h("output", {});
  range.addEventListener("input", () => {
    view.smooth = Number(range.value);
    rebuild();
  });
  const update = () => {
    log.setAttribute("aria-pressed", view.log);
    range.value = view.smooth;
    out.textContent = view.smooth ? `${view.smooth / 2} %` : "off";
    range.setAttribute("aria-valuetext", view.smooth ? `over ${view.smooth / 2} percent of the curve` : "off");
  };
  view.controls.add(update);
  return h(
    "div",
    { class: "tools" },
    log,
    h(
      "label",
      { title: "Mean over neighbouring points, weighted by a bell; the raw curve stays visible" },
      "Smoothing",
      range,
      out,
    ),
  );
}
