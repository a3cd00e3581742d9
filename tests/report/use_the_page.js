"use strict";
// Uses the page as a reader does, and writes what came of it into an element, as base64 of JSON.

const PAPER = 1047; // pixels between margins of A4, the long side
const told = {};
const one = (what) => document.querySelector(what);
const all = (what) => [...document.querySelectorAll(what)];

async function shownAt(hash) {
  location.hash = hash;
  await redrawn();
}

function redrawn() {
  return new Promise((done) => setTimeout(done, 500));
}

// A row of a long table is chosen: it stays where it is, in focus; what is open stays open.
async function chooseClaim() {
  const row = "#claims tbody tr:nth-child(30) button";
  await shownAt("view=holds");
  one("details").open = true;
  one(row).focus();
  const { scrollTop } = one("#claims .scroll");
  one(row).click();
  await redrawn();
  told.chosen = {
    focus: document.activeElement === one(row),
    scrolled: scrollTop > 500 && one("#claims .scroll").scrollTop === scrollTop,
    open: one("details").open,
    current: one("#claims tr[aria-current]") === one(row).closest("tr"),
    title: document.title,
  };
  history.back();
  await redrawn();
  told.chosen.details = all(".detail").length;
}

// Intervals have two ends in what is saved, and a standing says what fails.
async function saveClaims() {
  await shownAt("view=holds");
  told.claims = savedBy("#claims");
}

function savedBy(table) {
  const saved = {};
  window.saveFile = (name, text) => Object.assign(saved, { name, text });
  press(table, "Save as CSV");
  return saved;
}

function press(table, text) {
  all(`${table} button`).find((node) => node.textContent === text).click();
}

// What is saved is what was searched for, whole, in the order of the table.
async function saveModels() {
  await shownAt("view=models&group=scene: nsd-simulated, cka_linear");
  one("#models-find").value = "clip";
  one("#models-find").dispatchEvent(new Event("input"));
  press("#models", "Score");
  told.models = savedBy("#models");
  told.axes = all("#models-x option").map((node) => node.value);
}

async function askInVain() {
  await shownAt("view=cortex&model=nobody&seen=below and above");
  told.unmet = all("main > [role=note]").map((node) => node.textContent);
  told.pictures = all("canvas").map((node) => node.title);
}

async function slide() {
  await shownAt("view=training&step=1");
  const slider = one("#training-step");
  slider.value = "0";
  slider.dispatchEvent(new Event("input"));
  told.slid = [slider.getAttribute("aria-valuetext"), location.hash];
}

// On paper: nothing is wider than it, and no ground is dark. Rules of print hold on the screen, too.
async function print() {
  one("style").textContent = one("style").textContent.replace("@media print", "@media all");
  document.body.style.width = `${PAPER}px`;
  told.wide = [];
  for (const tab of all("nav a")) {
    await shownAt(`${tab.hash}&theme=dark`);
    const wide = all("table, canvas, svg, pre").filter((node) => node.getBoundingClientRect().right > PAPER + 2);
    told.wide.push(...wide.map((node) => `${tab.textContent}: ${node.textContent.slice(0, 40)}`));
  }
  told.ground = getComputedStyle(document.body).backgroundColor;
}

window.addEventListener("load", async () => {
  await redrawn();
  for (const use of [chooseClaim, saveClaims, saveModels, askInVain, slide, print]) await use();
  const node = document.createElement("pre");
  node.id = "told";
  node.textContent = btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(told))));
  document.body.append(node);
});
