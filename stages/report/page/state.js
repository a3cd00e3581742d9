"use strict";
// What is shown, as the address says it: #view=cortex&model=…&area=…

function readState() {
  return Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
}

// Show something else: keys that are given change, the others stay.
function go(changes) {
  location.hash = hashOf(changes);
}

// Keep in the address what is shown already.
function remember(changes) {
  history.replaceState(null, "", `#${hashOf(changes)}`);
}

function hashOf(changes) {
  const state = { ...readState(), ...changes };
  const kept = Object.entries(state).filter(([, value]) => value !== "" && value !== null);
  return new URLSearchParams(kept).toString();
}

// What the address asks for and the page does not have, by key: what is shown in its place.
const UNMET = new Map();

// The value of a key where it is one of the choices, else the first of them, which is told.
function chosen(key, choices) {
  const names = choices.map((choice) => (Array.isArray(choice) ? choice[0] : choice));
  const value = readState()[key];
  if (names.includes(value)) return value;
  if (value !== undefined) UNMET.set(key, `${key} “${value}” (shown: ${names[0] ?? "none"})`);
  return names[0];
}
