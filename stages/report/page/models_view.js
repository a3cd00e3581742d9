"use strict";
// The models of all studies: size, performance where it is known, and agreement.

const AXES = [["parameters", "parameters (log)"], ["width", "width"], ["layers", "layers"], ["bits_per_byte", "bits per byte of the text (less is better)"]];
// What has learnt nothing is drawn first, under what has.
const KINDS = { untrained: ["#8c8c8c", "cross"], noise: ["var(--ink)", "plus"], both: ["#009e73", "diamond"], language: ["#d55e00", "triangle"], vision: ["#0072b2", "disc"] };

async function modelsView() {
  const table = await openTable("models");
  const head = element("h2", {}, "Models");
  const missing = absences(["models", "survey", "language", "scene_relations", "language_relations"]);
  if (!table) return [head, missing];
  const records = recordsOf(table);
  const groups = different(records.map((one) => ({ group: groupOf(one) })), "group");
  const preferred = records.find((one) => one.metric === DATA.metric);
  const order = preferred ? [groupOf(preferred), ...groups.filter((one) => one !== groupOf(preferred))] : groups;
  const group = chosen("group", order);
  const kept = records.filter((one) => groupOf(one) === group);
  const known = AXES.filter(([name]) => kept.some((one) => Number.isFinite(one[name])));
  const axes = known.length ? known : AXES.slice(0, 1);
  const axis = chosen("x", axes);
  return [
    head,
    element("div", { class: "controls" }, picker("models-group", "Study, recording and metric", groups, group, (value) => go({ group: value })), picker("models-x", "Against", axes, axis, (value) => go({ x: value }))),
    element("h3", {}, group),
    modelScatter(kept, axis),
    modelTable(kept),
    await relationTable(),
    missing,
  ];
}

function groupOf(record) {
  return `${record.study}: ${record.recording || "all"}, ${record.metric}`;
}

function kindOf(record) {
  return record.modality === "noise" ? "noise" : record.trained ? record.modality || "language" : "untrained";
}

function modelScatter(records, axis) {
  const logged = axis === "parameters";
  const at = (record) => (logged ? Math.log10(record[axis]) : record[axis]);
  const series = Object.keys(KINDS).map((kind) => ({
    name: kind,
    color: KINDS[kind][0],
    mark: KINDS[kind][1],
    points: records.filter((one) => kindOf(one) === kind).map((one) => [at(one), one.score, one.model]),
  })).filter((one) => one.points.some(([x, y]) => Number.isFinite(x) && Number.isFinite(y)));
  const title = AXES.find(([name]) => name === axis)[1];
  const lost = records.filter((one) => !Number.isFinite(at(one)) || !Number.isFinite(one.score)).map((one) => one.model);
  return element("div", {},
    chart({ series, x: title, y: "mean score", dots: true, ticks: logged ? roundTicks(records.map(at)) : null, label: (value) => (logged ? compact(10 ** value) : shown(value, 2)) }),
    lost.length ? element("p", { class: "note" }, `Not drawn, since they have no place on these axes: ${lost.join(", ")}.`) : null);
}

// 1, 2 and 5 times a power of ten, as logarithms.
function roundTicks(numbers) {
  const known = numbers.filter(Number.isFinite);
  if (!known.length) return null;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const ticks = [];
  for (let power = Math.floor(low); power <= high; power += 1) {
    for (const by of high - low > 3 ? [1] : [1, 2, 5]) ticks.push(power + Math.log10(by));
  }
  const inside = ticks.filter((at) => at >= low && at <= high);
  return inside.length ? inside : [low];
}

function compact(number) {
  return new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 }).format(number);
}

function modelTable(records) {
  const columns = [
    { key: "model", title: "Model", saved: ["study", "recording", "metric", "model"] },
    { key: "modality", title: "Modality" },
    { key: "trained", title: "Trained" },
    { key: "score", title: "Score", kind: "number", about: "mean over regions (and people) of the layers chosen on other data" },
    { key: "null", title: "Chance", kind: "number" },
    { key: "ceiling", title: "Ceiling", kind: "number", about: "mean over the regions that have one" },
    { key: "share", title: "Score / ceiling", kind: "number", about: "mean score over mean ceiling, of the regions that have a ceiling" },
    { key: "found", title: "Found", kind: "number", saved: ["found", "regions"], about: "regions with q below .05", show: (one) => (Number.isFinite(one.found) ? `${one.found} of ${one.regions}` : MISSING) },
    { key: "parameters", title: "Parameters", kind: "number" },
    { key: "layers", title: "Layers", kind: "number" },
    { key: "width", title: "Width", kind: "number" },
    { key: "bits_per_byte", title: "Bits per byte", kind: "number" },
    { key: "error", title: "Error", show: (one) => one.error || MISSING },
  ];
  const inScene = records.some((one) => one.study === "scene");
  return dataTable({ id: "models", columns, records, file: "models.csv", choose: inScene ? (one) => go({ view: "cortex", model: one.model, metric: one.metric }) : null, chosenRow: (one) => one.model === readState().model });
}

async function relationTable() {
  const table = await openTable("relations");
  if (!table) return null;
  const title = element("h3", {}, "Agreement beside performance and size, over models");
  if (!table.rows) return element("section", {}, title, element("p", {}, "No relation: too few models, or no performance of theirs is known."));
  const columns = [
    { key: "benchmark", title: "Beside" }, { key: "study", title: "Study" }, { key: "modality", title: "Modality" }, { key: "metric", title: "Metric" },
    { key: "statistic", title: "Statistic" }, { key: "n", title: "Models", kind: "number" }, { key: "value", title: "Value", kind: "number" },
    INTERVAL, { key: "q", title: "q", kind: "chance" },
  ];
  return element("section", {}, title, dataTable({ id: "relations", columns, records: recordsOf(table), file: "relations.csv" }));
}
