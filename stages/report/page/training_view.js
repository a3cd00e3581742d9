"use strict";
// The courses of training, with a slider over the checkpoints.

const CHOSEN_LAYER = "chosen";
const EVERYWHERE = "all";

async function trainingView() {
  const table = await openTable("courses");
  const head = element("h2", {}, "Trajectories");
  const missing = absences(["trajectory_story", "trajectory_scene"]);
  if (!table || !table.rows) return [head, missing];
  const records = recordsOf(table).map((one) => ({ ...one, line: lineOfRun(one) }));
  const lines = different(records, "line");
  const line = chosen("line", lines);
  const here = records.filter((one) => one.line === line);
  const quantities = different(here, "quantity");
  const quantity = chosen("quantity", quantities);
  const kept = here.filter((one) => one.quantity === quantity);
  return [
    head,
    element("div", { class: "controls" }, picker("training-line", "Family", lines, line, (value) => go({ line: value, quantity: "", measure: "", step: "" })), picker("training-quantity", "Quantity", quantities, quantity, (value) => go({ quantity: value, measure: "" }))),
    element("h3", {}, `${line}: ${quantity}`),
    courseParts(kept, await besideControl(records, line, quantity)),
    await riseTable(line, "rises", "How far it rises", RISE),
    await riseTable(line, "controls", "Beside its control", BESIDE),
    await leadTable(line),
    missing,
  ];
}

// The courses of a line's control, of the same weights where it has such.
async function besideControl(records, line, quantity) {
  const own = records.find((one) => one.line === line);
  const table = await openTable("controls");
  if (!table || !table.rows) return [];
  const named = recordsOf(table).find((one) => lineOfRun({ ...one, size: own.size }) === line);
  if (!named) return [];
  const theirs = records.filter((one) => one.study === own.study && one.of === named.control && one.quantity === quantity && one.size === own.size);
  const same = theirs.filter((one) => one.weights === own.weights);
  return same.length ? same : theirs.filter((one) => !one.weights);
}

function lineOfRun(one) {
  return `${one.study}: ${[one.of, one.size, one.weights].filter(Boolean).join(" ")}`;
}

function courseParts(records, control) {
  const aligned = records.filter((one) => one.side === "alignment" && one.layer === CHOSEN_LAYER);
  const measures = different(aligned, "measure");
  const measure = chosen("measure", measures);
  const ours = aligned.filter((one) => one.measure === measure);
  const performed = records.filter((one) => one.side === "performance");
  const steps = different(records, "step").sort((a, b) => a - b);
  const state = { place: steps.indexOf(Number(chosen("step", steps.toReversed().map(String)))) };
  const out = element("output", { for: "training-step" });
  const picture = element("div");
  const regions = element("div");
  const slider = element("input", { type: "range", id: "training-step", min: 0, max: steps.length - 1, value: state.place, oninput: (event) => { state.place = Number(event.target.value); redraw(); } });

  function redraw() {
    const step = steps[state.place];
    remember({ step });
    const seen = records.find((one) => one.step === step).seen;
    out.textContent = `step ${shown(step)} (${shown(seen)} seen)`;
    slider.setAttribute("aria-valuetext", out.textContent);
    const beside = control.filter((one) => one.side === "alignment" && one.layer === CHOSEN_LAYER && one.measure === measure && one.region === EVERYWHERE);
    picture.replaceChildren(courseChart(ours.filter((one) => one.region === EVERYWHERE), beside, steps, state.place, `alignment (${measure})`, "#0072b2"),
      ...different(performed, "measure").map((name) => courseChart(performed.filter((one) => one.measure === name), control.filter((one) => one.measure === name), steps, state.place, name, "#d55e00", false)));
    regions.replaceChildren(regionBars(ours.filter((one) => one.step === step), measure, step));
  }

  redraw();
  return element("section", {},
    element("div", { class: "controls" }, picker("training-measure", "Measure", measures, measure, (value) => go({ measure: value })), element("label", { class: "control wide" }, "Checkpoint", slider, out)),
    element("div", { class: "beside" }, picture, regions));
}

// Steps double: their places, not their numbers, are the axis, so that none hides the others.
function courseChart(records, control, steps, place, y, color, zero = true) {
  const some = steps.map((step) => records.find((one) => one.step === step));
  const points = some.map((one, at) => [at, one ? one.mean : NaN, `step ${steps[at]}`]);
  const band = some.map((one, at) => [at, one ? one.low : NaN, one ? one.high : NaN]);
  const runs = Math.max(0, ...records.map((one) => one.n_runs).filter(Number.isFinite));
  const every = Math.ceil(steps.length / 8);
  const ticks = steps.map((_, at) => at).filter((at) => at % every === 0);
  const named = runs > 1 ? `mean of ${runs} runs, 95 %` : "one run: no interval";
  const theirs = steps.map((step, at) => [at, (control.find((one) => one.step === step) || {}).mean ?? NaN]);
  const dashed = control.length ? [{ name: "its control", color, points: theirs, dash: "5 4" }] : [];
  return chart({ series: [{ name: named, color, points }, ...dashed], bands: [{ color, points: band }], x: "step (checkpoints, evenly spaced)", y, ticks, label: (at) => shown(steps[at]), cursor: place, zero });
}

function regionBars(records, measure, step) {
  const some = records.filter((one) => one.region !== EVERYWHERE).sort((a, b) => b.mean - a.mean);
  if (!some.length) return element("p", {}, "No regions of their own.");
  return bars(some.map((one) => ({ name: one.region, value: one.mean, low: one.low, high: one.high })), `Regions at step ${shown(step)}: ${measure}`);
}

const RISE = [{ key: "rise", title: "Rise", kind: "number", digits: 3 }];
const BESIDE = [
  { key: "control", title: "Control" }, ...RISE, { key: "control_rise", title: "Rise of the control", kind: "number", digits: 3 },
  { key: "difference", title: "Difference", kind: "number", digits: 3 }, { key: "verdict", title: "Verdict" },
];

async function riseTable(line, name, title, own) {
  const table = await openTable(name);
  if (!table || !table.rows) return null;
  const records = recordsOf(table).filter((one) => lineOfRun(one) === line || lineOfRun({ ...one, size: "" }) === line);
  if (!records.length) return null;
  const columns = [
    { key: "region", title: "Region", saved: ["study", "of", "weights", "region"] }, { key: "size", title: "Size" }, ...own,
    INTERVAL,
    { key: "over", title: "Over" }, { key: "n_runs", title: "Runs", kind: "number", digits: 0 }, { key: "reason", title: "Why not" },
  ];
  return element("section", {}, element("h3", {}, title), dataTable({ id: name, columns, records, file: `${name}.csv` }));
}

async function leadTable(line) {
  const table = await openTable("leads");
  if (!table || !table.rows) return null;
  const records = recordsOf(table).map((one) => ({ ...one, line: lineOfRun(one) }));
  const columns = [
    { key: "region", title: "Region", saved: ["study", "of", "weights", "region"] }, { key: "metric", title: "Alignment by" }, { key: "measure", title: "Before" }, { key: "share", title: "At share of the rise", kind: "number", digits: 2 },
    { key: "lead", title: "Lead, octaves", kind: "number", digits: 2 }, INTERVAL,
    { key: "over", title: "Over" }, { key: "verdict", title: "Verdict" }, { key: "reason", title: "Why not" },
  ];
  return element("section", {}, element("h3", {}, "What comes first"), measuredLate(line), dataTable({ id: "leads", columns, records: records.filter((one) => one.line === line), file: "leads.csv" }));
}

// Leads are of what is measured: from few data it rises later than what layers hold.
function measuredLate(line) {
  if (!line.startsWith("story: ")) return null;
  const planted = DATA.metrics.trajectory?.["story.planted"];
  const { onset_delay: late, onset_delay_low: low, onset_delay_high: high, planted_lead: lead, lead_heldout_loss: read } = planted ?? {};
  const told = Number.isFinite(late) ? `in the planted family by ${shown(late, 1)} octaves (95 % interval ${shownInterval(low, high)}), and its lead of ${shown(lead, 1)} is read as ${shown(read, 1)}` : "by how much, a planted family tells, and none is recorded here";
  return element("p", { class: "note" }, `Alignment is measured late where data are few: ${told}. That it follows performance is weak evidence.`);
}
