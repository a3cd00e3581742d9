"use strict";
// What a reader did to a view, kept when it is drawn anew: focus, what was scrolled and opened.

const REACHED = "a, button, input, select, summary, canvas, [tabindex]";

function doneTo(page) {
  const parts = partsOf(page).map(([key, node]) => [key, { open: node.open, left: node.scrollLeft, top: node.scrollTop }]);
  const { activeElement } = document;
  return { view: page.querySelector("main")?.dataset.view, parts: new Map(parts), focus: page.contains(activeElement) ? addressOf(activeElement) : null };
}

// Another view begins at its top, and has the focus where what had it is gone.
function doAgain(page, done) {
  const main = page.querySelector("main");
  if (done.view === main.dataset.view) {
    for (const [key, node] of partsOf(page)) {
      const { open, left, top } = done.parts.get(key) ?? node;
      if ("open" in node) node.open = open;
      node.scrollTo(left, top);
    }
  } else if (done.view) window.scrollTo(0, 0);
  if (done.focus) (reachedAt(page, done.focus) ?? main).focus({ preventScroll: true });
}

// What can be scrolled or opened, by its name and by how many before it have this name.
function partsOf(page) {
  const nodes = [...page.querySelectorAll("details, .scroll")];
  const names = nodes.map((node) => nameOf(node.matches("details") ? node.firstElementChild : node));
  return nodes.map((node, at) => [`${names[at]}\n${names.slice(0, at).filter((name) => name === names[at]).length}`, node]);
}

function nameOf(node) {
  return node.getAttribute("aria-label") ?? node.textContent;
}

// The part with an id around a control, and which of those of its name it is there.
function addressOf(control) {
  const around = control.closest("[id]");
  const name = nameOf(control);
  return { id: around.id, name, place: namedIn(around, name).indexOf(control) };
}

function reachedAt(page, { id, name, place }) {
  const around = document.getElementById(id);
  if (!around || !page.contains(around)) return null;
  return place < 0 ? around : (namedIn(around, name)[place] ?? null);
}

function namedIn(around, name) {
  return [...around.querySelectorAll(REACHED)].filter((node) => nameOf(node) === name);
}
