"use strict";
// Tables to sort, search and save.

const MOST_ROWS = 100;
const INTERVAL = { key: "low", title: "95 % interval", kind: "number", saved: ["low", "high"], show: (one) => shownInterval(one.low, one.high) };

// id: tells the tables of a view apart, in the address too. columns: key, title, kind (text,
// number, chance, interval…), show (of a record, text or a node), compare (of a record: what it is
// sorted by), saved (keys of what is searched and saved, where they are others). choose: what a click on the first cell does with its record.
function dataTable({ id, columns, records, file, choose, chosenRow }) {
  const state = readState();
  const view = { sort: state[`${id}.sort`], down: state[`${id}.down`] === "1", all: state[`${id}.all`] === "1" };
  const search = element("input", {
    type: "search",
    id: `${id}-find`,
    placeholder: " ",
    value: state[`${id}.find`] ?? "",
    oninput: () => redraw(),
  });
  const count = element("span", { class: "count", "aria-live": "polite" });
  const body = element("tbody");
  const more = element("button", { type: "button", class: "quiet", onclick: showAll }, "Show all");
  const heads = columns.map(headCell);

  function headCell(column) {
    const button = element("button", { type: "button", onclick: () => sortBy(column) }, column.title);
    return element("th", { scope: "col", class: column.kind ?? "text", title: column.about ?? null }, button);
  }

  function sortBy(column) {
    view.down = view.sort === column.key ? !view.down : column.kind !== "text";
    view.sort = column.key;
    redraw();
  }

  function showAll() {
    view.all = true;
    redraw();
  }

  function redraw() {
    remember({ [`${id}.sort`]: view.sort ?? "", [`${id}.down`]: view.sort && view.down ? "1" : "", [`${id}.find`]: search.value, [`${id}.all`]: view.all ? "1" : "" });
    const found = sorted(records.filter(matches), columns, view);
    const visible = view.all ? found : found.slice(0, MOST_ROWS);
    body.replaceChildren(...visible.map(rowOf));
    more.hidden = visible.length === found.length;
    count.textContent = `${found.length} of ${records.length} rows${more.hidden ? "" : `, the first ${visible.length} here`}`;
    heads.forEach((head, place) => {
      const here = columns[place].key === view.sort;
      head.setAttribute("aria-sort", here ? (view.down ? "descending" : "ascending") : "none");
    });
  }

  function matches(record) {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const text = columns.flatMap(keysOf).map((key) => String(record[key])).join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  }

  function rowOf(record) {
    const cells = columns.map((column, place) => {
      const content = column.show ? column.show(record) : plain(column, record[column.key]);
      const opens = place === 0 && choose;
      const inside = opens
        ? element("button", { type: "button", class: "link", onclick: () => choose(record) }, content)
        : content;
      return element(place === 0 ? "th" : "td", { class: column.kind ?? "text", scope: place === 0 ? "row" : null }, inside);
    });
    return element("tr", { "aria-current": chosenRow && chosenRow(record) ? "true" : null }, cells);
  }

  redraw();
  const save = element("button", { type: "button", class: "quiet", onclick: () => saveFile(file, csvOf(columns, sorted(records.filter(matches), columns, view))) }, "Save as CSV");
  return element("div", { class: "table", id },
    element("div", { class: "controls" }, element("label", { class: "control" }, "Search", search), save, count),
    element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `table ${file.replace(".csv", "")}` },
      element("table", {}, element("thead", {}, element("tr", {}, heads)), body)),
    more);
}

// A table below a picture of the same numbers, closed at first.
function theseNumbers(table) {
  return element("details", {}, element("summary", {}, "These numbers"), dataTable(table));
}

function plain(column, value) {
  if (value === undefined) return MISSING;
  if (column.kind === "chance") return shownChance(value);
  if (column.kind === "number") return shown(value, column.digits);
  return typeof value === "boolean" ? (value ? "yes" : "no") : value === "" ? MISSING : value;
}

// What is missing comes last, whichever way the others are sorted.
function sorted(records, columns, { sort, down }) {
  const column = columns.find((one) => one.key === sort);
  if (!column) return records;
  const of = column.compare ?? ((record) => record[column.key]);
  const lacks = (value) => value === "" || value === null || value === undefined || Number.isNaN(value);
  return [...records].sort((first, second) => {
    const [a, b] = [of(first), of(second)];
    if (lacks(a) || lacks(b)) return lacks(a) - lacks(b);
    const order = typeof a === "string" ? a.localeCompare(b, "en", { numeric: true }) : a - b;
    return down ? -order : order;
  });
}

// Numbers in full; missing ones are empty; a text that a spreadsheet would calculate is quoted.
function csvOf(columns, records) {
  const keys = columns.flatMap(keysOf);
  const lines = [keys, ...records.map((record) => keys.map((key) => record[key]))];
  return lines.map((line) => `${line.map(csvCell).join(",")}\n`).join("");
}

function keysOf(column) {
  return column.saved ?? [column.key];
}

function csvCell(value) {
  if (typeof value === "number") return Number.isNaN(value) ? "" : String(value);
  const text = String(value ?? "").replace(/^([=+@\t\r]|-(?![\d.]))/, "'$&");
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
