"use strict";
// The story: layers beside regions; features in layers, heads and regions; profiles of both.

const PROFILE_METRICS = [["spearman", "Spearman's correlation"], ["spearman_preference", "beyond other regions and layers"]];
const FAMILY_OF_ALL = "all";
const OF_SCORE = [{ key: "score", title: "Score", kind: "number" }, { key: "null_mean", title: "Chance", kind: "number" }, { key: "ceiling", title: "Ceiling", kind: "number" }];
const OF_FEATURES = [{ key: "type", title: "Type of feature" }, ...OF_SCORE, { key: "features", title: "Features", kind: "number" }, { key: "upheld", title: "Share that stands", kind: "number" }];

async function storyView() {
  const names = ["encode", "probe", "heads", "decode", "profile", "models"];
  const [encoding, probing, heads, decoding, profiles, roll] = await Promise.all(names.map(openTable));
  return [
    element("h2", {}, "Story"),
    encoding && encoding.rows ? encodingPart(encoding, roll) : null,
    probing && probing.rows ? probingPart(probing) : null,
    heads && heads.rows ? headPart(heads) : null,
    decoding ? decodingPart(decoding) : null,
    "people" in DATA.volumes ? await volumePart() : null,
    profiles && profiles.rows ? profilePart(profiles) : null,
    absences(["encode", "probe", "decode", "decode_maps", "profile"]),
  ];
}

function encodingPart(table, roll) {
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
    return { value: one.score, found: one.q < 0.05, planted: plantedLayer("story", region, model) === layer, title, open };
  };
  const here = records.filter((one) => one.region === area && one.kind === "hidden");
  const twins = twinsOf(roll, "story", model).map((name) => [name, recordsOf(table, { model: name, metric, region: area }).filter((one) => one.kind === "hidden")]);
  return element("section", {},
    element("h3", {}, `Regions predicted from layers of ${model}`),
    element("p", {}, `Held-out correlation (${metric}), ${different(records, "subject").join(", ")}, recording ${different(records, "dataset").join(", ")}; * where q is below .05${regions.some((region) => plantedLayer("story", region, model)) ? "; outlined, the layer that was planted" : ""}. Choose a region for the curve of its layers.`),
    element("div", { class: "controls" }, picker("story-model", "Model", levelsOf(table, "model"), model, (value) => go({ model: value })), picker("story-metric", "Metric", levelsOf(table, "metric"), metric, (value) => go({ metric: value })), picker("story-area", "Region", regions, area, (value) => go({ area: value }))),
    element("div", { class: "beside" },
      element("div", {}, heatTable({ rows: regions, columns: layers, cell, corner: "Region", scale, chosenRow: area }), colorKey(scale, metric)),
      element("div", { class: "detail" }, element("h4", {}, area), plantedText("story", area, model), layerCurve(here, twins, metric, plantedLayer("story", area, model)), layerRows(here, "story-layers", "layers.csv"))));
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
    heatTable({ rows: types, columns: layers, cell, corner: "Type of feature", scale }), colorKey(scale, "r"),
    theseNumbers({ id: "story-features", columns: [{ key: "layer", title: "Layer", saved: ["model", "layer"] }, ...OF_FEATURES], records, file: "features.csv" }));
}

// Heads of one type of feature; and of each type, the head that it is read from best.
function headPart(table) {
  const model = chosen("model", levelsOf(table, "model"));
  const records = recordsOf(table, { model });
  const types = different(records, "type");
  const type = chosen("feature", types);
  const here = records.filter((one) => one.type === type);
  const byPlace = new Map(here.map((one) => [`${one.layer}\n${one.head}`, one]));
  const scale = scaleOf(recordsOf(table).map((one) => one.score));
  const cell = (layer, head) => featureCell(byPlace.get(`${layer}\n${head}`));
  const best = types.flatMap((name) => records.filter((one) => one.type === name && Number.isFinite(one.score)).sort((a, b) => b.score - a.score).slice(0, 1));
  const columns = [
    { key: "type", title: "Type of feature" }, { key: "layer", title: "Layer" }, { key: "head", title: "Head" }, { key: "score", title: "Score", kind: "number" },
    { key: "null_mean", title: "Chance", kind: "number" }, { key: "features", title: "Features", kind: "number" }, { key: "upheld", title: "Share with q below .05", kind: "number" },
  ];
  return element("section", {}, element("h3", {}, `Features read from attention heads of ${model}`),
    element("p", {}, "Mean held-out correlation (r) over the features of a type; * where most of them have q below .05 against shifts. The head that is best for a type is chosen by these very scores, and so looks better than it is."),
    element("div", { class: "controls" }, picker("story-feature", "Type of feature", types, type, (value) => go({ feature: value }))),
    element("div", { class: "beside" },
      element("div", {}, heatTable({ rows: different(here, "layer"), columns: different(here, "head"), cell, corner: type, scale }), colorKey(scale, "r")),
      element("details", { open: true }, element("summary", {}, "The best head of each type"), dataTable({ id: "story-heads", columns, records: best, file: "heads.csv", choose: (one) => go({ feature: one.type }), chosenRow: (one) => one.type === type }))));
}

function profilePart(table) {
  const model = chosen("model", levelsOf(table, "model"));
  const families = levelsOf(table, "family");
  const family = chosen("family", families);
  const metrics = PROFILE_METRICS.filter(([name]) => levelsOf(table, "metric").includes(name));
  const metric = chosen("profile", metrics);
  const records = recordsOf(table, { model, family, metric });
  const byPlace = new Map(records.map((one) => [`${one.region}\n${one.layer}`, one]));
  const scale = scaleOf(recordsOf(table, { metric }).map((one) => one.score));
  const cell = (region, layer) => {
    const one = byPlace.get(`${region}\n${layer}`);
    return one ? { value: one.score, found: one.q < 0.05, title: `${region}, ${layer}: ${shown(one.score)}, chance ${shown(one.null_mean)}, ceiling ${shown(one.ceiling)}, q ${shownChance(one.q)}` } : null;
  };
  const named = families.map((name) => [name, name === FAMILY_OF_ALL ? "all together" : name]);
  return element("section", {}, element("h3", {}, `Profiles of regions and of layers of ${model}`),
    element("p", {}, `A profile says how well each feature is read. Do region and layer carry the same features? ${different(records, "subject").join(", ")}; * where q is below .05.`),
    element("div", { class: "controls" }, picker("story-family", "Features", named, family, (value) => go({ family: value })), picker("story-profile", "Measure", metrics, metric, (value) => go({ profile: value }))),
    heatTable({ rows: different(records, "region").sort(), columns: different(records, "layer"), cell, corner: "Region", scale }), colorKey(scale, metric),
    theseNumbers({ id: "story-profiles", columns: [{ key: "region", title: "Region", saved: ["model", "family", "metric", "region"] }, { key: "layer", title: "Layer" }, ...OF_SCORE, { key: "q", title: "q", kind: "chance" }], records, file: "profiles.csv" }));
}

function decodingPart(table) {
  const head = element("h3", {}, "Features read from regions");
  if (!table.rows) return element("section", {}, head, element("p", { class: "absent" }, "None: this recording was skipped, and so no profiles were compared. data/results/summary/decode.json says why."));
  const records = recordsOf(table);
  const types = different(records, "type");
  const byPlace = new Map(records.map((one) => [`${one.region}\n${one.type}`, one]));
  const scale = scaleOf(records.map((one) => one.score));
  const cell = (region, type) => featureCell(byPlace.get(`${region}\n${type}`));
  return element("section", {}, head,
    element("p", {}, `Mean held-out correlation over the features of a type, ${different(records, "subject").join(", ")}; * where most of them have q below .05.`),
    heatTable({ rows: different(records, "region").sort(), columns: types, cell, corner: "Region", scale }), colorKey(scale, "r"),
    theseNumbers({ id: "story-decoded", columns: [{ key: "region", title: "Region" }, ...OF_FEATURES], records, file: "decoded.csv" }));
}

function featureCell(one) {
  if (!one) return null;
  const title = `${shown(one.score)}, chance ${shown(one.null_mean)}, ceiling ${shown(one.ceiling)}; ${Math.round(one.upheld * one.features)} of ${one.features} features stand`;
  return { value: one.score, found: one.upheld > 0.5, title };
}
