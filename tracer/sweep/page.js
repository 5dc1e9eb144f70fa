"use strict";

// Rows: {id, status, values: one for each axis, metrics: {name: number}}.
const { axes, metrics, rows } = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";

function make(name, attributes, parent, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

const isNumber = (value) => typeof value === "number";
const shown = (value) =>
  isNumber(value) ? String(Number(value.toPrecision(4))) : value === null ? "None" : String(value);
const cut = (text, length) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

// Where values are between 0 and 1, and which to write beside the axis.
function scale(values) {
  const all = [...new Set(values.filter((value) => value !== undefined))];
  if (all.length && all.every(isNumber)) {
    const low = Math.min(...all);
    const high = Math.max(...all);
    const log = low > 0 && high / low >= 50;
    const to = log ? Math.log : (value) => value;
    const from = log ? Math.exp : (value) => value;
    const span = to(high) - to(low);
    const place = (value) => (span ? (to(value) - to(low)) / span : 0.5);
    let ticks = all.sort((a, b) => a - b);
    if (ticks.length > 8) {
      ticks = [0, 0.25, 0.5, 0.75, 1].map((at) => from(to(low) + at * span));
    }
    return { place, ticks };
  }
  const texts = [...new Set(all.map(shown))].sort();
  const place = (value) => (texts.length > 1 ? texts.indexOf(shown(value)) / (texts.length - 1) : 0.5);
  return { place, ticks: texts };
}

const column = (name) =>
  name.startsWith("axis ")
    ? (row) => row.values[Number(name.slice(5))] ?? undefined
    : (row) => row.metrics[name.slice(7)];
const label = (name) =>
  name.startsWith("axis ") ? axes[Number(name.slice(5))] : name.slice(7) || "result";
const names = [...axes.map((_, index) => `axis ${index}`), ...metrics.map((name) => `metric ${name}`)];

// From blue over grey-violet to orange: also told apart by those who see few colours.
function colour(at) {
  const mix = (from, to) => Math.round(from + (to - from) * at);
  return `rgb(${mix(31, 240)} ${mix(90, 130)} ${mix(200, 30)})`;
}

const metric = () => `metric ${byId("metric").value}`;

function coloured() {
  const get = column(metric());
  const found = rows.filter((row) => isNumber(get(row)));
  const { place } = scale(found.map(get));
  found.sort((a, b) => get(a) - get(b)); // the greatest on top
  return found.map((row) => ({ row, stroke: colour(place(get(row))) }));
}

function drawParallel() {
  const place = byId("parallel");
  place.replaceChildren();
  const shownNames = [...axes.map((_, index) => `axis ${index}`), metric()];
  const [width, height, top, side] = [1100, 320, 34, 90];
  const step = (width - 2 * side) / Math.max(shownNames.length - 1, 1);
  const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" }, place);
  make("title", {}, svg, `Each trial as a line over its values and ${label(metric())}`);
  const y = (at) => height - 20 - at * (height - 20 - top);
  const columns = shownNames.map((name, index) => {
    const get = column(name);
    return { get, x: side + index * step, ...scale(rows.map(get)), name: label(name) };
  });
  const lines = make("g", {}, svg);
  for (const { row, stroke } of coloured()) {
    const points = columns
      .filter(({ get }) => get(row) !== undefined)
      .map(({ get, x, place: at }) => `${x},${y(at(get(row))).toFixed(1)}`);
    hoverable(make("polyline", { class: "trial", points: points.join(" "), stroke }, lines), row);
  }
  for (const { x, ticks, place: at, name } of columns) {
    make("line", { class: "axis", x1: x, x2: x, y1: y(0), y2: y(1) }, svg);
    const head = make("text", { x, y: 14, "text-anchor": "middle" }, svg, cut(name, 24));
    make("title", {}, head, name);
    for (const tick of ticks) {
      const text = { class: "tick", x: x + 5, y: y(at(tick)) + 3 };
      make("title", {}, make("text", text, svg, cut(shown(tick), 18)), shown(tick));
    }
  }
}

function drawScatter() {
  const place = byId("scatter");
  place.replaceChildren();
  const [width, height, left, bottom] = [1100, 340, 110, 46];
  const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" }, place);
  const [across, up] = [byId("across").value, byId("up").value];
  make("title", {}, svg, `${label(up)} over ${label(across)}`);
  const sides = [across, up].map((name) => ({ get: column(name), ...scale(rows.map(column(name))) }));
  const x = (at) => left + 14 + at * (width - left - 40);
  const y = (at) => height - bottom - 10 - at * (height - bottom - 30);
  make("line", { class: "axis", x1: left, x2: width - 10, y1: height - bottom, y2: height - bottom }, svg);
  make("line", { class: "axis", x1: left, x2: left, y1: 10, y2: height - bottom }, svg);
  for (const tick of sides[0].ticks) {
    const at = { class: "tick", x: x(sides[0].place(tick)), y: height - bottom + 14, "text-anchor": "middle" };
    make("text", at, svg, cut(shown(tick), 22));
  }
  for (const tick of sides[1].ticks) {
    const at = { class: "tick", x: left - 6, y: y(sides[1].place(tick)) + 3, "text-anchor": "end" };
    make("text", at, svg, cut(shown(tick), 16));
  }
  make("text", { x: (left + width) / 2, y: height - 8, "text-anchor": "middle" }, svg, label(across));
  make("text", { x: left, y: 6 }, svg, label(up));
  for (const { row, stroke } of coloured()) {
    const [a, b] = sides.map(({ get }) => get(row));
    if (a === undefined || b === undefined) continue;
    const at = { class: "dot", cx: x(sides[0].place(a)), cy: y(sides[1].place(b)), r: 5, fill: stroke };
    hoverable(make("circle", at, svg), row);
  }
}

function hoverable(mark, row) {
  mark.dataset.trial = row.id;
  mark.addEventListener("mouseenter", () => light(row));
  mark.addEventListener("mouseleave", () => light(null));
  mark.addEventListener("click", () => byId(`trial-${row.id}`)?.scrollIntoView({ block: "center" }));
}

function light(row) {
  for (const mark of document.querySelectorAll("[data-trial]")) {
    mark.classList.toggle("on", row !== null && mark.dataset.trial === row.id);
    mark.classList.toggle("off", row !== null && mark.dataset.trial !== row.id && mark.tagName !== "TR");
  }
  const values = row && axes.map((name, index) => `${name}=${shown(row.values[index] ?? "")}`);
  const found = row && metrics.map((name) => `${name || "result"}: ${shown(row.metrics[name] ?? "")}`);
  byId("said").textContent = row ? `${row.id}  ${values.join("  ")}  →  ${found.join(", ")}` : "";
}

function fill(select, options, chosen) {
  for (const [value, text] of options) select.add(new Option(text, value, false, value === chosen));
}

function sortTable(event) {
  const button = event.target.closest("th button");
  if (!button) return;
  const index = button.closest("th").cellIndex;
  const up = button.dataset.up !== "yes";
  const body = byId("rows");
  const key = (line) => line.cells[index].textContent;
  const order = (a, b) => {
    const [left, right] = [key(a), key(b)];
    const [x, y] = [Number(left), Number(right)];
    const both = left !== "" && right !== "" && !Number.isNaN(x) && !Number.isNaN(y);
    return both ? x - y : left.localeCompare(right);
  };
  const sorted = [...body.rows].sort((a, b) => (up ? order(a, b) : order(b, a)));
  body.replaceChildren(...sorted);
  button.dataset.up = up ? "yes" : "no";
}

const byRow = new Map(rows.map((row) => [row.id, row]));
for (const line of byId("rows").rows) {
  line.addEventListener("mouseenter", () => light(byRow.get(line.dataset.trial) ?? null));
  line.addEventListener("mouseleave", () => light(null));
}
document.querySelector("thead").addEventListener("click", sortTable);
if (metrics.length) {
  fill(byId("metric"), metrics.map((name) => [name, name || "result"]), metrics[0]);
  const all = names.map((name) => [name, label(name)]);
  fill(byId("across"), all, names[0]);
  fill(byId("up"), all, metric());
  const draw = () => (drawParallel(), drawScatter());
  byId("metric").addEventListener("change", () => ((byId("up").value = metric()), draw()));
  byId("across").addEventListener("change", drawScatter);
  byId("up").addEventListener("change", drawScatter);
  draw();
} else {
  byId("plots").hidden = true;
}
