// Interpolations and samples.

function interpolationPart(run) {
  if (!(run.interpolations || []).length) return;
  part(
    "interpolations",
    "Interpolations",
    run.interpolations.map(set => [
      h(
        "p",
        { class: "lead" },
        `From the code ${set.name} of one example to that of another, in ${fmt(set.tiles)} equal steps, each decoded. `,
        set.rows.some(row => row.ends) &&
          h("span", { class: "soft" }, "The framed images at both ends are the examples themselves."),
      ),
      set.rows.map(row => {
        const strip = h("div", {
          class: "strip",
          role: "img",
          "aria-label": `${row.from} turns into ${row.to}, ${set.tiles} images`,
          style: { "--strip": url(row.image), "--size": `${set.tiles * 100}%` },
        });
        for (let i = 0; i < set.tiles; i++)
          strip.append(h("div", { style: { "background-position": `${(i / Math.max(1, set.tiles - 1)) * 100}% 0` } }));
        if (row.ends) {
          const end = image => h("div", { class: "end", style: { "--one": url(image) } });
          strip.prepend(end(row.ends[0]));
          strip.append(end(row.ends[1]));
        }
        if (set.width && set.height) strip.style.setProperty("--ratio", set.width / set.height);
        return h("figure", { class: "row" }, h("figcaption", {}, `${row.from} → ${row.to}`), strip);
      }),
    ]),
  );
}

/** Only pictures that are part of the document. */
const isData = text => /^data:(image\/png|audio\/wav);base64,[A-Za-z0-9+/=]+$/.test(text || "");
const url = text => (isData(text) ? `url(${text})` : "none");

/** One file of a sample phase, by its kind; no picture is wider than `widest`. */
function sample(entry, title, widest) {
  const caption = h("figcaption", {}, h("b", {}, title), " ", h("span", {}, entry.file));
  if (entry.kind === "image" && isData(entry.data)) {
    // Small sheets are shown in whole multiples of their pixels.
    const times = entry.width * 2 <= widest ? 2 : Math.min(1, widest / entry.width);
    const image = size =>
      h("img", {
        src: entry.data,
        width: Math.round(entry.width * size),
        height: Math.round(entry.height * size),
        class: size < 1 ? "fine" : null,
        alt: `${title}, a picture`,
      });
    return h(
      "figure",
      {},
      caption,
      h(
        "button",
        {
          type: "button",
          class: "enlarge",
          "aria-label": `Enlarge ${title}`,
          onclick: () => {
            const room = Math.min((innerWidth - 60) / entry.width, (innerHeight - 60) / entry.height);
            const box = h(
              "dialog",
              { class: "large", onclick: () => box.close(), onclose: () => box.remove() },
              image(room > 1 ? Math.floor(room) : room),
              h("button", { type: "button", class: "quiet" }, "Close"),
            );
            document.body.append(box);
            box.showModal();
          },
        },
        image(times),
      ),
    );
  }
  if (entry.kind === "text" && entry.text !== undefined)
    return h("figure", { class: "text" }, caption, h("pre", { tabindex: 0 }, entry.text));
  if (entry.kind === "sound" && isData(entry.data))
    return h("figure", {}, caption, h("audio", { controls: true, src: entry.data }));
  if (entry.kind === "table" && entry.rows) {
    const wide = entry.rows[0] ? entry.rows[0].length : 0;
    const columns = Array.from({ length: wide }, (_, i) =>
      number(
        String(i),
        row => row[i],
        row => fmt(row[i], 4),
      ),
    );
    const shown = `${fmt(entry.rows.length)} of ${count(entry.total, "row")}`;
    return h(
      "figure",
      {},
      caption,
      table({
        caption: entry.total > entry.rows.length ? shown : `${entry.name}`,
        columns,
        rows: entry.rows,
        limit: 8,
      }),
    );
  }
  return h(
    "figure",
    {},
    caption,
    h("p", { class: "soft small" }, `${scaled(entry.bytes || 0, "B")}; not shown here, see the file in the run folder`),
  );
}

function samplesPart(all) {
  const byKey = new Map();
  all.forEach((run, index) => {
    const keys = (run.samples || []).map(entry => `${entry.phase}/${entry.name}`);
    (run.samples || []).forEach((entry, i) => {
      // Points come as a picture and as numbers: the picture is enough.
      const twin = keys.some((key, j) => j !== i && key === keys[i]);
      if (twin && entry.kind === "table") return;
      const own = entry.name === entry.phase ? entry.name : `${entry.phase}: ${entry.name}`;
      const figure = sample(entry, single ? own : `${run.name}, ${own}`, twin || !single ? 360 : 720);
      byKey.set(keys[i], [...(byKey.get(keys[i]) || []), figure]);
    });
  });
  // The same sample of all runs side by side.
  if (byKey.size) part("samples", "Samples", h("div", { class: "samples" }, [...byKey.values()]));
}
