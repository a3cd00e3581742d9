"use strict";
// What holds, and what does not: every claim with the rungs that it was held against.

const RUNGS = ["chance", "nuisance", "untrained twin", "equal width", "ceiling", "other people", "other data", "other seeds"];
const SIGNS = { holds: "●", fails: "✕", "not asked": "○" };
const ALL = "all";

async function holdsView() {
  const table = await openTable("claims");
  const head = element("h2", {}, "What holds");
  if (!table) return [head, absences(["ladder"]), headlines()];
  const records = recordsOf(table).map(withStanding);
  const choices = {
    study: [ALL, ...different(records, "study")],
    claim: [ALL, ...different(records, "claim")],
    standing: [ALL, ...different(records, "standing").sort()],
  };
  const picked = Object.fromEntries(Object.keys(choices).map((key) => [key, chosen(key, choices[key])]));
  const kept = records.filter((one) => Object.keys(picked).every((key) => picked[key] === ALL || one[key] === picked[key]));
  return [
    head,
    await tally(),
    element("p", {}, "A claim fails where one rung fails that was asked. ", rungSign("holds"), " holds, ", rungSign("fails"), " fails, ", rungSign("not asked"), " was not asked. Those that fail come first."),
    element("div", { class: "controls" }, Object.keys(choices).map((key) => picker(`holds-${key}`, { study: "Study", claim: "Claim", standing: "Standing" }[key], choices[key], picked[key], (value) => go({ [key]: value })))),
    await claimDetail(kept),
    claimTable(kept),
    await leftOut("holds"),
    headlines(),
  ];
}

function withStanding(record) {
  const standing = record.first_failed ? "fails" : record.asked ? "holds" : "not asked";
  return { ...record, standing, statement: [record.model, record.claim, record.other].filter(Boolean).join(" ") };
}

function rungSign(state, title = state) {
  return element("span", { class: `rung ${state.replace(" ", "-")}`, title, role: "img", "aria-label": title }, SIGNS[state]);
}

// As many columns for what fails as for what holds.
async function tally() {
  const states = ["fails", "holds", "not asked"];
  const lines = recordsOf(await openTable("tally")).map((one) => {
    const all = states.reduce((sum, state) => sum + one[state], 0);
    return element("tr", {}, element("th", { scope: "row" }, one.study),
      states.map((standing) =>
        element("td", { class: "number" }, element("button", { type: "button", class: "link", onclick: () => go({ study: one.study, standing }) }, rungSign(standing), ` ${shown(one[standing])} of ${shown(all)}`))));
  });
  return element("div", { class: "wide" }, element("table", { class: "tally" }, element("caption", {}, "Claims of each study"),
    element("thead", {}, element("tr", {}, ["Study", "Fail", "Hold", "Not asked"].map((name) => element("th", { scope: "col" }, name)))),
    element("tbody", {}, lines)));
}

function claimTable(records) {
  const rungs = RUNGS.map((rung) => ({
    key: `${rung} rung`,
    title: rung,
    kind: "state",
    show: (record) => rungSign(record[`${rung} rung`], `${rung}: ${record[`${rung} rung`]}`),
  }));
  const columns = [
    { key: "statement", title: "Claim", saved: ["statement", "claim", "model", "other"] },
    { key: "region", title: "Region" },
    { key: "study", title: "Study" },
    { key: "metric", title: "Metric", about: "of the first rung" },
    { key: "score", title: "Score", kind: "number", about: "or difference, held out" },
    INTERVAL,
    { key: "null", title: "Chance", kind: "number", about: "mean of the null" },
    { key: "q", title: "q", kind: "chance", about: "against chance" },
    { key: "ceiling", title: "Ceiling", kind: "number" },
    { key: "share", title: "Of ceiling", kind: "number", about: "score as a share of the ceiling" },
    ...rungs,
    { key: "standing", title: "Standing", saved: ["standing", "first_failed"], show: (record) => (record.first_failed ? `fails first: ${record.first_failed}` : record.standing) },
  ];
  return dataTable({ id: "claims", columns, records, file: "claims.csv", choose: (record) => go(claimKey(record)), chosenRow: isChosenClaim });
}

function claimKey(record) {
  return { of: record.study, kind: record.claim, model: record.model, other: record.other, area: record.region };
}

function isChosenClaim(record) {
  const state = readState();
  return Object.entries(claimKey(record)).every(([key, value]) => (state[key] ?? "") === value);
}

async function claimDetail(records) {
  const record = records.find(isChosenClaim);
  if (!record) return readState().of ? element("p", { class: "note" }, "The claim that the address names is not among these.") : null;
  const rungs = await openTable("rungs");
  const key = { study: record.study, claim: record.claim, model: record.model, other: record.other, region: record.region };
  const lines = recordsOf(rungs, key).map((one) => element("tr", {},
    element("th", { scope: "row" }, one.rung), element("td", {}, rungSign(one.state), ` ${one.state}`),
    element("td", { class: "number" }, shown(one.value)), element("td", { class: "number" }, shownInterval(one.low, one.high)),
    element("td", { class: "number" }, shownChance(one.q)), element("td", {}, one.why || MISSING)));
  return element("section", { class: "detail" }, element("h3", {}, `${record.statement}: ${record.region || record.study}`),
    element("div", { class: "wide" }, element("table", {}, element("thead", {}, element("tr", {}, ["Rung", "State", "Value", "95 % interval", "q", "Why"].map((name) => element("th", { scope: "col" }, name)))), element("tbody", {}, lines))));
}

// The few numbers of each study, as the metrics files have them.
function headlines() {
  const parts = Object.entries(DATA.metrics).map(([study, numbers]) =>
    element("details", {}, element("summary", {}, `metrics/${study}.json`),
      element("dl", { class: "numbers" }, flatNumbers(numbers).map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, shown(value, 4)))))));
  return parts.length ? element("section", {}, element("h3", {}, "Headlines, as the metrics files have them"), parts) : null;
}

function flatNumbers(content, prefix = "") {
  return Object.entries(content).flatMap(([name, value]) => {
    const key = prefix ? `${prefix}.${name}` : name;
    return value !== null && typeof value === "object" ? flatNumbers(value, key) : [[key, value]];
  });
}
