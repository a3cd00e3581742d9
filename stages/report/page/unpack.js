"use strict";
// The tables that the page carries, unpacked when a view first asks for them.

const DATA = JSON.parse(document.getElementById("data").textContent);
const TABLES = new Map();
const [NOT_KNOWN, NEAR_ZERO] = [-32768, 32767]; // of thousandths

// A table has rows (their number) and columns by name: values, and of text also levels.
function openTable(name) {
  if (!(name in DATA.tables)) return Promise.resolve(null);
  if (!TABLES.has(name)) TABLES.set(name, unpackTable(DATA.tables[name]));
  return TABLES.get(name);
}

async function unpackTable(packed) {
  const names = Object.keys(packed.columns);
  const columns = await Promise.all(names.map((name) => unpackColumn(packed.columns[name])));
  const byName = Object.fromEntries(names.map((name, place) => [name, columns[place]]));
  return { rows: packed.rows, rounded: packed.rounded, columns: byName };
}

async function unpackColumn(packed) {
  const bytes = await unpackBytes(packed);
  if (packed.kind === "number") return { kind: "number", rounded: packed.width === 2, values: asNumbers(bytes, packed.width) };
  return { kind: packed.kind, levels: packed.levels, values: asCounts(bytes, packed.width) };
}

// Bytes of whole values: all first bytes come first in what is packed, then all second ones.
async function unpackBytes(packed) {
  const signs = atob(packed.data);
  const deflated = new Uint8Array(signs.length);
  for (let place = 0; place < signs.length; place += 1) deflated[place] = signs.charCodeAt(place);
  const stream = new Blob([deflated]).stream().pipeThrough(new DecompressionStream("deflate"));
  const planes = new Uint8Array(await new Response(stream).arrayBuffer());
  return packed.width === 1 ? planes : wholeValues(planes, packed.width);
}

function wholeValues(planes, width) {
  const count = planes.length / width;
  const bytes = new Uint8Array(planes.length);
  for (let plane = 0; plane < width; plane += 1) {
    const from = plane * count;
    for (let place = 0; place < count; place += 1) bytes[place * width + plane] = planes[from + place];
  }
  return bytes;
}

function asCounts(bytes, width) {
  const type = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array }[width];
  return new type(bytes.buffer);
}

// Numbers of 16 bits stay so, since few of a large table are ever shown; `valueAt` reads them.
function asNumbers(bytes, width) {
  return width === 8 ? new Float64Array(bytes.buffer) : new Int16Array(bytes.buffer);
}

// Thousandths; NaN where missing, and next to 0 what is not 0 but would be rounded to it.
function thousandthValue(whole) {
  if (whole === NOT_KNOWN) return NaN;
  return Math.abs(whole) === NEAR_ZERO ? Math.sign(whole) * 1e-4 : whole / 1000;
}

function valueAt(table, name, row) {
  const column = table.columns[name];
  const value = column.values[row];
  if (column.rounded) return thousandthValue(value);
  if (column.kind === "text") return column.levels[value];
  return column.kind === "flag" ? value === 1 : value;
}

// Numbers of the rows in which text columns have the given values.
function findRows(table, wanted) {
  const tests = [];
  for (const [name, value] of Object.entries(wanted)) {
    const column = table.columns[name];
    const code = column.levels.indexOf(value);
    if (code < 0) return [];
    tests.push([column.values, code]);
  }
  const found = [];
  for (let row = 0; row < table.rows; row += 1) {
    if (tests.every(([values, code]) => values[row] === code)) found.push(row);
  }
  return found;
}

function recordAt(table, row) {
  const names = Object.keys(table.columns);
  return Object.fromEntries(names.map((name) => [name, valueAt(table, name, row)]));
}

function recordsOf(table, wanted = {}) {
  return findRows(table, wanted).map((row) => recordAt(table, row));
}

// What a text column says, each once, in the order of the rows.
function levelsOf(table, name) {
  return table.columns[name].levels;
}

function different(records, name) {
  return [...new Set(records.map((record) => record[name]))];
}

function meanOf(numbers) {
  const known = numbers.filter((number) => !Number.isNaN(number));
  return known.length ? known.reduce((sum, number) => sum + number, 0) / known.length : NaN;
}

// A mean that is known where everybody's number is.
function meanOfAll(numbers) {
  return numbers.some(Number.isNaN) ? NaN : meanOf(numbers);
}
