"use strict";
// Lines, dots, bars and heat tables.

// Viridis, at nine places.
const SCALE = ["#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"];
// From below 0 to above it: blue, white, red.
const DIVERGING = ["#053061", "#2166ac", "#4393c3", "#92c5de", "#f7f7f7", "#f4a582", "#d6604d", "#b2182b", "#67001f"];
// Dots, told apart without colour.
const DOTS = { disc: "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0Z", triangle: "M0 -5.5L5 4H-5Z", diamond: "M0 -6L5 0L0 6L-5 0Z", cross: "M-4 -4L4 4M-4 4L4 -4", plus: "M-5 0H5M0 -5V5" };

function scaleOf(numbers) {
  const known = numbers.filter((number) => Number.isFinite(number));
  const low = Math.min(0, ...known);
  return { low, high: Math.max(low + 0.01, ...known) };
}

function colorParts(number, { low, high, colors = SCALE }) {
  const place = Math.min(1, Math.max(0, (number - low) / (high - low))) * (colors.length - 1);
  const from = Math.min(colors.length - 2, Math.floor(place));
  const mixed = [1, 3, 5].map((at) => {
    const [a, b] = [colors[from], colors[from + 1]].map((color) => parseInt(color.slice(at, at + 2), 16));
    return Math.round(a + (b - a) * (place - from));
  });
  return mixed;
}

// Black where it stands out more than white does: contrast is of light that is emitted (WCAG 2).
function inkOn(parts) {
  const [red, green, blue] = parts.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000" : "#fff";
}

function colorKey(scale, title) {
  const colors = scale.colors ?? SCALE;
  const id = `scale${colors[0].slice(1)}`;
  const stops = colors.map((color, place) =>
    drawn("stop", { offset: place / (colors.length - 1), "stop-color": color }));
  return element("figure", { class: "key" }, element("figcaption", {}, title),
    shown(scale.low, 2),
    drawn("svg", { width: 160, height: 12, role: "img", "aria-label": "colours from low to high" },
      drawn("defs", {}, drawn("linearGradient", { id }, stops)),
      drawn("rect", { width: 160, height: 12, fill: `url(#${id})` })),
    shown(scale.high, 2));
}

function ticksOf(low, high) {
  const step = 10 ** Math.floor(Math.log10((high - low) / 2));
  const nice = [1, 2, 5, 10].map((by) => by * step).find((by) => (high - low) / by <= 6);
  const ticks = [];
  for (let at = Math.ceil(low / nice - 1e-9); at <= high / nice + 1e-9; at += 1) ticks.push(at * nice);
  return ticks;
}

// series: name, color, points ([x, y], either may be missing), dash, faint, mark (of DOTS); bands:
// color and points ([x, low, high]); levels: name, y. Dots only where `dots`; from 0 on where `zero`.
function chart({ series, bands = [], levels = [], x, y, ticks = null, cursor = null, dots = false, zero = true, label = (at) => shown(at, 2) }) {
  const frame = { width: 560, height: 300, left: 56, right: 16, top: 14, bottom: 46 };
  const xs = series.flatMap((one) => one.points.map((point) => point[0])).filter(Number.isFinite);
  const ys = [
    ...series.flatMap((one) => one.points.map((point) => point[1])),
    ...bands.flatMap((band) => band.points.flatMap((point) => point.slice(1))),
    ...levels.map((level) => level.y),
  ].filter(Number.isFinite);
  if (!xs.length || !ys.length) return element("p", { class: "absent" }, "Nothing to draw: all values are missing.");
  const [left, right] = widened(Math.min(...xs), Math.max(...xs));
  const [low, high] = widened(Math.min(...(zero ? [0] : []), ...ys), Math.max(...ys));
  const atX = (value) => frame.left + ((value - left) / (right - left)) * (frame.width - frame.left - frame.right);
  const atY = (value) => frame.height - frame.bottom - ((value - low) / (high - low)) * (frame.height - frame.top - frame.bottom);
  const marks = [
    ...ticksOf(low, high).map((value) => axisTick(frame, null, atY(value), shown(value, 2))),
    ...(ticks ?? ticksOf(left, right)).map((value) => axisTick(frame, atX(value), null, label(value))),
    drawn("text", { x: (frame.left + frame.width) / 2, y: frame.height - 6, "text-anchor": "middle" }, x),
    drawn("text", { x: 12, y: frame.height / 2, transform: `rotate(-90 12 ${frame.height / 2})`, "text-anchor": "middle" }, y),
    ...bands.map((band) => drawn("path", { d: bandPath(band.points, atX, atY), fill: band.color, opacity: 0.25 })),
    ...series.flatMap((one) => lineOf(one, atX, atY, dots)),
    ...levels.map((level) => drawn("g", { class: "level" },
      drawn("line", { x1: frame.left, x2: frame.width - frame.right, y1: atY(level.y), y2: atY(level.y) }),
      drawn("text", { x: frame.width - frame.right, y: atY(level.y) - 4, "text-anchor": "end" }, `${level.name} ${shown(level.y)}`))),
    cursor === null ? null : drawn("line", { class: "cursor", x1: atX(cursor), x2: atX(cursor), y1: frame.top, y2: frame.height - frame.bottom }),
  ];
  const picture = drawn("svg", { viewBox: `0 0 ${frame.width} ${frame.height}`, class: "chart", role: "img", "aria-label": `${y} by ${x}` }, marks);
  return element("figure", {}, picture, legendOf(series, dots));
}

function widened(low, high) {
  const room = (high - low || 0.1) * 0.04;
  return [low === 0 ? 0 : low - room, high + room];
}

function axisTick(frame, x, y, text) {
  if (x === null) {
    return drawn("g", { class: "tick" },
      drawn("line", { x1: frame.left, x2: frame.width - frame.right, y1: y, y2: y }),
      drawn("text", { x: frame.left - 6, y: y + 4, "text-anchor": "end" }, text));
  }
  return drawn("g", { class: "tick" },
    drawn("text", { x, y: frame.height - frame.bottom + 16, "text-anchor": "middle" }, text));
}

function bandPath(points, atX, atY) {
  const known = points.filter((point) => point.every(Number.isFinite));
  if (!known.length) return "";
  const there = known.map(([x, , high]) => `${atX(x)} ${atY(high)}`);
  const back = known.map(([x, low]) => `${atX(x)} ${atY(low)}`).reverse();
  return `M${[...there, ...back].join("L")}Z`;
}

// A line breaks where a value is missing.
function lineOf(one, atX, atY, dots) {
  let pen = "M";
  const steps = [];
  for (const [x, y] of one.points) {
    const known = Number.isFinite(x) && Number.isFinite(y);
    if (known) steps.push(`${pen}${atX(x)} ${atY(y)}`);
    pen = known ? "L" : "M";
  }
  const known = one.points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  const said = ([, y, name]) => drawn("title", {}, `${name ?? one.name}: ${shown(y)}`);
  if (dots) return known.map((point) => drawn("g", { transform: `translate(${atX(point[0])} ${atY(point[1])})` }, dotOf(one), said(point)));
  const line = drawn("path", { d: steps.join(""), stroke: one.color, fill: "none", "stroke-width": one.faint ? 1 : 2.2, "stroke-dasharray": one.dash ?? null });
  return [line, ...known.map((point) => drawn("circle", { cx: atX(point[0]), cy: atY(point[1]), r: one.faint ? 1.5 : 3, fill: one.color }, said(point)))];
}

function dotOf({ color, mark }) {
  return drawn("path", { d: DOTS[mark], fill: color, stroke: color, "stroke-width": 1.6 });
}

function legendOf(series, dots) {
  const named = series.filter((one, place) => series.findIndex((other) => other.name === one.name) === place);
  return element("figcaption", { class: "legend" }, named.map((one) =>
    element("span", {},
      dots
        ? drawn("svg", { width: 14, height: 14, viewBox: "-7 -7 14 14" }, dotOf(one))
        : drawn("svg", { width: 22, height: 10 }, drawn("line", { x1: 0, x2: 22, y1: 5, y2: 5, stroke: one.color, "stroke-width": 3, "stroke-dasharray": one.dash ?? null })),
      one.name)));
}

// A table whose cells are coloured; cell(row, column) has value, and may have found, planted, title, open.
function heatTable({ rows, columns, cell, corner, scale, chosenRow = null }) {
  const heads = columns.map((name) => element("th", { scope: "col" }, element("span", {}, name)));
  const body = rows.map((row) => element("tr", { "aria-current": row === chosenRow ? "true" : null },
    element("th", { scope: "row" }, heatName(row, cell(row, columns[0])?.open)),
    columns.map((column) => heatCell(cell(row, column), scale))));
  return element("div", { class: "scroll heat", tabindex: "0", role: "region", "aria-label": corner },
    element("table", {}, element("thead", {}, element("tr", {}, element("th", {}, corner), heads)), element("tbody", {}, body)));
}

function heatName(name, open) {
  return open ? element("button", { type: "button", class: "link", onclick: open }, name) : name;
}

function heatCell(one, scale) {
  if (!one || Number.isNaN(one.value)) return element("td", { class: "missing", title: "missing" }, MISSING);
  const parts = colorParts(one.value, scale);
  const style = { backgroundColor: `rgb(${parts.join(" ")})`, color: inkOn(parts) };
  const told = one.planted ? `${one.title}; planted` : one.title;
  return element("td", { style, title: told ?? null, class: one.planted ? "planted" : null }, shown(one.value, 2), one.found ? "*" : "");
}

// Horizontal bars with a number each.
function bars(records, title) {
  const scale = scaleOf(records.map((one) => one.value));
  const span = scale.high - scale.low;
  const lines = records.map((one) => {
    const known = Number.isFinite(one.value);
    const from = known ? ((Math.min(0, one.value) - scale.low) / span) * 100 : 0;
    const style = { marginLeft: `${from}%`, width: known ? `${(Math.abs(one.value) / span) * 100}%` : "0" };
    return element("tr", {}, element("th", { scope: "row" }, one.name),
      element("td", { class: "bar" }, element("div", { style })),
      element("td", { class: "number" }, shown(one.value)),
      element("td", { class: "number" }, shownInterval(one.low, one.high)));
  });
  return element("table", { class: "bars" }, element("caption", {}, title), element("tbody", {}, lines));
}
