// Tables that sort.

/** A table. Columns say what they show and by what they sort; empty ones are left out. `limit` rows are shown at first. */
function table({ caption, columns: all, rows, sortable = false, limit = Infinity, name = "" }) {
  const columns = all.filter((column, i) => i === 0 || rows.some(row => !missing(column.get(row))));
  let by = null,
    down = false,
    whole = false;
  const body = h("tbody");
  const more = h(
    "button",
    {
      type: "button",
      class: "more",
      onclick: () => {
        whole = true;
        fill();
      },
    },
    `Show all ${rows.length}`,
  );
  const heads = columns.map((column, i) => {
    const title = sortable
      ? h(
          "button",
          {
            type: "button",
            onclick: () => {
              down = by === i ? !down : false;
              by = i;
              fill();
            },
          },
          column.swatch,
          column.title,
        )
      : column.title;
    return h("th", { scope: "col", class: (column.class || "").replace(/mono|wide/g, ""), title: column.help }, title);
  });
  const fill = () => {
    let order = [...rows];
    if (by !== null) {
      const key = columns[by].get;
      // What is missing stands last, whichever way the rest is sorted.
      order.sort((a, b) => {
        const [x, y] = [key(a), key(b)];
        if (missing(x) || missing(y)) return missing(x) - missing(y);
        const sign =
          typeof x === "number" && typeof y === "number"
            ? x - y
            : String(x).localeCompare(String(y), "en", { numeric: true });
        return down ? -sign : sign;
      });
    }
    heads.forEach((head, i) =>
      i === by ? head.setAttribute("aria-sort", down ? "descending" : "ascending") : head.removeAttribute("aria-sort"),
    );
    if (!whole) order = order.slice(0, limit);
    body.replaceChildren(
      ...order.map(row =>
        h(
          "tr",
          { class: row.changed ? "changed" : null },
          columns.map((column, i) => {
            const shown = column.show ? column.show(row) : column.get(row);
            const long = [shown, column.get(row)].some(text => typeof text === "string" && text.length > 26);
            const kind = [column.class, long && "wide"].filter(Boolean).join(" ");
            return h(
              i === 0 ? "th" : "td",
              { scope: i === 0 ? "row" : null, class: kind },
              missing(shown) ? "" : shown,
            );
          }),
        ),
      ),
    );
    more.hidden = whole || rows.length <= limit;
  };
  fill();
  const groups = groupRow(columns);
  const made = h(
    "table",
    { class: `plain ${name}` },
    caption && h("caption", { class: "unseen" }, caption),
    h("thead", {}, groups, h("tr", {}, heads)),
    body,
  );
  // What is seen of the caption stays where it is when a wide table is moved sideways.
  return h(
    "div",
    {},
    caption && h("p", { class: "caption", "aria-hidden": "true" }, caption),
    sideways(h("div", { class: "scroll", role: "group", "aria-label": caption || name || "table" }, made)),
    more,
  );
}

const missing = value => value === null || value === undefined || value === "";

/** The names above groups of columns. */
function groupRow(columns) {
  if (!columns.some(column => column.group)) return null;
  const cells = [];
  for (const column of columns) {
    const last = cells[cells.length - 1];
    if (last && last.name === (column.group || "")) last.span++;
    else cells.push({ name: column.group || "", span: 1, first: cells.length === 0 });
  }
  return h(
    "tr",
    { class: "group" },
    cells.map(({ name, span, first }) =>
      name ? h("th", { colspan: span, scope: "colgroup" }, name) : h("td", { colspan: span, class: first && "first" }),
    ),
  );
}

const number = (title, get, show, help) => ({ title, class: "n", get, show, help });

function bar(share) {
  return h("span", { class: "share", style: { width: `${Math.max(0, Math.min(1, share)) * 90}px` } });
}
