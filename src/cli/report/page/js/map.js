// The map of a code: points by label, and the example under the pointer.

function codePart(run) {
  if (!(run.codes || []).length) return;
  part(
    "code",
    "Map of the code",
    run.codes.map(code => {
      const { name, method, total, x, explained, width, split } = code;
      const how =
        method === "pca"
          ? `The first two principal components of ${name} (${width} values) carry ${percent((explained[0] || 0) + (explained[1] || 0))} of its variance.`
          : `${name} has two values: this is the code itself.`;
      const which = `${fmt(x.length)}${total > x.length ? ` of ${fmt(total)}` : ""} examples of ${split}.`;
      return [h("p", { class: "lead" }, how, " ", h("span", { class: "soft" }, which)), new CodeMap(code).figure];
    }),
  );
}

const SHAPES = 5;

/** Shapes go with colours, so that no label depends on its colour alone. */
function drawMark(c, shape, x, y, r) {
  c.beginPath();
  if (shape === 0) c.arc(x, y, r, 0, 7);
  else if (shape === 1) c.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8);
  else {
    // A triangle up, a triangle down, a diamond.
    const points = [
      [
        [0, -1.25],
        [1.15, 0.85],
        [-1.15, 0.85],
      ],
      [
        [0, 1.25],
        [1.15, -0.85],
        [-1.15, -0.85],
      ],
      [
        [0, -1.35],
        [1.2, 0],
        [0, 1.35],
        [-1.2, 0],
      ],
    ][shape - 2];
    points.forEach(([dx, dy], i) => (i ? c.lineTo(x + dx * r, y + dy * r) : c.moveTo(x + dx * r, y + dy * r)));
    c.closePath();
  }
}

/** Points on a canvas, their legend, and the example that is picked out by pointer or keys. */
class CodeMap {
  constructor(code) {
    this.code = code;
    this.only = new Set(); // labels that are picked out; none means all
    this.canvas = h("canvas", {});
    this.tip = h("div", { class: "tip", hidden: true });
    this.field = h(
      "div",
      {
        class: "field",
        tabindex: 0,
        role: "group",
        "aria-roledescription": "map of points",
        "aria-label": `${code.x.length} points. Arrow keys go from point to point, Escape leaves.`,
      },
      this.canvas,
      this.tip,
    );
    this.shown = h(
      "div",
      { class: "shown small" },
      h(
        "p",
        { class: "soft" },
        code.thumbs
          ? "Point at the map, or focus it and use the arrow keys, to see the example behind a point."
          : "Point at the map, or focus it and use the arrow keys, to read a point.",
      ),
    );
    this.figure = h(
      "figure",
      { class: "map" },
      h("div", {}, this.field, h("p", { class: "axes" }, `right: ${code.axes[0]} · up: ${code.axes[1]}`)),
      h("figcaption", { class: "side" }, this.legend(), this.shown),
    );
    if (code.thumbs) {
      this.sheet = new Image();
      this.sheet.src = code.thumbs.image;
    }
    this.field.addEventListener("pointermove", event => this.point(event));
    this.field.addEventListener("pointerdown", event => this.point(event));
    this.field.addEventListener("pointerleave", () => this.pick(null));
    this.field.addEventListener("blur", () => this.pick(null));
    this.field.addEventListener("keydown", event => this.key(event));
    view.plots.add(this);
    new ResizeObserver(() => this.build()).observe(this.field);
  }

  legend() {
    const { code } = this;
    if (code.values) {
      this.extent = [
        Math.min(...code.values.filter(Number.isFinite)),
        Math.max(...code.values.filter(Number.isFinite)),
      ];
      return h(
        "div",
        {},
        h("div", {
          class: "ramp",
          style: { background: `linear-gradient(90deg, ${[0, 0.25, 0.5, 0.75, 1].map(ramp).join(",")})` },
        }),
        h("p", { class: "small" }, `${code.label_name}: ${fmt(this.extent[0], 3)} to ${fmt(this.extent[1], 3)}`),
      );
    }
    if (!code.label) return null;
    const present = new Set(code.label);
    this.keys = [];
    const items = code.labels.map((name, label) => {
      if (!present.has(label) || label >= 60) return null;
      const mark = h("canvas", { width: 28, height: 28 });
      const button = h(
        "button",
        {
          type: "button",
          "aria-pressed": false,
          onclick: () => {
            this.only.has(label) ? this.only.delete(label) : this.only.add(label);
            button.setAttribute("aria-pressed", this.only.has(label));
            this.build();
          },
        },
        mark,
        name,
      );
      this.keys.push([mark, label, button]);
      return h("li", {}, button);
    });
    return h(
      "div",
      {},
      h(
        "p",
        { class: "small soft", style: { "margin-bottom": "5px" } },
        `Label ${code.label_name || ""}; a button shows its label alone`,
      ),
      h("ul", { class: "keys" }, items),
    );
  }

  build() {
    const size = Math.floor(this.field.clientWidth);
    if (!size) return;
    const { code, canvas } = this;
    // Both axes have one scale, so that distances can be compared.
    const finite = code.x.map((x, i) => i).filter(i => code.x[i] !== null && code.y[i] !== null);
    const span = values => {
      let low = Infinity,
        high = -Infinity;
      for (const v of values) {
        low = Math.min(low, v);
        high = Math.max(high, v);
      }
      return [low, high];
    };
    const [x0, x1] = span(finite.map(i => code.x[i])),
      [y0, y1] = span(finite.map(i => code.y[i]));
    const aspect = Math.min(1.1, Math.max(0.55, (y1 - y0) / (x1 - x0 || 1)));
    const height = Math.round(size * aspect);
    const scale = Math.min((size - 36) / (x1 - x0 || 1), (height - 36) / (y1 - y0 || 1));
    this.places = code.x.map((x, i) =>
      x === null || code.y[i] === null
        ? null
        : [size / 2 + (x - (x0 + x1) / 2) * scale, height / 2 - (code.y[i] - (y0 + y1) / 2) * scale],
    );
    const ratio = window.devicePixelRatio || 1;
    canvas.width = size * ratio;
    canvas.height = height * ratio;
    canvas.style.height = `${height}px`;
    const c = canvas.getContext("2d");
    c.scale(ratio, ratio);
    c.clearRect(0, 0, size, height);
    this.zero(c, size, height, [x0, x1, y0, y1], scale);
    const radius = code.x.length > 1200 ? 2 : code.x.length > 500 ? 2.6 : 3.4;
    const tints = Array.from({ length: COLOURS }, (_, n) => ink(`c${n}`));
    const lit = i => !this.only.size || this.only.has(code.label[i]);
    for (const pass of [false, true]) {
      this.places.forEach((place, i) => {
        if (!place || lit(i) !== pass) return;
        const label = code.label ? code.label[i] : 0;
        c.globalAlpha = pass ? 0.85 : 0.1;
        c.fillStyle = code.values
          ? ramp((code.values[i] - this.extent[0]) / (this.extent[1] - this.extent[0] || 1))
          : tints[label % COLOURS];
        drawMark(c, label % SHAPES, place[0], place[1], radius);
        c.fill();
      });
    }
    c.globalAlpha = 1;
    this.names(c);
    for (const [mark, label, button] of this.keys || []) {
      const small = mark.getContext("2d");
      small.clearRect(0, 0, 28, 28);
      small.fillStyle = tints[label % COLOURS];
      drawMark(small, label % SHAPES, 14, 14, 8);
      small.fill();
      button.setAttribute("aria-pressed", this.only.has(label));
      button.style.opacity = this.only.size && !this.only.has(label) ? 0.5 : 1;
    }
    if (this.at !== null && this.at !== undefined) this.ring();
  }

  /** Lines through the origin, where it is in sight. */
  zero(c, size, height, [x0, x1, y0, y1], scale) {
    c.strokeStyle = ink("line");
    c.beginPath();
    if (x0 < 0 && x1 > 0) {
      const x = Math.round(size / 2 - ((x0 + x1) / 2) * scale) + 0.5;
      c.moveTo(x, 0);
      c.lineTo(x, height);
    }
    if (y0 < 0 && y1 > 0) {
      const y = Math.round(height / 2 + ((y0 + y1) / 2) * scale) + 0.5;
      c.moveTo(0, y);
      c.lineTo(size, y);
    }
    c.stroke();
  }

  /** Each label stands in the middle of its points, so that colours need not be told apart. */
  names(c) {
    const { code } = this;
    if (!code.label || new Set(code.label).size > 24) return;
    c.font = `600 15px ${getComputedStyle(document.body).fontFamily}`;
    c.textAlign = "center";
    c.textBaseline = "middle";
    c.lineWidth = 4;
    c.lineJoin = "round";
    code.labels.forEach((name, label) => {
      const own = this.places.filter((place, i) => place && code.label[i] === label);
      if (!own.length || (this.only.size && !this.only.has(label))) return;
      const middle = axis => own.map(place => place[axis]).sort((a, b) => a - b)[own.length >> 1];
      c.strokeStyle = ink("ground", 0.9);
      c.fillStyle = ink("ink");
      c.strokeText(name, middle(0), middle(1));
      c.fillText(name, middle(0), middle(1));
    });
  }

  point(event) {
    const box = this.field.getBoundingClientRect();
    const at = [event.clientX - box.left, event.clientY - box.top];
    let best = null,
      least = 26 ** 2;
    (this.places || []).forEach((place, i) => {
      if (!place || (this.only.size && !this.only.has(this.code.label[i]))) return;
      const far = (place[0] - at[0]) ** 2 + (place[1] - at[1]) ** 2;
      if (far < least) [best, least] = [i, far];
    });
    this.pick(best);
  }

  key(event) {
    const to = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === "Escape") return this.pick(null);
    if (!to || event.ctrlKey || event.metaKey || event.altKey || !this.places) return;
    event.preventDefault();
    const box = this.field.getBoundingClientRect();
    const from = this.at !== null && this.at !== undefined ? this.places[this.at] : [box.width / 2, box.height / 2];
    let best = null,
      least = Infinity;
    this.places.forEach((place, i) => {
      if (!place || i === this.at || (this.only.size && !this.only.has(this.code.label[i]))) return;
      const along = (place[0] - from[0]) * to[0] + (place[1] - from[1]) * to[1];
      const aside = Math.abs((place[0] - from[0]) * to[1]) + Math.abs((place[1] - from[1]) * to[0]);
      const far = along + 2 * aside;
      if (along > 0.01 && far < least) [best, least] = [i, far];
    });
    if (best === null) return;
    this.pick(best);
    say(this.words(best));
  }

  words(i) {
    const { code } = this;
    const label = code.label
      ? `${code.label_name || "label"} = ${code.labels[code.label[i]]}`
      : code.values
        ? `${code.label_name} = ${fmt(code.values[i])}`
        : "";
    return [
      code.captions && code.captions[i],
      label,
      `example ${fmt(code.row ? code.row[i] : i)}`,
      `(${fmt(code.x[i], 3)}, ${fmt(code.y[i], 3)})`,
    ]
      .filter(Boolean)
      .join(", ");
  }

  pick(i) {
    if (i === this.at) return;
    this.at = i;
    this.build();
    this.tip.hidden = i === null;
    if (i !== null) this.show(i);
  }

  ring() {
    const [x, y] = this.places[this.at];
    const c = this.canvas.getContext("2d");
    c.strokeStyle = ink("ink");
    c.lineWidth = 2;
    c.beginPath();
    c.arc(x, y, 7, 0, 7);
    c.stroke();
  }

  show(i) {
    const label = this.code.captions
      ? this.code.captions[i]
      : this.code.label
        ? this.code.labels[this.code.label[i]]
        : "";
    this.tip.replaceChildren(...[this.picture(i), label].filter(Boolean));
    this.shown.replaceChildren(...[this.picture(i), h("p", {}, this.words(i))].filter(Boolean));
    const [x, y] = this.places[i],
      { clientWidth, clientHeight } = this.field;
    const { offsetWidth, offsetHeight } = this.tip;
    const left = x + 14 + offsetWidth > clientWidth ? x - 14 - offsetWidth : x + 14;
    this.tip.style.left = `${Math.max(2, left)}px`;
    this.tip.style.top = `${Math.max(2, Math.min(clientHeight - offsetHeight - 4, y - offsetHeight / 2))}px`;
  }

  /** One thumbnail, cut out of the sheet that holds them all. */
  picture(i) {
    const { thumbs } = this.code;
    if (!thumbs || !this.sheet.complete) return null;
    const { width, height, columns } = thumbs;
    const canvas = h("canvas", { width, height, role: "img", "aria-label": this.words(i) });
    canvas
      .getContext("2d")
      .drawImage(
        this.sheet,
        (i % columns) * width,
        Math.floor(i / columns) * height,
        width,
        height,
        0,
        0,
        width,
        height,
      );
    return canvas;
  }
}

/** From dark blue to yellow with rising lightness, for labels that are numbers. */
function ramp(t) {
  const stops = [
    [38, 66, 140],
    [68, 107, 140],
    [110, 142, 130],
    [176, 173, 96],
    [240, 214, 60],
  ];
  const at = Math.max(0, Math.min(0.9999, Number.isFinite(t) ? t : 0)) * (stops.length - 1),
    i = Math.floor(at);
  return `rgb(${stops[i].map((v, k) => Math.round(v + (stops[i + 1][k] - v) * (at - i))).join(",")})`;
}
