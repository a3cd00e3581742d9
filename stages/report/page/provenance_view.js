"use strict";
// Where the numbers come from, and what to write about it.

async function provenanceView() {
  return [
    element("h2", {}, "Provenance"),
    element("section", {}, element("h3", {}, "Methods"), copyButton(DATA.methods.join("\n\n")), DATA.methods.map((text) => element("p", { class: "methods" }, text))),
    element("section", {}, element("h3", {}, "What it cites"), copyButton(DATA.bibtex), element("pre", { tabindex: "0" }, DATA.bibtex)),
    sourceTable(),
    element("section", {}, element("h3", {}, "Parameters"), differenceTable("the committed params.yaml", DATA.parameters.committed, "Git does not know this params.yaml."), differenceTable("the last run that dvc.lock knows", DATA.parameters.run, "No run is known: there is no dvc.lock with the stage check."), allParameters()),
    element("section", {}, element("h3", {}, "Results of this page, beside dvc.lock"), plainTable(["Results", "Beside dvc.lock"], DATA.recorded.map((one) => [one.path, one.state]))),
    element("section", {}, element("h3", {}, "What stages wrote, by dvc.lock"), DATA.hashes.length ? hashTable() : element("p", { class: "absent" }, "There is no dvc.lock.")),
    element("section", {}, element("h3", {}, "Versions, where this page was made"), plainTable(["Package", "Version"], DATA.versions.map((one) => [one.package, one.version ?? "not installed"]))),
  ];
}

function plainTable(heads, lines) {
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": heads.join(", ") }, element("table", {}, element("thead", {}, element("tr", {}, heads.map((head) => element("th", { scope: "col" }, head)))),
    element("tbody", {}, lines.map((line) => element("tr", {}, line.map((cell) => element("td", {}, cell)))))));
}

function sourceTable() {
  const lines = DATA.sources.map((one) => [one.recording, one.licence, one.cited.join(", ") || MISSING, one.repository ? `github.com/${one.repository}, ${one.revision}` : MISSING]);
  return element("section", {}, element("h3", {}, "Sources: recordings that the parameters name, and anatomy"), plainTable(["Source", "Licence", "Cited as", "Obtained from"], lines));
}

function differenceTable(than, rows, unknown) {
  const title = element("h4", {}, `Beside ${than}`);
  if (rows === null) return element("div", {}, title, element("p", { class: "absent" }, unknown));
  if (!rows.length) return element("div", {}, title, element("p", {}, "No difference."));
  return element("div", {}, title, plainTable(["Parameter", "Here", "There"], rows.map((one) => [one.key, one.here ?? "absent", one.there ?? "absent"])));
}

function allParameters() {
  const columns = [{ key: "key", title: "Parameter" }, { key: "value", title: "Value" }];
  return element("details", {}, element("summary", {}, "All parameters"), dataTable({ id: "parameters", columns, records: DATA.parameters.values, file: "parameters.csv" }));
}

function hashTable() {
  const columns = [{ key: "path", title: "File or folder" }, { key: "stage", title: "Stage" }, { key: "digest", title: "Digest" }, { key: "size", title: "Bytes", kind: "number" }];
  return dataTable({ id: "hashes", columns, records: DATA.hashes, file: "hashes.csv" });
}
