"use strict";
// The story: layers beside regions, features in layers and in regions.

async function storyView() {
  const [encoding, probing, decoding] = await Promise.all(["encode", "probe", "decode"].map(openTable));
  return [
    element("h2", {}, "Story"),
    encoding && encoding.rows ? await encodingPart(encoding) : null,
    probing && probing.rows ? probingPart(probing) : null,
    decoding && decoding.rows ? decodingPart(decoding) : null,
    absences(["encode", "probe", "decode"]),
  ];
}

async function encodingPart(table) {
  const model = chosen("model", levelsOf(table, "model"));
  const metric = chosen("metric", levelsOf(table, "metric"));
  const records = recordsOf(table, { model, metric });
  const layers = different(records.filter((one) => one.kind !== "nested"), "layer");
  const regions = different(records, "region").sort();
  const byPlace = new Map(records.filter((one) => one.kind !== "nested").map((one) => [`${one.region}\n${one.layer}`, one]));
  const area = chosen("area", regions);
  const scale = scaleOf(recordsOf(table, { metric }).map((one) => one.score));
  const cell = (region, layer) => {
    const one = byPlace.get(`${region}\n${layer}`);
    const open = () => go({ area: region });
    if (!one) return { value: NaN, open };
    const title = `${region}, ${layer}: ${shown(one.score)}, chance ${shown(one.null_mean)}, ceiling ${shown(one.ceiling)}, q ${shownChance(one.q)}`;
    return { value: one.score, found: one.q < 0.05, title, open };
  };
  const here = records.filter((one) => one.region === area && one.kind === "hidden");
  const others = levelsOf(table, "model").filter((name) => name !== model);
  const twins = others.map((name) => [name, recordsOf(table, { model: name, metric, region: area }).filter((one) => one.kind === "hidden")]);
  return element("section", {},
    element("h3", {}, `Regions predicted from layers of ${model}`),
    element("p", {}, `Held-out correlation (${metric}), ${different(records, "subject").join(", ")}, recording ${different(records, "dataset").join(", ")}; * where q is below .05. Choose a region for the curve of its layers.`),
    element("div", { class: "controls" }, picker("story-model", "Model", levelsOf(table, "model"), model, (value) => go({ model: value })), picker("story-metric", "Metric", levelsOf(table, "metric"), metric, (value) => go({ metric: value })), picker("story-area", "Region", regions, area, (value) => go({ area: value }))),
    element("div", { class: "beside" },
      element("div", {}, heatTable({ rows: regions, columns: layers, cell, corner: "Region", scale, chosenRow: area }), colorKey(scale, metric)),
      element("div", { class: "detail" }, element("h4", {}, area), layerCurve(here, twins, metric), layerRows(here, "story-layers", "layers.csv"))));
}

function probingPart(table) {
  const model = chosen("model", levelsOf(table, "model"));
  const records = recordsOf(table, { model });
  const layers = different(records, "layer");
  const types = different(records, "type");
  const byPlace = new Map(records.map((one) => [`${one.type}\n${one.layer}`, one]));
  const scale = scaleOf(recordsOf(table).map((one) => one.score));
  const cell = (type, layer) => featureCell(byPlace.get(`${type}\n${layer}`));
  return element("section", {}, element("h3", {}, `Features read from layers of ${model}`),
    element("p", {}, "Mean held-out correlation over the features of a type; * where most of them stand against every null."),
    heatTable({ rows: types, columns: layers, cell, corner: "Type of feature", scale }), colorKey(scale, "r"));
}

function decodingPart(table) {
  const records = recordsOf(table);
  const types = different(records, "type");
  const byPlace = new Map(records.map((one) => [`${one.region}\n${one.type}`, one]));
  const scale = scaleOf(records.map((one) => one.score));
  const cell = (region, type) => featureCell(byPlace.get(`${region}\n${type}`));
  return element("section", {}, element("h3", {}, "Features read from regions"),
    element("p", {}, `Mean held-out correlation over the features of a type, ${different(records, "subject").join(", ")}; * where most of them have q below .05.`),
    heatTable({ rows: different(records, "region").sort(), columns: types, cell, corner: "Region", scale }), colorKey(scale, "r"));
}

function featureCell(one) {
  if (!one) return null;
  const title = `${shown(one.score)}, chance ${shown(one.null_mean)}, ceiling ${shown(one.ceiling)}; ${Math.round(one.upheld * one.features)} of ${one.features} features stand`;
  return { value: one.score, found: one.upheld > 0.5, title };
}
