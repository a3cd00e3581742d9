"use strict";
// Weights of decoders in the volume: three slices that meet at a voxel, which mouse and keys move.

const STEPS = 127; // of the largest weight
const PLANES = [
  { name: "sagittal", through: 0, across: 1, up: 2, ends: ["P", "A"] },
  { name: "coronal", through: 1, across: 0, up: 2, ends: ["L", "R"] },
  { name: "axial", through: 2, across: 0, up: 1, ends: ["L", "R"] },
];
const KEYS = { ArrowLeft: ["across", -1], ArrowRight: ["across", 1], ArrowDown: ["up", -1], ArrowUp: ["up", 1], PageDown: ["through", -1], PageUp: ["through", 1] };
const LARGEST = 300; // pixels of a slice
const [DARKEST, LIGHTEST] = [50, 175]; // of the anatomy, of which white, a weight of 0, is no part

async function volumePart() {
  const { people, features, of } = DATA.volumes;
  const person = chosen("brain", people.map((one) => one.name));
  const feature = chosen("target", features);
  const anatomy = await openAnatomy(DATA.volumes);
  const volume = await openVolume(people.find((one) => one.name === person), features.indexOf(feature), anatomy);
  const told = element("p", { "aria-live": "polite", id: "voxel" });
  const slices = PLANES.map((plane) => sliceOf(plane, volume, move));
  let at = firstVoxel(volume);

  function move(voxel) {
    at = voxel.map((place, axis) => Math.min(volume.high[axis], Math.max(volume.low[axis], place)));
    remember({ voxel: at.join(",") });
    draw();
  }

  function draw() {
    slices.forEach((slice) => slice.draw(at));
    told.textContent = voxelText(volume, at);
  }

  draw();
  return element("section", { class: "volumes" },
    element("h3", {}, `Where the weights lie: ${feature}, ${person}`),
    element("p", {}, `Each region has a decoder of its own; these are the weights of its voxels as recorded. A large weight is no sign that a voxel carries the feature: it may take away noise that others have. Grey: not decoded.${features.length < of ? ` Of ${of} features, the ${features.length} that are read best; data/results/decode_maps has all.` : ""} ${anatomyText(DATA.volumes)}`),
    element("div", { class: "controls" },
      picker("volume-person", "Person", people.map((one) => one.name), person, (value) => go({ brain: value, voxel: "" })),
      picker("volume-feature", "Feature, best read first", features, feature, (value) => go({ target: value, voxel: "" }))),
    element("div", { class: anatomy ? "slices behind" : "slices" }, slices.map((slice) => slice.figure)),
    told,
    colorKey(volume.scale, "weight"),
    element("p", { class: "note" }, "Left is left. Click a slice, or move in it by the arrow keys, and through slices by Page Up and Page Down. Weights are rounded to 127 steps of the largest."));
}

// shape, size (of a voxel, mm), affine, inside and weights (in steps) by voxel of the box, top, scale;
// low and high, the voxels where slices begin and end; anatomy.
async function openVolume(person, place, anatomy) {
  const [inside, packed] = await Promise.all([person.inside, person.weights[place]].map(unpackBytes));
  const steps = new Int8Array(packed.buffer);
  const weights = new Int8Array(inside.length);
  let next = 0;
  for (let voxel = 0; voxel < inside.length; voxel += 1) {
    if (!inside[voxel]) continue;
    weights[voxel] = steps[next];
    next += 1;
  }
  const { top } = person.weights[place];
  const size = [0, 1, 2].map((axis) => Math.hypot(...person.affine.map((row) => row[axis])));
  return { shape: person.shape, affine: person.affine, size, inside, weights, top, anatomy, ...frameOf(person, anatomy), scale: { low: -top || -1, high: top || 1, colors: DIVERGING } };
}

function placeOf(volume, [x, y, z]) {
  return (x * volume.shape[1] + y) * volume.shape[2] + z;
}

function weightAt(volume, voxel) {
  if (!voxel.every((at, axis) => at >= 0 && at < volume.shape[axis])) return NaN;
  const place = placeOf(volume, voxel);
  return volume.inside[place] ? (volume.weights[place] / STEPS) * volume.top : NaN;
}

// The voxel that the address names, or that of the largest weight.
function firstVoxel(volume) {
  const named = (readState().voxel ?? "").split(",").map(Number);
  if (named.length === 3 && named.every((place, axis) => Number.isInteger(place) && place >= volume.low[axis] && place <= volume.high[axis])) return named;
  let best = 0;
  volume.weights.forEach((weight, place) => {
    if (Math.abs(weight) > Math.abs(volume.weights[best])) best = place;
  });
  const [, ny, nz] = volume.shape;
  return [Math.floor(best / (ny * nz)), Math.floor(best / nz) % ny, best % nz];
}

function voxelText(volume, at) {
  const mm = placed(volume.affine, at).map(Math.round);
  const weight = weightAt(volume, at);
  return `At ${mm.join(", ")} mm (to the right, front and top): ${Number.isNaN(weight) ? "not decoded" : `weight ${shown(weight)}`}.`;
}

// Color of a place, in voxels that need not be whole: of its weight, or the anatomy behind it.
function colorAt(volume, place) {
  const weight = weightAt(volume, place.map((at) => Math.floor(at + 0.5)));
  if (!Number.isNaN(weight)) return [...colorParts(weight, volume.scale), 255];
  const light = volume.anatomy ? lightAt(volume.anatomy, placed(volume.affine, place)) : 0;
  const grey = DARKEST + light * (LIGHTEST - DARKEST);
  return [grey, grey, grey, Math.min(1, light * LEVELS) * 255];
}

function sliceOf(plane, volume, move) {
  const { name, through, across, up, ends } = plane;
  const counts = volume.high.map((high, axis) => high - volume.low[axis] + 1);
  const pixels = LARGEST / Math.max(...counts.map((count, axis) => count * volume.size[axis]));
  const [width, height] = [across, up].map((axis) => Math.max(1, Math.round(counts[axis] * volume.size[axis] * pixels)));
  const canvas = element("canvas", { width, height, id: `slice-${name}`, tabindex: "0", role: "application", "aria-label": `${name} slice of weights; arrow keys move in it, Page Up and Page Down through slices`, "aria-describedby": "voxel", style: { width: `${width}px` } });
  let at = null;

  function draw(voxel) {
    at = voxel;
    const image = new ImageData(width, height);
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) image.data.set(colorAt(volume, placeUnder((x + 0.5) / width, (y + 0.5) / height)), (y * width + x) * 4);
    }
    const context = canvas.getContext("2d");
    context.putImageData(image, 0, 0);
    context.fillStyle = "rgb(0 0 0 / .5)";
    context.fillRect(((at[across] - volume.low[across] + 0.5) / counts[across]) * width, 0, 1, height);
    context.fillRect(0, ((volume.high[up] - at[up] + 0.5) / counts[up]) * height, width, 1);
  }

  // The place under a part of the width and one of the height, in the slice of the voxel.
  function placeUnder(right, down) {
    const place = [...at];
    place[across] = volume.low[across] - 0.5 + right * counts[across];
    place[up] = volume.high[up] + 0.5 - down * counts[up];
    return place;
  }

  canvas.addEventListener("click", (event) => {
    const box = canvas.getBoundingClientRect();
    move(placeUnder((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height).map((place) => Math.floor(place + 0.5)));
  });
  canvas.addEventListener("keydown", (event) => {
    if (!(event.key in KEYS)) return;
    event.preventDefault();
    const [way, step] = KEYS[event.key];
    const voxel = [...at];
    voxel[plane[way]] += step;
    move(voxel);
  });
  return { draw, figure: element("figure", {}, canvas, element("figcaption", {}, `${ends[0]} – ${name} – ${ends[1]}`)) };
}
