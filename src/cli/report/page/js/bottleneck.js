// What passes the bottleneck, over time and value by value.

function bottleneckPart(all) {
  const names = [
    ...new Set(
      all.flatMap(run => [
        ...(run.bottlenecks || []).map(b => b.name),
        ...(run.figures || []).map(f => f.bottleneck).filter(Boolean),
      ]),
    ),
  ];
  const made = names
    .map(name => {
      const found = all
        .map((run, index) => [index, (run.bottlenecks || []).find(b => b.name === name)])
        .filter(([, b]) => b);
      const over = (field, unit) => {
        const curves = found
          .filter(([, b]) => (b[field] || []).length)
          .map(([index, b]) => ({
            name,
            phase: b.phase,
            kind: "eval",
            steps: b.steps,
            mean: b[field],
            run: index,
            perEpoch: perEpoch(all[index], b.phase),
          }));
        const top = field === "active" ? Math.max(...found.map(([, b]) => b.width || 0)) : 0;
        return curves.length && curves.some(curve => curve.steps.length > 1)
          ? { phase: found[0][1].phase, unit, bound: "", top, curves }
          : null;
      };
      const first = found.length ? found[0][1] : {};
      const rate = over("rate", first.rate_unit);
      const active = over("active", first.kind === "indices" ? "codes in use" : "values that vary");
      const units = single && first.units && first.units.length > 1 ? unitBars(first) : null;
      if (!single && !rate && !active) return null;
      return h(
        "div",
        {},
        single && h("p", { class: "lead" }, bottleneckWords(all[0], name, first)),
        h(
          "div",
          { class: "grid" },
          rate && new Plot({ ...rate, title: `Rate of ${name}` }).figure,
          active && new Plot({ ...active, title: `Active units of ${name}` }, { plain: true }).figure,
          units,
        ),
      );
    })
    .filter(Boolean);
  if (made.length) part("bottleneck", "Bottleneck", made);
}

function bottleneckWords(run, name, b) {
  const get = what => {
    const figure = (run.figures || []).find(f => f.bottleneck === name && f.name === `${name}.${what}`);
    return figure && figure.value !== null ? figure : null;
  };
  const [width, active, used, rate, share, perplexity] = [
    "width",
    "active",
    "used",
    "rate",
    "active_fraction",
    "perplexity",
  ].map(get);
  const out = [];
  if (width && active)
    out.push(
      `The code ${name} has ${count(width.value, "value")}, of which ${fmt(active.value)} vary from example to example`,
    );
  else if (used)
    out.push(
      `The code ${name} uses ${fmt(used.value)} ${used.unit}` +
        (perplexity ? `, as many as ${fmt(perplexity.value, 3)} used equally often` : ""),
    );
  else if (width) out.push(`The code ${name} has ${count(width.value, "value")}`);
  if (rate) out.push(`${fmt(rate.value, 4)} ${rate.unit} pass through it (${fmt(rate.value / Math.LN2, 3)} bits)`);
  if (share) out.push(`${percent(share.value)} of all values are not 0`);
  return out.length ? out.join("; ") + (b.split ? `. Measured on ${b.split}.` : ".") : "";
}

/** What each value of the code carries, the largest first. */
function unitBars(b) {
  const key = b.units.every(unit => typeof unit.rate === "number") ? "rate" : "variance";
  const units = [...b.units].sort((x, y) => (y[key] || 0) - (x[key] || 0));
  const top = Math.max(...units.map(unit => unit[key] || 0), 1e-12);
  const title = key === "rate" ? "Rate of each value" : "Variance of each value";
  const words = units
    .slice(0, 20)
    .map(unit => fmt(unit[key], 3))
    .join(", ");
  return h(
    "figure",
    { class: "panel" },
    h(
      "figcaption",
      {},
      h("h3", {}, title),
      h("span", { class: "unit" }, key === "rate" ? b.rate_unit : ""),
      h(
        "p",
        { class: "readout" },
        `largest ${fmt(units[0][key], 4)} · least ${fmt(units[units.length - 1][key], 4)} · grey: does not vary`,
      ),
    ),
    h(
      "div",
      { class: "bars", role: "img", "aria-label": `${title}, the largest first: ${words}` },
      units.map(unit =>
        h("div", {
          class: unit.variance <= 0.01 ? "off" : null,
          title: fmt(unit[key], 4),
          style: { height: `${Math.max((unit[key] || 0) / top, 0.005) * 100}%` },
        }),
      ),
    ),
  );
}
