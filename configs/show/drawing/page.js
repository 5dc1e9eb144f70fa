"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const graph = byId("graph");
  const query = byId("query");
  const only = byId("only");
  const found = byId("found");
  // Paths may be as long as the graph is deep; a search compares their ends.
  const TAIL = 300;

  let rows = null;
  let hits = [];
  let current = -1;
  let wasOpen = null;

  // What a row shows of itself: all but what is inside it.
  const head = (item) => item.querySelector(":scope > details > summary") || item;

  const step = (item) => {
    const key = head(item).querySelector(":scope > .k");
    if (!key) return "";
    return /^[.[]/.test(key.textContent) ? key.textContent : "." + key.textContent;
  };

  // The first row of a section stands for the row that says it continues there.
  const parent = (item) => {
    const outer = item.parentElement.closest("li");
    if (outer) return outer;
    const section = item.closest("section");
    if (!section) return null;
    return byId(section.querySelector("h2").id.replace("s", "c")).closest("ul").closest("li");
  };

  const pathOf = (item) => {
    const steps = [];
    for (let row = item; row; row = parent(row)) steps.push(step(row));
    return "<root>" + steps.reverse().join("");
  };

  const ownText = (item) => {
    let text = "";
    for (const part of head(item).childNodes) {
      if (part.nodeName !== "DETAILS" && part.className !== "p" && part.className !== "m") {
        text += part.textContent;
      }
    }
    return text.toLowerCase();
  };

  const readRows = () => {
    const tails = new Map([[null, "<root>"]]);
    const all = Array.from(graph.querySelectorAll("li"), (item) => {
      const last = step(item).toLowerCase();
      const tail = (tails.get(parent(item)) + last).slice(-TAIL);
      tails.set(item, tail);
      return { item, last, tail, text: ownText(item) };
    });
    // A row that continues in a section is found there.
    return all.filter((row) => !row.item.querySelector(":scope > a[id]"));
  };

  // A path is found at the row it leads to, not at all the rows inside that one.
  const matches = (row, term) => {
    if (row.text.includes(term)) return true;
    const start = row.tail.lastIndexOf(term);
    return start >= 0 && start + term.length > row.tail.length - row.last.length;
  };

  const isChange = (item) => /\b(added|removed|changed)\b/.test(item.className);

  const openTo = (element) => {
    for (let outer = element; outer; outer = outer.parentElement) {
      if (outer.nodeName === "DETAILS") outer.open = true;
    }
  };

  const showPath = (item) => {
    byId("path").textContent = pathOf(item);
    byId("copied").textContent = "";
  };

  const remember = () => {
    wasOpen = new Map();
    for (const node of graph.querySelectorAll("details")) wasOpen.set(node, node.open);
  };

  const restore = () => {
    if (wasOpen) for (const [node, open] of wasOpen) node.open = open;
    wasOpen = null;
  };

  const keep = (item) => {
    for (let row = item; row && !row.classList.contains("keep"); row = parent(row)) {
      row.classList.add("keep");
      if (!row.parentElement.closest("li") && row.closest("section")) {
        const link = byId(row.closest("section").querySelector("h2").id.replace("s", "c"));
        link.closest("li").classList.add("keep");
        openTo(link);
      }
      openTo(row.parentElement);
    }
  };

  const search = () => {
    const terms = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    const changes = Boolean(only && only.checked);
    const filtered = terms.length > 0 || changes;
    for (const item of graph.querySelectorAll(".hit, .keep, .current")) {
      item.classList.remove("hit", "keep", "current");
    }
    restore();
    hits = [];
    current = -1;
    if (filtered) {
      remember();
      rows = rows || readRows();
      for (const row of rows) {
        if (changes && !isChange(row.item)) continue;
        if (!terms.every((term) => matches(row, term))) continue;
        keep(row.item);
        if (terms.length) {
          row.item.classList.add("hit");
          hits.push(row.item);
        }
      }
    }
    graph.classList.toggle("filtered", filtered);
    for (const section of graph.querySelectorAll("section")) {
      section.hidden = filtered && !section.querySelector(".keep");
    }
    byId("next").disabled = byId("previous").disabled = hits.length === 0;
    found.textContent = terms.length ? `${hits.length || "nothing"} found` : "";
  };

  const go = (by) => {
    if (!hits.length) return;
    if (current >= 0) hits[current].classList.remove("current");
    current = current < 0 && by < 0 ? hits.length - 1 : (current + by + hits.length) % hits.length;
    const item = hits[current];
    item.classList.add("current");
    openTo(item.parentElement);
    head(item).scrollIntoView({ block: "center" });
    found.textContent = `${current + 1} of ${hits.length}`;
    showPath(item);
  };

  const reveal = () => {
    const target = location.hash.length > 1 && byId(decodeURIComponent(location.hash.slice(1)));
    if (!target || !graph.contains(target)) return;
    const item = target.closest("li") || target.parentElement.querySelector("li");
    if (graph.classList.contains("filtered") && !item.classList.contains("keep")) {
      query.value = "";
      if (only) only.checked = false;
      search();
    }
    for (const other of graph.querySelectorAll(".current")) other.classList.remove("current");
    openTo(target);
    item.classList.add("current");
    showPath(item);
    const place = head(item);
    if (place === item) item.tabIndex = -1;
    place.focus({ preventScroll: true });
    place.scrollIntoView({ block: "center" });
  };

  // Long values stay closed: they are opened one at a time.
  const setAll = (open) => {
    for (const node of graph.querySelectorAll("details")) {
      if (node.lastElementChild.nodeName !== "PRE") node.open = open;
    }
    if (!open) openTo(graph.querySelector("details"));
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

  const showPathOf = (event) => {
    const item = event.target.closest("li");
    if (item) showPath(item);
  };

  query.addEventListener("input", search);
  if (only) only.addEventListener("change", search);
  byId("search").addEventListener("submit", (event) => {
    event.preventDefault();
    go(1);
  });
  byId("previous").addEventListener("click", () => go(-1));
  byId("expand").addEventListener("click", () => setAll(true));
  byId("collapse").addEventListener("click", () => setAll(false));
  byId("copy").addEventListener("click", copy);
  graph.addEventListener("click", showPathOf);
  graph.addEventListener("focusin", showPathOf);
  addEventListener("hashchange", reveal);
  // A link to where the page is already changes nothing, but has to be followed again.
  graph.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (link && link.hash === location.hash) reveal();
  });
  reveal();
})();
