"use strict";
// Elements, made of text and attributes only: nothing that a name says becomes markup.

const MISSING = "–";

function element(tag, properties = {}, ...children) {
  return filled(document.createElement(tag), properties, children);
}

function drawn(tag, properties = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), properties, children);
}

function filled(node, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "style") Object.assign(node.style, value);
    else if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

// Numbers as they are shown; what is missing is never 0.
function shown(number, digits = 3) {
  if (number === null || number === undefined || Number.isNaN(number)) return MISSING;
  if (Number.isInteger(number)) return (number || 0).toLocaleString("en");
  if (Math.abs(number) >= 1000) return Math.round(number).toLocaleString("en");
  return number.toFixed(digits).replace(/^-(0\.?0*)$/, "$1");
}

function shownChance(number) {
  if (number === null || Number.isNaN(number)) return MISSING;
  return number < 0.001 ? "< .001" : number.toFixed(3).replace(/^0/, "");
}

function shownInterval(low, high) {
  const known = ![low, high].some((end) => end === null || Number.isNaN(end));
  return known ? `${shown(low)} to ${shown(high)}` : MISSING;
}

function picker(id, title, choices, value, changed) {
  const options = choices.map((choice) => {
    const [name, text] = Array.isArray(choice) ? choice : [choice, choice];
    return element("option", { value: name, selected: name === value }, text);
  });
  const select = element("select", { id, onchange: (event) => changed(event.target.value) }, options);
  return element("label", { class: "control" }, title, select);
}

function copyButton(text) {
  const button = element("button", { type: "button", class: "quiet" }, "Copy");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  });
  return button;
}

function saveFile(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  element("a", { href: address, download: name }).click();
  URL.revokeObjectURL(address);
}

// What is not there, and what makes it.
function absences(names) {
  const absent = DATA.parts.filter((part) => names.includes(part.name) && !part.there);
  if (!absent.length) return null;
  const lines = absent.map((part) =>
    element("li", {}, `${part.study}: ${part.what} – make it with `, element("code", {}, part.command)),
  );
  return element("section", { class: "absent" }, element("h3", {}, "Not here"), element("ul", {}, lines));
}

// What a view leaves out, so that the page stays small.
async function leftOut(view) {
  const table = await openTable("left_out");
  const lines = table ? recordsOf(table, { view }).map((one) => one.line) : [];
  return lines.length ? element("p", { class: "absent" }, `Left out of this page: ${lines.join("; ")}. The folder data/results has all.`) : null;
}
