// Theme, contents, start.

/** The button: as the system has it, light, dark. */
function theme() {
  const button = document.getElementById("theme");
  const order = ["system", "light", "dark"];
  let now = "system";
  // A page from a file may be refused storage; the theme is then kept for this visit only.
  try {
    now = localStorage.getItem("rlc-report-theme") || now;
  } catch (_) {
    /* see above */
  }
  const wear = name => {
    if (name === "system") document.documentElement.removeAttribute("data-theme");
    else document.documentElement.setAttribute("data-theme", name);
  };
  const set = next => {
    now = order.includes(next) ? next : "system";
    wear(now);
    button.replaceChildren(h("span", { class: "word" }, "Theme: "), now);
    button.setAttribute("aria-label", `Theme: ${now}. Press for ${order[(order.indexOf(now) + 1) % 3]}.`);
    rebuild();
  };
  button.addEventListener("click", () => {
    set(order[(order.indexOf(now) + 1) % 3]);
    try {
      localStorage.setItem("rlc-report-theme", now);
    } catch (_) {
      /* see above */
    }
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", rebuild);
  // Paper is white: canvases are drawn anew, since only the rest follows the style sheet.
  addEventListener("beforeprint", () => {
    wear("light");
    rebuild();
  });
  addEventListener("afterprint", () => set(now));
  set(now);
}

/** Marks the section in sight in the contents. */
function markPlace() {
  const links = new Map([...contents.children].map(link => [link.getAttribute("href").slice(1), link]));
  const seen = new Set();
  const watch = new IntersectionObserver(
    entries => {
      for (const entry of entries) entry.isIntersecting ? seen.add(entry.target.id) : seen.delete(entry.target.id);
      const first = [...links.keys()].find(id => seen.has(id));
      links.forEach((link, id) =>
        id === first ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current"),
      );
    },
    { rootMargin: "-60px 0px -55% 0px" },
  );
  main.querySelectorAll("section.part").forEach(section => watch.observe(section));
}

function start() {
  const title = single ? runs[0].name : `${runs.length} runs`;
  document.title = `${title} - rlc report`;
  document.getElementById("brand").textContent = title;
  if (single) {
    const run = runs[0];
    view.smooth = (run.curves || []).some(curve => curve.mean.length >= 100) ? 2 : 0;
    hero(run);
    figuresPart(run);
    curvesPart([run]);
    bottleneckPart([run]);
    samplesPart([run]);
    codePart(run);
    interpolationPart(run);
    objectivePart([run]);
    settingsPart(run);
    billPart(run);
    timePart(run);
    sourcePart(run);
  } else if (runs.length) comparison();
  else main.append(h("p", { class: "lead" }, "This report holds no run."));
  document
    .getElementById("footer")
    .append(
      [`rlc ${doc.rlc || ""}`.trim(), doc.written].filter(Boolean).join(", "),
      ". This page loads nothing from elsewhere.",
    );
  theme();
  markPlace();
}

start();
