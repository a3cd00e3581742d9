"use strict";
// The cortex, lit by a model's scores; an area opens the curve of its layers.

const EVERYBODY = "mean of people";
const BARE = "no score";
const YEO = "Networks of Yeo et al. (2011): VIS visual, SOM somatomotor, DAN and VAN dorsal and ventral attention, LIM limbic, FPN frontoparietal, DMN default mode.";
// Black and white beside each other stand out from every colour: color, and pixels from the edge.
const OUTLINE = [[[0, 0, 0], 1], [[0, 0, 0], 2], [[255, 255, 255], 3]];

async function cortexView() {
  const places = await openTable("places");
  const head = element("h2", {}, "Cortex");
  if (!places || !places.rows) return [head, absences(["survey"])];
  const metrics = levelsOf(places, "metric");
  const metric = chosen("metric", [DATA.metric, ...metrics]);
  const models = levelsOf(places, "model");
  const model = chosen("model", models);
  const towers = different(recordsOf(places, { metric, model }), "modality");
  const tower = chosen("tower", towers);
  const people = [EVERYBODY, ...levelsOf(places, "subject")];
  const who = chosen("who", people);
  const records = recordsOf(places, { metric, model, modality: tower, ...(who === EVERYBODY ? {} : { subject: who }) });
  const values = areaMeans(records);
  const areas = [...new Set([...values.keys()])].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const area = chosen("area", [...areas].sort((a, b) => values.get(b) - values.get(a)));
  const scale = scaleOf(recordsOf(places, { metric, model }).map((one) => one.score));
  const eyes = "views" in DATA.cortex ? Object.keys(DATA.cortex.views) : null;
  const seen = eyes ? chosen("seen", eyes) : null;
  const controls = [
    picker("cortex-model", "Model", models, model, (value) => go({ model: value, tower: "" })),
    towers.length > 1 ? picker("cortex-tower", "Tower", towers, tower, (value) => go({ tower: value })) : null,
    picker("cortex-metric", "Metric", metrics, metric, (value) => go({ metric: value })),
    picker("cortex-who", "Who", people, who, (value) => go({ who: value })),
    picker("cortex-area", "Area", areas, area, (value) => go({ area: value })),
    eyes ? picker("cortex-seen", "Seen from", eyes, seen, (value) => go({ seen: value })) : null,
  ];
  return [
    head,
    element("div", { class: "controls" }, controls),
    eyes ? await brain(DATA.cortex.views[seen], values, scale, area, `${model}, ${metric}, ${who}`) : element("p", { class: "absent" }, "No surface is here: dvc repro prepare_scene makes it, of a recording that has one. Areas are listed below."),
    element("div", { class: "beside" }, await areaCurve(model, tower, who, area, metric), areaTable(places, { metric, region: area }, who)),
    element("section", {}, element("h3", {}, `All areas: ${model}`), areasTable(records), element("p", { class: "note" }, YEO)),
    await leftOut("cortex"),
    places.rounded ? element("p", { class: "note" }, "Numbers of this view are rounded to three decimals; what is nearer to 0 than .0005, and not 0, is .0001.") : null,
  ];
}

function areaMeans(records) {
  return new Map([...grouped(records, (one) => one.region)].map(([area, some]) => [area, meanOf(some.map((one) => one.score))]));
}

function grouped(records, keyOf) {
  const made = new Map();
  for (const one of records) {
    const key = keyOf(one);
    if (!made.has(key)) made.set(key, []);
    made.get(key).push(one);
  }
  return made;
}

async function brain(views, values, scale, area, title) {
  const pictures = await Promise.all(views.map((view) => hemisphere(view, values, scale, area)));
  return element("section", { class: "brain" },
    element("div", { class: "views" }, pictures),
    colorKey(scale, title),
    element("p", { class: "note" }, `On ${DATA.cortex.mesh}, inflated; an area that both hemispheres have, has one score. Grey: ${BARE}. Outlined: ${area}.`));
}

async function hemisphere(view, values, scale, area) {
  const { width, height, areas } = DATA.cortex;
  const codes = asCounts(await unpackBytes(view.areas), view.areas.width);
  const light = await unpackBytes(view.light);
  const canvas = element("canvas", { width, height, role: "img", "aria-label": `${view.name}, coloured by score; the list Area has the same areas`, title: view.name });
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  const number = areas.indexOf(area) + 1;
  const colors = areas.map((name) => (Number.isFinite(values.get(name)) ? colorParts(values.get(name), scale) : null));
  for (let place = 0; place < codes.length; place += 1) {
    if (light[place] === 0) continue;
    const color = codes[place] ? colors[codes[place] - 1] : null;
    const edge = number > 0 && codes[place] === number ? OUTLINE.find(([, far]) => [-far, far, -width * far, width * far].some((step) => codes[place + step] !== number)) : null;
    image.data.set([...(edge?.[0] ?? color ?? [light[place], light[place], light[place]]), 255], place * 4);
  }
  context.putImageData(image, 0, 0);
  const under = (event) => {
    const box = canvas.getBoundingClientRect();
    const x = Math.floor(((event.clientX - box.left) / box.width) * width);
    const y = Math.floor(((event.clientY - box.top) / box.height) * height);
    return areas[codes[y * width + x] - 1];
  };
  canvas.addEventListener("click", (event) => under(event) && go({ area: under(event) }));
  canvas.addEventListener("mousemove", (event) => {
    const name = under(event);
    canvas.title = name ? `${name}: ${shown(values.get(name))}` : view.name;
  });
  return element("figure", {}, canvas, element("figcaption", {}, view.name));
}

async function areaCurve(model, tower, who, area, metric) {
  const curves = await openTable("curves");
  const people = who === EVERYBODY ? {} : { subject: who };
  const records = curves ? recordsOf(curves, { model, modality: tower, region: area, ...people }) : [];
  const title = element("h3", {}, `${area}: layers of ${model}`);
  if (!records.length) return element("section", { class: "detail" }, title, element("p", { class: "absent" }, "The curve of this model is not in the page."));
  const roll = await openTable("models");
  const twins = twinsOf(roll, "scene", model).map((name) => [name, recordsOf(curves, { model: name, region: area, ...people })]);
  return element("section", { class: "detail" }, title,
    metric === DATA.metric ? null : element("p", { class: "note" }, `Curves are of ${DATA.metric} alone.`),
    plantedText("scene", area, model),
    layerCurve(records, twins.filter(([, some]) => some.length), DATA.metric, plantedLayer("scene", area, model)), layerRows(records, "area-layers", "layers.csv"));
}

function areaTable(places, wanted, who) {
  const some = recordsOf(places, { ...wanted, ...(who === EVERYBODY ? {} : { subject: who }) });
  const models = grouped(some, (one) => `${one.model}\n${one.modality}`);
  const records = [...models.values()].map((each) => ({ ...wanted, model: each[0].model, modality: each[0].modality, score: meanOf(each.map((one) => one.score)), chance: meanOf(each.map((one) => one.null_mean)), ceiling: meanOfAll(each.map((one) => one.ceiling)), q: each.some((one) => Number.isNaN(one.q)) ? NaN : Math.max(...each.map((one) => one.q)) }));
  const columns = [{ key: "model", title: "Model", saved: ["metric", "region", "model"] }, { key: "modality", title: "Modality" }, { key: "score", title: "Score", kind: "number" }, { key: "chance", title: "Chance", kind: "number" }, { key: "ceiling", title: "Ceiling", kind: "number" }, { key: "q", title: "q (largest)", kind: "chance" }];
  const ordered = sorted(records, columns, { sort: "score", down: true });
  return element("section", {}, element("h3", {}, `${wanted.region}: all models, ${wanted.metric}`), dataTable({ id: "area", columns, records: ordered, file: "area.csv", choose: (one) => go({ model: one.model, tower: one.modality }), chosenRow: (one) => one.model === readState().model }));
}

function areasTable(records) {
  const columns = [{ key: "region", title: "Area", saved: ["metric", "model", "modality", "region"] }, { key: "network", title: "Network" }, { key: "subject", title: "Who" }, { key: "layer", title: "Layer" }, { key: "score", title: "Score", kind: "number" }, { key: "null_mean", title: "Chance", kind: "number" }, { key: "ceiling", title: "Ceiling", kind: "number" }, { key: "q", title: "q", kind: "chance" }];
  return dataTable({ id: "areas", columns, records, file: "areas.csv", choose: (one) => go({ area: one.region }), chosenRow: (one) => one.region === readState().area });
}
