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

// The value of a key where it is one of the choices, else the first of them.
function chosen(key, choices) {
  const names = choices.map((choice) => (Array.isArray(choice) ? choice[0] : choice));
  const value = readState()[key];
  return names.includes(value) ? value : names[0];
}
