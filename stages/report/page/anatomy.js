"use strict";
// The template of MNI152 that lies behind weights, and where its places are in other volumes.

const LEVELS = 15; // of light

// null where weights lie in another space.
async function openAnatomy({ anatomy }) {
  if (!("levels" in anatomy)) return null;
  return { shape: anatomy.shape, affine: anatomy.affine, voxels: inverse(anatomy.affine), levels: await unpackBytes(anatomy.levels) };
}

function placed(affine, [x, y, z]) {
  return affine.map(([a, b, c, offset]) => a * x + b * y + c * z + offset);
}

// The affine that leads back.
function inverse(affine) {
  const [p, q, r] = [0, 1, 2].map((axis) => affine.map((row) => row[axis]));
  const across = ([a, b, c], [d, e, f]) => [b * f - c * e, c * d - a * f, a * e - b * d];
  const along = (one, other) => one.reduce((sum, part, axis) => sum + part * other[axis], 0);
  const whole = along(p, across(q, r));
  const rows = [across(q, r), across(r, p), across(p, q)].map((row) => row.map((part) => part / whole));
  const offset = affine.map((row) => row[3]);
  return rows.map((row) => [...row, -along(row, offset)]);
}

// Light of the template at a place in mm, from 0 (no brain) to 1, linear between voxels. Without
// arrays of its own, since a slice asks for thousands of places.
function lightAt({ shape, voxels, levels }, mm) {
  const [x, y, z] = placed(voxels, mm);
  const [fromX, fromY, fromZ] = [Math.floor(x), Math.floor(y), Math.floor(z)];
  let light = 0;
  for (let i = Math.max(0, fromX); i <= Math.min(shape[0] - 1, fromX + 1); i += 1) {
    for (let j = Math.max(0, fromY); j <= Math.min(shape[1] - 1, fromY + 1); j += 1) {
      for (let k = Math.max(0, fromZ); k <= Math.min(shape[2] - 1, fromZ + 1); k += 1) {
        light += (1 - Math.abs(x - i)) * (1 - Math.abs(y - j)) * (1 - Math.abs(z - k)) * levels[(i * shape[1] + j) * shape[2] + k];
      }
    }
  }
  return light / LEVELS;
}

// The first and last voxels of a volume that is enlarged so that it holds all of the anatomy.
function frameOf({ shape, affine }, anatomy) {
  const ends = { low: [0, 0, 0], high: shape.map((count) => count - 1) };
  if (!anatomy) return ends;
  const back = inverse(affine);
  for (let corner = 0; corner < 8; corner += 1) {
    const at = anatomy.shape.map((count, axis) => ((corner >> axis) & 1 ? count - 0.5 : -0.5));
    placed(back, placed(anatomy.affine, at)).forEach((place, axis) => {
      ends.low[axis] = Math.min(ends.low[axis], Math.floor(place));
      ends.high[axis] = Math.max(ends.high[axis], Math.ceil(place));
    });
  }
  return ends;
}

function anatomyText({ anatomy }) {
  if (!("levels" in anatomy)) return `No anatomy stands behind them, since none is known of their space: ${anatomy.reference}.`;
  return `Behind them, by their coordinates: MNI152 (ICBM 2009a), an average of 152 brains in voxels of 3 mm, and nobody's own. Space of the weights: ${anatomy.reference}. Other templates than this one differ from it by millimetres.`;
}
