"use strict";
// The language study: recordings beside models, the layers of one, ceilings and networks.

const MEAN_REGION = "all";
const LANGUAGE_QUANTITIES = [
  ["score", "held-out r of the chosen layer"],
  ["normalised", "the same, over the ceiling"],
  ["beyond", "r beyond length, frequency and place"],
  ["nuisance", "r of length, frequency and place alone"],
  ["people_score", "r, mean over people"],
  ["people_normalised", "the same, over what people share"],
  ["surprisal", "correlation with surprisal"],
];
const TESTED_BY = { score: "q", normalised: "q", beyond: "beyond_q", surprisal: "surprisal_p" };

async function languageView() {
  const [scores, layers, networks, limits] = await Promise.all(["language_scores", "language_layers", "language_networks", "language_limits"].map(openTable));
  const head = element("h2", {}, "Language");
  const missing = absences(["language", "language_ceilings"]);
  if (!scores || !scores.rows) return [head, missing];
  const records = recordsOf(scores);
  const recordings = different(records, "recording");
  const models = different(records, "model");
  const recording = chosen("recording", recordings);
  const model = chosen("model", models);
  const quantities = LANGUAGE_QUANTITIES.filter(([name]) => records.some((one) => Number.isFinite(one[name])));
  const quantity = chosen("quantity", quantities);
  const controls = element("div", { class: "controls" },
    picker("language-quantity", "Quantity", quantities, quantity, (value) => go({ quantity: value })),
    picker("language-recording", "Recording", recordings, recording, (value) => go({ recording: value, area: "" })),
    picker("language-model", "Model", models, model, (value) => go({ model: value })));
  return [
    head,
    controls,
    recordingsPart(records, models, recordings, { quantity, model, title: quantities.find(([name]) => name === quantity)[1] }),
    regionsPart(records.filter((one) => one.recording === recording), layers, { quantity, model, recording }),
    scoreTable(records),
    networkTable(networks),
    limitTable(limits),
    await leftOut("language"),
    missing,
  ];
}

function recordingsPart(records, models, recordings, { quantity, model, title }) {
  const regions = records.filter((one) => one.region !== MEAN_REGION);
  const scale = scaleOf(records.map((one) => one[quantity]));
  const cell = (name, recording) => {
    const here = (one) => one.model === name && one.recording === recording;
    const one = records.find((some) => some.region === MEAN_REGION && here(some));
    const parts = regions.filter(here);
    const open = () => go({ model: name });
    if (!one) return { value: NaN, open };
    const stand = TESTED_BY[quantity] ? `; ${parts.filter((some) => some[TESTED_BY[quantity]] < 0.05).length} of ${parts.length} regions stand` : "";
    return { value: one[quantity], title: `${name}, ${recording}: ${shown(one[quantity])}, ceiling ${shown(one.ceiling)}${stand}`, open };
  };
  const head = element("h3", {}, "Models beside recordings");
  if (!records.some((one) => one.region === MEAN_REGION && Number.isFinite(one[quantity]))) return element("section", {}, head, element("p", {}, `${title}: no mean over regions, which differ in sign. Each is below.`));
  return element("section", {}, head,
    element("p", {}, `${title}: means over the regions of a recording but its control networks. Choose a model for its layers.`),
    heatTable({ rows: models, columns: recordings, cell, corner: "Model", scale, chosenRow: model }), colorKey(scale, title));
}

function regionsPart(records, layers, { quantity, model, recording }) {
  const regions = different(records, "region").filter((name) => name !== MEAN_REGION);
  const area = chosen("area", regions);
  const byPlace = new Map(records.map((one) => [`${one.region}\n${one.model}`, one]));
  const scale = scaleOf(records.map((one) => one[quantity]));
  const test = TESTED_BY[quantity];
  const cell = (region, name) => {
    const one = byPlace.get(`${region}\n${name}`);
    const open = () => go({ area: region });
    if (!one) return { value: NaN, open };
    return { value: one[quantity], found: test ? one[test] < 0.05 : false, title: `${region}, ${name}: ${shown(one[quantity])}, chance of r ${shown(one.null_mean)}, ceiling ${shown(one.ceiling)}`, open };
  };
  const people = different(records, "people").filter(Number.isFinite);
  const star = test ? ` * where ${test === "surprisal_p" ? "p, of this region alone," : "q"} is below .05.` : "";
  const who = different(records, "subject").join(", ");
  return element("section", {}, element("h3", {}, recording),
    element("p", {}, `Responses of ${who}${people.length ? `, ${people.join(" or ")} people` : ""}.${star} Choose a region for the layers of ${model}.`),
    element("div", { class: "beside" },
      element("div", {}, heatTable({ rows: regions, columns: different(records, "model"), cell, corner: "Region", scale, chosenRow: area }), colorKey(scale, quantity)),
      layersPart(records, layers, { model, recording, area })));
}

// Layers of a model, and of its twins: models of the same architecture.
function layersPart(records, table, { model, recording, area }) {
  const one = records.find((some) => some.region === area && some.model === model);
  const of = (name) => recordsOf(table, { recording, region: area, model: name }).map((some) => ({ ...some, subject: one.subject, ceiling: one.ceiling }));
  const rows = one && table ? of(model) : [];
  const head = element("h4", {}, `${area}: ${model}`);
  if (!rows.length) return element("div", { class: "detail" }, head, element("p", { class: "absent" }, "No layers of this model are here."));
  const twins = records.filter((some) => some.region === area && some.architecture === one.architecture && some.model !== model).map((some) => [some.model, of(some.model)]);
  return element("div", { class: "detail" }, head,
    element("p", {}, `Chosen by inner folds, most often: ${one.layer}; ceiling: ${one.ceiling_kind}.`),
    layerCurve(rows, twins, "held-out r"), layerRows(rows, "language-layers", "layers.csv"));
}

function scoreTable(records) {
  const number = (key, title) => ({ key, title, kind: "number" });
  const columns = [
    { key: "recording", title: "Recording" }, { key: "region", title: "Region" }, { key: "model", title: "Model" }, { key: "layer", title: "Layer" }, number("score", "Score"),
    INTERVAL, number("null_mean", "Chance"), { key: "q", title: "q", kind: "chance" },
    number("beyond", "Beyond nuisance"), number("nuisance", "Nuisance"), number("ceiling", "Ceiling"), number("normalised", "Score / ceiling"), number("people", "People"), number("surprisal", "Surprisal"),
  ];
  return element("details", {}, element("summary", {}, "All of these numbers"), dataTable({ id: "language-scores", columns, records, file: "language_scores.csv" }));
}

function networkTable(table) {
  if (!table || !table.rows) return null;
  const number = (key, title) => ({ key, title, kind: "number" });
  const columns = [
    { key: "recording", title: "Recording" }, { key: "model", title: "Model" }, { key: "network", title: "Control network" }, number("score", "Language"), number("control_score", "Control"),
    number("difference", "Difference"), INTERVAL, { key: "q", title: "q", kind: "chance" },
    number("people", "People"), number("ceiling", "Ceiling"), number("control_ceiling", "Ceiling of control"),
  ];
  return element("section", {}, element("h3", {}, "The language network beside control networks, mean over people"), dataTable({ id: "language-networks", columns, records: recordsOf(table), file: "networks.csv" }));
}

function limitTable(table) {
  if (!table || !table.rows) return null;
  const number = (key, title) => ({ key, title, kind: "number" });
  const columns = [
    { key: "dataset", title: "Recording" }, { key: "region", title: "Region" }, { key: "subject", title: "Who" }, { key: "kind", title: "Of what" }, { key: "curve", title: "Curve" },
    number("ceiling", "Ceiling"), INTERVAL, number("subjects", "People averaged"),
  ];
  return element("section", {}, element("h3", {}, "Ceilings"), dataTable({ id: "language-limits", columns, records: recordsOf(table), file: "language_ceilings.csv" }));
}
