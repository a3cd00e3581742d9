"use strict";
// Another revision beside this one: parameters and metrics that differ.

async function againstView() {
  const { revision, digest, day, subject, parameters, numbers, same, lines } = DATA.against;
  return [
    element("h2", {}, `Against ${revision}`),
    element("p", {}, "Before: ", element("code", {}, digest.slice(0, 10)), ` of ${day}, “${subject}”. After: the files that this page was made of. The other views show after alone.`),
    element("section", {}, element("h3", {}, "Parameters"), changedParameters(revision, parameters)),
    element("section", {}, element("h3", {}, "Metrics"), changedNumbers(numbers, same)),
    lines.length ? element("section", {}, element("h3", {}, "Lines that one side alone has"), plainTable(["File", "Key", "Side", "Line"], lines.map((one) => [one.file, one.key, one.side, one.line]))) : null,
  ];
}

function changedParameters(revision, rows) {
  if (rows === null) return element("p", { class: "absent" }, `${revision} has no such params.yaml.`);
  if (!rows.length) return element("p", {}, "No difference.");
  return plainTable(["Parameter", "Before", "After"], rows.map((one) => [one.key, one.there ?? "absent", one.here ?? "absent"]));
}

function changedNumbers(numbers, same) {
  const told = element("p", {}, `${numbers.length} numbers differ, ${same} do not. Difference: after less before; ${MISSING} where one side has none.`);
  if (!numbers.length) return told;
  const number = { kind: "number", digits: 4 };
  const columns = [{ key: "file", title: "File" }, { key: "key", title: "Metric" }, { key: "before", title: "Before", ...number }, { key: "after", title: "After", ...number }, { key: "difference", title: "Difference", ...number, compare: (one) => (one.difference === null ? null : Math.abs(one.difference)) }];
  return element("div", {}, told, dataTable({ id: "against", columns, records: numbers, file: "against.csv" }));
}
