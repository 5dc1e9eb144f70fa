"use strict";
const byId = (id) => document.getElementById(id);
const graph = byId("graph");
const query = byId("query");
const only = byId("only");
const found = byId("found");
// What Python's `Kind` has, too.
const [LEAF, MAPPING, SEQUENCE, NODE, UNSET, LINK, REST] = [0, 1, 2, 3, 4, 5, 6];
const SIGNS = { added: "+", removed: "\u2212", changed: "~" };
// With more rows than these, a search waits for the next key.
const MANY = 100000;
// Graphs of up to so many rows are shown open.
const SMALL = 120;
// Rows are made so many at once, when they come near the screen.
const CHUNK = 60;
const MOST_INDENTED = 24;
// Paths may be as long as the graph is deep; a search compares their ends.
const TAIL = 300;
const PREVIEW = 72;

const { heads, records } = JSON.parse(byId("records").textContent);
const count = records.length;
const parents = new Int32Array(count);
// The number of the first row that is not inside.
const ends = new Int32Array(count);
const levelOf = (row) => records[row][0];
const kindOf = (row) => records[row][2];
const NOTHING = {};
const more = (row) => records[row][4] || NOTHING;
const isOpener = (row) =>
  ends[row] > row + 1 || Boolean(more(row).long || more(row).edits || made(row));
const made = (row) => (kindOf(row) === NODE ? heads[records[row][3]][3] : undefined);

const connect = () => {
  const above = [];
  for (let row = 0; row < count; row += 1) {
    const level = levelOf(row);
    while (above.length > level) ends[above.pop()] = row;
    parents[row] = level ? above[level - 1] : -1;
    above.push(row);
  }
  for (const row of above) ends[row] = count;
};

// What is open: by hand, and while something is searched.
let open = new Uint8Array(count);
let openBefore = null;
// While something is searched: 1 for what leads to a hit, 2 for a hit.
let kept = null;
let hits = [];
let current = -1;
let chosen = -1;
// The rows that are not inside of a closed one, and where each of them is among these.
let visible = [];
let places = new Int32Array(count);

const openTo = (row) => {
  for (let outer = parents[row]; outer >= 0; outer = parents[outer]) open[outer] = 1;
};

const openAtFirst = () => {
  const levels = count <= SMALL ? SMALL : 2;
  for (let row = 0; row < count; row += 1) {
    if (more(row).mark) {
      for (let at = parents[row]; at >= 0 && !open[at]; at = parents[at]) open[at] = 1;
    }
    if (open[row] || levelOf(row) >= levels) continue;
    // Plain values are read in the preview.
    let plain = kindOf(row) !== NODE;
    for (let part = row + 1; plain && part < ends[row]; part = ends[part]) {
      plain = [LEAF, UNSET, REST].includes(kindOf(part));
    }
    open[row] = plain ? 0 : 1;
  }
};

// Texts

const whatOf = (row) => {
  const what = records[row][3];
  return kindOf(row) === NODE ? `${heads[what][0]} ${heads[what][1]}` : what;
};

const cut = (text, most) => (text.length > most ? `${text.slice(0, most - 3)}...` : text);

const preview = (row) => {
  const sequence = kindOf(row) === SEQUENCE;
  let text = sequence ? "[" : "(";
  for (let part = row + 1; part < ends[row]; part = ends[part]) {
    if (text.length > 1) text += ", ";
    const value = cut(kindOf(part) === LINK ? whatOf(more(part).to) : whatOf(part), 32);
    text += sequence ? value : `${records[part][1]}=${value}`;
    if (text.length > PREVIEW) return `${text.slice(0, PREVIEW)}\u2026`;
  }
  return text + (sequence ? "]" : ")");
};

const stepOf = (row) => {
  const key = records[row][1];
  return key === "" || /^[.[]/.test(key) ? key : `.${key}`;
};

const pathOf = (row) => {
  const steps = [];
  for (let at = row; at >= 0; at = parents[at]) steps.push(stepOf(at));
  return `<root>${steps.reverse().join("")}`;
};

// Rows

const element = (name, text, className) => {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
};

const valueOf = (row) => {
  const what = records[row][3];
  switch (kindOf(row)) {
    case NODE: {
      const name = element("span", heads[what][1], "f");
      name.title = heads[what][2];
      return [element("span", heads[what][0], "c"), " ", name];
    }
    case LEAF:
      return [element(more(row).was === undefined ? "code" : "ins", what)];
    case LINK: {
      const link = element("a", what, "s");
      link.href = `#r${more(row).to}`;
      return [link];
    }
    default:
      return [element("span", what, kindOf(row) === UNSET || kindOf(row) === REST ? "x" : "c")];
  }
};

const badges = (row) => {
  const { tags = [], uses, note, cut } = more(row);
  const parts = tags.map(([name, meaning]) => {
    const tag = element("span", `#${name}`, "t");
    tag.title = meaning;
    return tag;
  });
  if (cut) parts.unshift("\u2026");
  if (uses) parts.push(element("span", `shared \u00d7${uses}`, "u"));
  if (note) parts.push(element("span", note, "u"));
  return parts.flatMap((part) => [" ", part]);
};

const inside = (row) => {
  const { long, edits = [] } = more(row);
  if (long) {
    const text = element("pre", long);
    text.tabIndex = 0;
    return [text];
  }
  return (made(row) ? [made(row), ...edits] : edits).map((line) => element("p", line, "w"));
};

const makeRow = (row) => {
  const { mark, was } = more(row);
  const item = element("div", "", ["row", mark, kept && kept[row] === 2 ? "hit" : ""].join(" "));
  item.setAttribute("role", "treeitem");
  item.setAttribute("aria-level", levelOf(row) + 1);
  item.dataset.row = row;
  item.tabIndex = row === (chosen < 0 ? 0 : chosen) ? 0 : -1;
  item.style.setProperty("--level", Math.min(levelOf(row), MOST_INDENTED));
  const line = element("div", "", "line");
  if (levelOf(row) > MOST_INDENTED) line.append(element("span", `${levelOf(row)} `, "x"));
  if (mark) {
    const sign = element("span", SIGNS[mark], "m");
    sign.setAttribute("role", "img");
    sign.setAttribute("aria-label", mark);
    line.append(sign);
  }
  if (records[row][1] !== "") line.append(element("span", records[row][1], "k"), " = ");
  if (was !== undefined) line.append(element("del", was), " ");
  line.append(...valueOf(row), ...badges(row));
  item.append(line);
  if (row === chosen) item.classList.add("current");
  if (!isOpener(row)) return item;
  item.setAttribute("aria-expanded", String(Boolean(open[row])));
  if (open[row]) item.append(...inside(row));
  else if (ends[row] > row + 1) line.append(element("span", preview(row), "p"));
  return item;
};

// What is shown

const findVisible = () => {
  visible = [];
  let row = 0;
  // All of what is inside of a hit may be seen.
  let whole = 0;
  while (row < count) {
    if (kept && row >= whole) {
      if (!kept[row]) {
        row = ends[row];
        continue;
      }
      if (kept[row] === 2) whole = ends[row];
    }
    places[row] = visible.length;
    visible.push(row);
    row = open[row] ? row + 1 : ends[row];
  }
};

const fill = (chunk) => {
  if (chunk.firstChild) return;
  const first = Number(chunk.dataset.first);
  chunk.style.minHeight = "";
  chunk.append(...visible.slice(first, first + CHUNK).map(makeRow));
};

const empty = (chunk) => {
  if (!chunk.firstChild || chunk.contains(document.activeElement)) return;
  chunk.style.minHeight = `${chunk.offsetHeight}px`;
  chunk.replaceChildren();
};

const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) fill(target);
      else empty(target);
    }
  },
  { rootMargin: "500px" },
);

const showAll = () => {
  findVisible();
  observer.disconnect();
  const chunks = [];
  for (let first = 0; first < visible.length; first += CHUNK) {
    const chunk = element("div", "");
    chunk.dataset.first = first;
    chunk.style.minHeight = `${1.55 * Math.min(CHUNK, visible.length - first)}rem`;
    chunks.push(chunk);
  }
  graph.replaceChildren(...chunks);
  if (chunks.length) fill(chunks[0]);
  for (const chunk of chunks) observer.observe(chunk);
  drawing.draw();
};

const isVisible = (row) => visible[places[row]] === row;

const itemOf = (row) => {
  const chunk = graph.children[Math.floor(places[row] / CHUNK)];
  fill(chunk);
  return chunk.children[places[row] % CHUNK];
};

const showPath = (row) => {
  byId("path").textContent = pathOf(row);
  byId("copied").textContent = "";
};

const choose = (row) => {
  for (const other of graph.querySelectorAll(".row.current")) {
    other.classList.remove("current");
    other.tabIndex = -1;
  }
  chosen = row;
  showPath(row);
  const item = itemOf(row);
  item.classList.add("current");
  item.tabIndex = 0;
  return item;
};

const goTo = (row) => {
  openTo(row);
  if (!isVisible(row)) showAll();
  const item = choose(row);
  item.scrollIntoView({ block: "center" });
  return item;
};

// The row stays where the reader has it: the height of the rows above is a guess again.
const toggle = (row) => {
  if (!isOpener(row)) return;
  const before = itemOf(row).getBoundingClientRect().top;
  open[row] = open[row] ? 0 : 1;
  showAll();
  const at = Math.floor(places[row] / CHUNK);
  for (const chunk of [...graph.children].slice(Math.max(0, at - 1), at + 2)) fill(chunk);
  scrollBy(0, itemOf(row).getBoundingClientRect().top - before);
};

// Searching

let texts = null;
const whenIdle = window.requestIdleCallback || setTimeout;

const readTexts = () => {
  const tails = new Array(count);
  texts = records.map((record, row) => {
    const last = stepOf(row).toLowerCase();
    tails[row] = ((parents[row] < 0 ? "<root>" : tails[parents[row]]) + last).slice(-TAIL);
    const { was = "", tags = [], uses, note = "" } = more(row);
    const parts = [record[1], "=", was, whatOf(row), ...tags.map(([name]) => `#${name}`), note];
    if (uses) parts.push(`shared \u00d7${uses}`);
    const text = parts.filter(Boolean).join(" ").toLowerCase();
    return { last, tail: tails[row], text };
  });
};

// A path is found at the row it leads to, not at all the rows inside that one.
const matches = ({ last, tail, text }, { term, isPath }) => {
  if (text.includes(term)) return true;
  if (!isPath) return false;
  const start = tail.lastIndexOf(term);
  return start >= 0 && start + term.length > tail.length - last.length;
};

const search = () => {
  const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
  // A word with none of these is no more than the last step, which the text has.
  const terms = words.map((term) => ({ term, isPath: /[.[]/.test(term) }));
  const changes = Boolean(only && only.checked);
  if (openBefore) open = openBefore;
  openBefore = kept = null;
  hits = [];
  current = -1;
  if (terms.length || changes) {
    if (!texts) readTexts();
    openBefore = open;
    open = open.slice();
    kept = new Uint8Array(count);
    for (let row = 0; row < count; row += 1) {
      if (changes && !more(row).mark) continue;
      if (kindOf(row) === REST || !terms.every((term) => matches(texts[row], term))) continue;
      if (terms.length) hits.push(row);
      kept[row] = terms.length ? 2 : 1;
      for (let outer = parents[row]; outer >= 0; outer = parents[outer]) {
        open[outer] = 1;
        if (kept[outer]) break;
        kept[outer] = 1;
      }
    }
  }
  byId("next").disabled = byId("previous").disabled = hits.length === 0;
  found.textContent = terms.length ? `${hits.length || "nothing"} found` : "";
  showAll();
};

let waiting = 0;
const searchSoon = () => {
  clearTimeout(waiting);
  if (count > MANY) waiting = setTimeout(search, 120);
  else search();
};

const go = (by) => {
  if (!hits.length) return;
  current = current < 0 && by < 0 ? hits.length - 1 : (current + by + hits.length) % hits.length;
  goTo(hits[current]);
  found.textContent = `${current + 1} of ${hits.length}`;
  drawing.show(hits[current]);
};

const endSearch = () => {
  if (!kept) return;
  query.value = "";
  if (only) only.checked = false;
  search();
};

const reveal = () => {
  const row = Number(/^#r(\d+)$/.exec(location.hash)?.[1] ?? -1);
  if (row < 0 || row >= count) return;
  drawing.hide();
  if (!isVisible(row)) endSearch();
  open[row] = 1;
  showAll();
  goTo(row).focus({ preventScroll: true });
};

const setAll = (value) => {
  for (let row = 0; row < count; row += 1) {
    // Long values stay closed: they are opened one at a time.
    if (!more(row).long) open[row] = value;
  }
  open[0] = 1;
  showAll();
};

const copy = async () => {
  try {
    await navigator.clipboard.writeText(byId("path").textContent);
    byId("copied").textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(byId("path"));
    byId("copied").textContent = "Selected: copy it with the keyboard";
  }
};

const KEYS = {
  Enter: (row) => toggle(row),
  " ": (row) => toggle(row),
  ArrowRight: (row) => (open[row] || !isOpener(row) ? goBy(row, 1) : toggle(row)),
  ArrowLeft: (row) =>
    open[row] && isOpener(row) ? toggle(row) : parents[row] >= 0 && choose(parents[row]),
  ArrowDown: (row) => goBy(row, 1),
  ArrowUp: (row) => goBy(row, -1),
  Home: () => choose(visible[0]),
  End: () => choose(visible[visible.length - 1]),
};

const goBy = (row, by) => {
  const next = visible[places[row] + by];
  if (next !== undefined) choose(next);
};

const rowAt = (event) => {
  const item = event.target.closest(".row");
  return item ? Number(item.dataset.row) : -1;
};
