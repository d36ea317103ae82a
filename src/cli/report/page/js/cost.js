// Settings, the bill, the time, the model itself.

const written = value => (typeof value === "number" ? fmt(value, 8) : String(value));

function settingsPart(run) {
  const settings = (run.settings || []).map(s => ({
    ...s,
    changed: s.default !== undefined && JSON.stringify(s.used) !== JSON.stringify(s.default),
  }));
  if (!settings.length) return;
  const changed = settings.filter(s => s.changed).length;
  part(
    "settings",
    "Settings",
    h(
      "p",
      { class: "lead soft" },
      changed
        ? `${changed === 1 ? "One setting differs" : `${changed} settings differ`} from the file.`
        : "All as the file says.",
    ),
    table({
      caption: null,
      name: "settings",
      rows: settings,
      columns: [
        { title: "Name", get: s => s.name },
        {
          title: "Value",
          class: "used",
          get: s => s.used,
          show: s => [written(s.used), s.changed && h("span", { class: "flag" }, "changed")],
        },
        { title: "In the file", get: s => s.default, show: s => (missing(s.default) ? "" : written(s.default)) },
        { title: "Kind", class: "bound", get: s => (s.kind === "dim" ? "size" : s.type) },
        { title: "Meaning", class: "bound", get: s => s.about },
      ],
    }),
    run.command &&
      h(
        "p",
        { class: "small", style: { "margin-top": "14px" } },
        h("span", { class: "soft" }, "The same again: "),
        h("code", {}, run.command.trim()),
      ),
  );
}

function billPart(run) {
  const { bill = [], weights = [] } = run;
  if (!bill.length && !weights.length) return;
  part(
    "bill",
    "Bill",
    bill.length > 0 &&
      h("p", { class: "lead soft" }, "Counted from the compiled plan of each phase; nothing here is measured."),
    bill.length > 0 &&
      table({
        caption: "Memory and work in one step or batch",
        name: "bill",
        rows: bill,
        columns: [
          { title: "Phase", get: b => b.phase },
          ...[
            ["In all", "peak_bytes"],
            ["Weights and state", "slot_bytes"],
            ["Scratch", "arena_bytes"],
          ].map(([title, key]) => ({
            ...number(
              title,
              b => b[key],
              b => scaled(b[key], "B"),
            ),
            group: "Memory",
          })),
          ...[
            ["Products", "flops", "FLOP"],
            ["Other operations", "elementwise", "op"],
            ["Read and written", "bytes_moved", "B"],
          ].map(([title, key, unit]) => ({
            ...number(
              title,
              b => b[key],
              b => scaled(b[key], unit),
            ),
            group: "Work",
          })),
          {
            ...number(
              "Kernels",
              b => b.kernels,
              b => fmt(b.kernels),
            ),
            group: "Work",
          },
        ],
      }),
    weights.length > 0 &&
      h(
        "div",
        { style: { "margin-top": "22px" } },
        table({
          caption: `Weights: ${fmt(weights.reduce((sum, w) => sum + w.values, 0))} numbers`,
          rows: weights,
          columns: [
            { title: "Part", get: w => w.part },
            number(
              "Tensors",
              w => w.tensors,
              w => fmt(w.tensors),
            ),
            number(
              "Numbers",
              w => w.values,
              w => fmt(w.values),
            ),
          ],
        }),
      ),
  );
}

function timePart(run) {
  const phases = (run.phases || []).filter(phase => phase.seconds !== undefined);
  const kernels = run.kernels;
  if (!phases.length && !kernels) return;
  const total = phases.reduce((sum, phase) => sum + phase.seconds, 0) || 1;
  const rate = (row, what) => (row.seconds > 0 ? (what * row.calls) / row.seconds / 1e9 : null);
  part(
    "time",
    "Time",
    phases.length > 0 &&
      table({
        caption: `Phases: ${duration(total)}`,
        rows: phases,
        columns: [
          { title: "Phase", get: p => p.phase },
          { title: "Kind", get: p => p.kind },
          number(
            "Steps",
            p => p.steps,
            p => (p.steps ? fmt(p.steps) : ""),
          ),
          number(
            "Time",
            p => p.seconds,
            p => duration(p.seconds),
          ),
          number(
            "per step",
            p => (p.steps ? p.seconds / p.steps : null),
            p => (p.steps ? duration(p.seconds / p.steps) : ""),
          ),
          { title: "Share", get: p => p.seconds, show: p => bar(p.seconds / total) },
        ],
      }),
    kernels &&
      h(
        "div",
        { style: { "margin-top": "26px" } },
        table({
          caption:
            `Kernels: ${duration(kernels.seconds)} in all, the dearest first` +
            (kernels.left_out ? `; ${count(kernels.left_out, "cheaper kernel")} in profile.json only` : ""),
          sortable: true,
          limit: 12,
          rows: kernels.rows,
          name: "kernels",
          columns: [
            { title: "Kernel", class: "mono", get: k => `${k.kind} ${k.number}` },
            number(
              "Time",
              k => k.seconds,
              k => duration(k.seconds),
            ),
            {
              title: "Share",
              get: k => k.seconds,
              show: k => [
                bar((k.seconds / (kernels.seconds || 1)) * 2),
                h("span", { class: "soft small" }, ` ${percent(k.seconds / (kernels.seconds || 1))}`),
              ],
            },
            number(
              "Calls",
              k => k.calls,
              k => fmt(k.calls),
            ),
            number(
              "per call",
              k => (k.calls ? k.seconds / k.calls : null),
              k => (k.calls ? duration(k.seconds / k.calls) : ""),
            ),
            number(
              "GFLOP/s",
              k => rate(k, k.flops + k.elementwise),
              k => (missing(rate(k, 1)) ? "" : fmt(rate(k, k.flops + k.elementwise), 3)),
            ),
            number(
              "GB/s",
              k => rate(k, k.bytes),
              k => (missing(rate(k, 1)) ? "" : fmt(rate(k, k.bytes), 3)),
            ),
            { title: "Phase", get: k => k.phase },
            { title: "What it computes", class: "mono wide", get: k => k.label },
          ],
        }),
      ),
  );
}

function sourcePart(run) {
  if (run.source)
    part(
      "source",
      "Model",
      h("details", {}, h("summary", {}, "The file, as it was run"), h("pre", { tabindex: 0 }, run.source)),
    );
}
