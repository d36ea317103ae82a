// The objective as `rlc explain` prints it, with formulas as MathML.

const MATH = new Set(
  "math mrow mi mn mo mtext ms mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mtable mtr mtd mstyle mpadded".split(
    " ",
  ),
);
const MATH_ATTRIBUTES = new Set(
  "mathvariant form fence stretchy separator width displaystyle lspace rspace columnalign accent".split(" "),
);
const MATH_SPACE = "http://www.w3.org/1998/Math/MathML";

/** Formulas come as text. They are read in a document apart, and only known elements are copied. */
function math(text) {
  const copy = from => {
    if (from.nodeType === Node.TEXT_NODE) return document.createTextNode(from.data);
    if (from.nodeType !== Node.ELEMENT_NODE || !MATH.has(from.localName)) return null;
    const to = document.createElementNS(MATH_SPACE, from.localName);
    for (const { name, value } of from.attributes) if (MATH_ATTRIBUTES.has(name)) to.setAttribute(name, value);
    to.append(...[...from.childNodes].map(copy).filter(Boolean));
    return to;
  };
  // As XML: elements with no namespace have no behaviour, and what does not parse gives no formula.
  const parsed = new DOMParser().parseFromString(text, "application/xml").documentElement;
  return parsed.localName === "math" ? [copy(parsed)] : [];
}

function formula(entry, name) {
  const named = name && [h("span", { class: "name" }, name), " = "];
  const terms = (entry.mathml || []).flatMap(term => math(term));
  return sideways(
    h(
      "div",
      { class: "formula", role: "group", "aria-label": `${name ? name + " = " : ""}${entry.text}` },
      terms.length ? [named, terms] : h("pre", {}, name ? `${name} = ` : "", entry.text),
    ),
  );
}

const meaning = entry =>
  [
    entry.unit && `in ${entry.unit}`,
    entry.bound && prose(entry.bound),
    entry.rows && `for batches of ${entry.rows} rows`,
  ]
    .filter(Boolean)
    .join(", ");

/** What was decided on the way; folded under a line where it would stand in the way. */
function decided(entry, folded) {
  if (!(entry.decisions || []).length) return null;
  const list = h(
    "ul",
    { class: "how" },
    entry.decisions.map(({ what, how }) => h("li", {}, what && [h("code", {}, what), ": "], how)),
  );
  return folded ? h("details", {}, h("summary", {}, "How it is computed"), list) : list;
}

function explained(entry, name, folded) {
  return [
    formula(entry, name),
    meaning(entry) && h("p", { class: "soft small" }, meaning(entry)),
    decided(entry, folded),
  ];
}

const SECTIONS = ["parts", "densities", "bijections", "conditionals", "sequences"];

/** Goals first, then the losses that they name, then the other losses. */
function explanation(page) {
  const losses = page.losses || [],
    goals = page.goals || [];
  const minimized = loss => goals.some(goal => goal.loss === loss.name);
  const goalWords = ({ phase, loss, moves, by }) =>
    h(
      "p",
      {},
      `Phase ${phase} minimizes `,
      loss ? h("b", {}, loss) : "this",
      (moves || []).length > 0 && ` by moving ${moves.join(", ")}`,
      by && [" with ", h("code", {}, by)],
      ".",
    );
  const lists = SECTIONS.filter(name => (page[name] || []).length);
  const title = name => name.replace(/^./, c => c.toUpperCase());
  const list = name => [
    h("h3", {}, title(name)),
    h(
      "ul",
      { class: "lines" },
      page[name].map(line => h("li", {}, line)),
    ),
  ];
  return [
    h(
      "div",
      { class: "formulas" },
      goals.map(goal => h("div", {}, goalWords(goal), !goal.loss && explained(goal))),
      losses.filter(minimized).map(loss => h("div", {}, explained(loss, loss.name))),
      losses.filter(loss => !minimized(loss)).map(loss => h("div", {}, explained(loss, loss.name, true))),
    ),
    lists.length > 0 && h("details", {}, h("summary", {}, title(lists.join(", "))), lists.map(list)),
  ];
}

function objectivePart(all) {
  // Runs that differ in a number only have objectives of their own: the first is open, the others are folded.
  const pages = new Map();
  for (const run of all.filter(run => run.objective)) {
    const key = JSON.stringify(run.objective);
    pages.set(key, [...(pages.get(key) || []), run]);
  }
  if (!pages.size) return;
  const names = some =>
    some
      .slice(0, 6)
      .map(run => run.name)
      .join(", ") + (some.length > 6 ? ` and ${some.length - 6} more` : "");
  part(
    "objective",
    "Objective",
    [...pages.values()].map((some, i) => {
      if (pages.size === 1) return explanation(some[0].objective);
      if (i === 0) return [h("p", { class: "lead soft" }, `Of ${names(some)}:`), explanation(some[0].objective)];
      return h("details", {}, h("summary", {}, `Objective of ${names(some)}`), explanation(some[0].objective));
    }),
  );
}
