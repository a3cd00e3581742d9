"use strict";
// What the numbers can be trusted by.

const TRUSTED = {
  story_ceilings: ["Ceilings of the story", [["region", "Region"], ["subject", "Who"], ["kind", "Of what"], ["curve", "Curve"], ["ceiling", "Ceiling", "number"], ["low", "Low", "number"], ["high", "High", "number"], ["subjects", "People averaged", "number"]]],
  scene_ceilings: ["Ceilings of the scenes, means over people", [["region", "Area"], ["metric", "Metric"], ["split", "Images"], ["ceiling_kind", "Kind"], ["ceiling", "Ceiling", "number"], ["people", "People", "number"]]],
  calibration: ["Calibration: how often tests and intervals are wrong", [["verdict", "Verdict"], ["stage", "Stage"], ["test", "Test"], ["layout", "Layout"], ["situation", "Situation"], ["method", "Method"], ["asks", "Asks for"], ["claim", "Should be", "number"], ["rate", "Is", "number"], ["low", "Low", "number"], ["high", "High", "number"], ["n", "n", "number"]]],
  calibration_told: ["Calibration, as committed: how often tests and intervals are wrong", [["topic", "Stage"], ["line", "What came of it"]]],
  replication: ["Replication ledger: published numbers, derived again", [["verdict", "Verdict"], ["source", "Source"], ["quantity", "Quantity"], ["published", "Published", "number"], ["ours", "Ours", "number"], ["low", "Low", "number"], ["high", "High", "number"], ["n", "n", "number"], ["tolerance", "Tolerance", "number"], ["basis", "Published value is"], ["needs", "Needs"], ["note", "Note"]]],
  replication_told: ["Replication ledger, as committed: published numbers, derived again", [["topic", "Source"], ["line", "Published -> ours"]]],
};

async function trustView() {
  const names = Object.keys(TRUSTED).filter((name) => name in DATA.tables);
  const parts = await Promise.all(names.map(async (name) => {
    const [title, listed] = TRUSTED[name];
    const columns = listed.map(([key, head, kind]) => ({ key, title: head, kind: kind ?? "text" }));
    const records = recordsOf(await openTable(name));
    return element("section", {}, element("h3", {}, title), verdicts(records), dataTable({ id: name, columns, records, file: `${name}.csv` }));
  }));
  return [element("h2", {}, "Ceilings, calibration, replication"), ...parts, absences(["story_ceilings", "scene_ceilings", "calibration", "replication"])];
}

function verdicts(records) {
  const named = different(records.filter((one) => one.verdict), "verdict");
  if (!named.length) return null;
  const counts = named.map((verdict) => `${verdict}: ${records.filter((one) => one.verdict === verdict).length}`);
  return element("p", {}, counts.join("; "), ".");
}
