"use strict";
// The frame of the page: its views, and which one the address asks for.

const VIEWS = [
  ["holds", "What holds", holdsView],
  ["models", "Models", modelsView],
  ["story", "Story", storyView],
  ["language", "Language", languageView],
  ["cortex", "Cortex", cortexView],
  ["training", "Trajectories", trainingView],
  ["trust", "Ceilings and checks", trustView],
  ["provenance", "Provenance", provenanceView],
  ...(DATA.against ? [["against", "Against", againstView]] : []),
];

let turn = 0;

async function render() {
  turn += 1;
  const mine = turn;
  UNMET.clear();
  const view = chosen("view", VIEWS);
  document.documentElement.dataset.theme = readState().theme ?? "";
  const [, title, partsOfView] = VIEWS.find(([name]) => name === view);
  const parts = await partsOfView();
  if (mine !== turn) return;
  const page = document.getElementById("report");
  const done = doneTo(page);
  document.title = `${title} – Concord: report`;
  page.replaceChildren(header(view), element("main", { id: "view", "data-view": view, tabindex: "-1" }, unrecorded(), unmet(), parts), footer());
  doAgain(page, done);
}

function header(view) {
  const tabs = VIEWS.map(([name, title]) =>
    element("a", { id: `tab-${name}`, href: `#view=${name}${readState().theme ? `&theme=${readState().theme}` : ""}`, "aria-current": name === view ? "page" : null }, title));
  const dark = document.documentElement.dataset.theme === "dark" || (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  const theme = element("button", { type: "button", id: "theme", class: "quiet", onclick: () => go({ theme: dark ? "light" : "dark" }) }, dark ? "Light" : "Dark");
  return element("header", {}, element("h1", {}, "Concord"), element("nav", { "aria-label": "Views" }, tabs), theme);
}

// Results of another run than the one that dvc.lock records are no secret.
function unrecorded() {
  const paths = DATA.recorded.filter((one) => one.state === "another").map((one) => one.path);
  return paths.length ? element("p", { class: "absent", role: "note" }, `Not what dvc.lock records, but of another run: ${paths.join(", ")}.`) : null;
}

// A link to what another page has, or a typing error in one, shows something else.
function unmet() {
  return UNMET.size ? element("p", { class: "absent", role: "note" }, `Asked for by the address, and not here: ${[...UNMET.values()].join("; ")}.`) : null;
}

function footer() {
  return element("footer", {}, "One file, no network. Layers were chosen on other data than those that scores are of. ", MISSING, " is what is missing.");
}

function failed(error) {
  const told = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  document.getElementById("report").replaceChildren(element("p", { class: "absent", role: "alert" }, `This view cannot be shown. ${told}`));
  throw error;
}

window.addEventListener("hashchange", () => render().catch(failed));
render().catch(failed);
