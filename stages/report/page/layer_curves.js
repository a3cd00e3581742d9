"use strict";
// The layers of a model in a region, beside what chance makes and what could be reached.

const COLORS = { model: "#0072b2", twin: "#8c8c8c", chance: "#d55e00" };
const BAND = 1.96; // standard deviations that hold 95 % of a normal null

// records: of one region and model, of one person or of all: layer, depth, score, null_mean,
// null_sd, ceiling, q. twins: by name, records of the same region. They are averaged over people.
// planted: the layer that a simulated region follows, if it is one of these.
function layerCurve(records, twins, y, planted = "") {
  const layers = different(records, "layer");
  const at = (some, layer, name) => meanOf(some.filter((one) => one.layer === layer).map((one) => one[name]));
  const line = (some, name) => layers.map((layer, place) => [place, at(some, layer, name), layer]);
  const series = [{ name: records[0]?.model ?? "", color: COLORS.model, points: line(records, "score") }];
  for (const [name, some] of twins) {
    series.push({ name, color: COLORS.twin, dash: "4 3", faint: true, points: line(some, "score") });
  }
  const chance = layers.map((layer, place) => {
    const [mean, sd] = [at(records, layer, "null_mean"), at(records, layer, "null_sd")];
    return [place, mean - BAND * sd, mean + BAND * sd];
  });
  series.push({ name: "chance, 95 %", color: COLORS.chance, faint: true, points: line(records, "null_mean") });
  const ceiling = meanOfAll(records.map((one) => one.ceiling));
  const levels = Number.isFinite(ceiling) ? [{ name: "ceiling", y: ceiling }] : [];
  const every = Math.ceil(layers.length / 8);
  const ticks = layers.map((_, place) => place).filter((place) => place % every === 0);
  const cursor = layers.includes(planted) ? layers.indexOf(planted) : null;
  return chart({ series, levels, cursor, bands: [{ color: COLORS.chance, points: chance }], x: "layer", y, ticks, label: (place) => layers[place].replace(/^(layer_|blocks\.|width_)/, "") });
}

// The untrained twins of a model in a study; no other model, whose layers are others.
function twinsOf(roll, study, model) {
  if (!roll) return [];
  const models = recordsOf(roll, { study });
  const architecture = models.find((one) => one.model === model)?.architecture;
  if (!architecture) return [];
  return different(models.filter((one) => one.architecture === architecture && one.model !== model && !one.trained), "model");
}

function layerRows(records, id, file) {
  const columns = [
    { key: "layer", title: "Layer", saved: ["model", "region", "layer"] },
    { key: "subject", title: "Who" },
    { key: "score", title: "Score", kind: "number" },
    { key: "null_mean", title: "Chance", kind: "number" },
    { key: "ceiling", title: "Ceiling", kind: "number" },
    { key: "q", title: "q", kind: "chance" },
  ];
  return theseNumbers({ id, columns, records, file });
}

// The layer of a model that a simulated region is known to follow; empty where it follows none of it.
function plantedLayer(study, region, model) {
  const known = DATA.planted[study]?.[region];
  return known && known.model === model ? known.layer : "";
}

function plantedText(study, region, model) {
  const known = DATA.planted[study]?.[region];
  const line = plantedLayer(study, region, model) ? ", where the upright line stands" : "";
  return known ? element("p", { class: "note" }, `Simulated: what was planted in ${region} is ${known.what}${line}.`) : null;
}
