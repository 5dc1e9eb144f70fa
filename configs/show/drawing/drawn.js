// The second view: nodes as boxes in columns, arguments as lines, and to shared nodes dashed ones.
const WIDE = 190;
const COLUMN = 340;
const LINE = 52;
const COLORS = ["card", "muted", "line", "accent", "callable", "hit", "added", "removed", "changed"];

const drawing = (() => {
  const section = byId("drawn");
  const canvas = section.querySelector("canvas");
  const pen = canvas.getContext("2d");
  const fingers = new Map();
  let boxes = null;
  let links = [];
  let boxOf = [];
  let picked = null;
  let color = {};
  let view = { x: 0, y: 0, scale: 1 };
  let pinch = 0;

  // A row is a box if it is a node, shared or the root; other containers are parts of its lines.
  const makeAll = () => {
    boxes = [];
    boxOf = new Array(count);
    const labels = new Array(count);
    const pending = [];
    for (let row = 0; row < count; row += 1) {
      const outer = parents[row] < 0 ? null : boxOf[parents[row]];
      const label = outer ? labels[parents[row]] + stepOf(row) : "";
      const shownLabel = label.replace(/^\./, "");
      if (outer && kindOf(row) !== NODE && !more(row).uses) {
        boxOf[row] = outer;
        labels[row] = label;
        if (kindOf(row) === LINK) pending.push([outer, more(row).to, shownLabel]);
        continue;
      }
      const depth = outer ? outer.depth + 1 : 0;
      boxOf[row] = { row, outer, label: shownLabel, depth, kids: 0, more: "" };
      boxOf[row].name = kindOf(row) === NODE ? heads[records[row][3]][1] : whatOf(row);
      if (ends[row] > row + 1) boxOf[row].more = preview(row);
      labels[row] = "";
      boxes.push(boxOf[row]);
    }
    links = pending.map(([from, to, label]) => ({ from, to: boxOf[to], label }));
    place();
  };

  // Leaves below each other, what holds them in the middle of them.
  const place = () => {
    for (const box of boxes) if (box.outer) box.outer.kids += 1;
    let y = 0;
    for (const box of boxes) {
      box.x = box.depth * COLUMN;
      if (!box.kids) {
        box.y = y;
        y += LINE;
      }
    }
    for (let index = boxes.length - 1; index >= 0; index -= 1) {
      const box = boxes[index];
      if (box.kids) box.y = (box.top + box.bottom) / 2;
      if (!box.outer) continue;
      box.outer.top = Math.min(box.outer.top ?? box.y, box.y);
      box.outer.bottom = Math.max(box.outer.bottom ?? box.y, box.y);
    }
  };

  // The pen knows no custom properties, and they may say two colours.
  const readColors = () => {
    for (const name of COLORS) {
      canvas.style.color = `var(--${name})`;
      color[name] = getComputedStyle(canvas).color;
    }
  };

  const fitting = (text, width) => {
    const most = Math.floor(width / 6.7);
    return text.length > most ? `${text.slice(0, most - 1)}\u2026` : text;
  };

  const drawLine = (from, to, shared, label) => {
    const x = from.x + WIDE;
    const middle = Math.max(40, (to.x - x) / 2);
    pen.strokeStyle = shared ? color.accent : color.muted;
    pen.setLineDash(shared ? [6, 4] : []);
    pen.beginPath();
    pen.moveTo(x, from.y);
    pen.bezierCurveTo(x + middle, from.y, to.x - middle, to.y, to.x, to.y);
    pen.stroke();
    pen.setLineDash([]);
    pen.beginPath();
    pen.moveTo(to.x, to.y);
    pen.lineTo(to.x - 7, to.y - 4);
    pen.lineTo(to.x - 7, to.y + 4);
    pen.fillStyle = pen.strokeStyle;
    pen.fill();
    if (view.scale < 0.35) return;
    pen.textAlign = shared ? "left" : "right";
    pen.fillText(fitting(label, COLUMN - WIDE - 20), shared ? x + 8 : to.x - 10, (shared ? from.y : to.y) - 6);
  };

  const drawBox = (box) => {
    const { row } = box;
    const { mark } = more(row);
    pen.beginPath();
    pen.roundRect(box.x, box.y - 19, WIDE, 38, 7);
    pen.fillStyle = kept && kept[row] === 2 ? color.hit : color.card;
    pen.fill();
    pen.strokeStyle = box === picked ? color.accent : color[mark] || color.line;
    pen.lineWidth = box === picked || mark ? 2.5 : 1.2;
    pen.stroke();
    pen.lineWidth = 1.2;
    if (view.scale < 0.35) return;
    pen.textAlign = "left";
    pen.fillStyle = color[mark] || color.callable;
    pen.font = `600 12px ${mono}`;
    pen.fillText(fitting(box.name, WIDE - 16), box.x + 9, box.y - (box.more ? 3 : -4));
    pen.font = `11px ${mono}`;
    pen.fillStyle = color.muted;
    pen.fillText(fitting(box.more, WIDE - 16), box.x + 9, box.y + 12);
  };

  const mono = getComputedStyle(byId("path")).fontFamily;

  const draw = () => {
    if (section.hidden) return;
    const { width, height } = canvas.getBoundingClientRect();
    const dots = devicePixelRatio || 1;
    canvas.width = width * dots;
    canvas.height = height * dots;
    pen.setTransform(dots * view.scale, 0, 0, dots * view.scale, dots * view.x, dots * view.y);
    pen.font = `11px ${mono}`;
    pen.lineWidth = 1.2;
    const top = -view.y / view.scale - LINE;
    const bottom = (height - view.y) / view.scale + LINE;
    const seen = (one, other) => Math.min(one.y, other.y) < bottom && Math.max(one.y, other.y) > top;
    for (const box of boxes) {
      if (box.outer && seen(box, box.outer)) drawLine(box.outer, box, false, box.label);
    }
    for (const { from, to, label } of links) if (seen(from, to)) drawLine(from, to, true, label);
    for (const box of boxes) if (seen(box, box)) drawBox(box);
  };

  const zoom = (factor, x, y) => {
    const scale = Math.min(4, Math.max(0.005, view.scale * factor));
    const by = scale / view.scale;
    view = { x: x - (x - view.x) * by, y: y - (y - view.y) * by, scale };
    draw();
  };

  const zoomMiddle = (factor) => zoom(factor, canvas.clientWidth / 2, canvas.clientHeight / 2);

  const move = (x, y) => {
    view = { ...view, x: view.x + x, y: view.y + y };
    draw();
  };

  const fit = (least) => {
    let right = 0;
    let bottom = 0;
    for (const box of boxes) {
      right = Math.max(right, box.x + WIDE);
      bottom = Math.max(bottom, box.y);
    }
    const { clientWidth: width, clientHeight: height } = canvas;
    const scale = Math.max(least, Math.min(1.2, width / (right + 60), height / (bottom + LINE + 60)));
    const x = Math.max(30, (width - right * scale) / 2);
    // What does not fit is seen from the root on.
    const whole = (bottom + LINE) * scale < height;
    view = { x, y: height / 2 - (whole ? bottom / 2 : boxes[0].y) * scale, scale };
    draw();
  };

  const pick = (box) => {
    picked = box;
    showPath(box.row);
    draw();
  };

  const show = (row) => {
    if (section.hidden) return;
    const box = boxOf[row];
    view.scale = Math.max(view.scale, 0.9);
    view.x = canvas.clientWidth / 2 - (box.x + WIDE / 2) * view.scale;
    view.y = canvas.clientHeight / 2 - box.y * view.scale;
    picked = box;
    draw();
  };

  const boxAt = (event) => {
    const x = (event.offsetX - view.x) / view.scale;
    const y = (event.offsetY - view.y) / view.scale;
    return boxes.find((box) => x >= box.x && x <= box.x + WIDE && Math.abs(y - box.y) < 19);
  };

  const setShown = (shown) => {
    section.hidden = !shown;
    graph.hidden = shown;
    byId("draw").setAttribute("aria-pressed", String(shown));
    if (!shown) return;
    readColors();
    if (boxes) return draw();
    makeAll();
    const lines = boxes.length - 1 + links.length;
    canvas.setAttribute("aria-label", `Drawing of ${boxes.length} nodes and ${lines} lines`);
    fit(0.45);
  };

  const spread = () => {
    const [one, other] = fingers.values();
    return Math.hypot(one.x - other.x, one.y - other.y);
  };

  const drag = (event) => {
    const last = fingers.get(event.pointerId);
    if (!last) return;
    fingers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    if (fingers.size === 1) move(event.offsetX - last.x, event.offsetY - last.y);
    if (fingers.size !== 2) return;
    const now = spread();
    if (pinch) zoom(now / pinch, event.offsetX, event.offsetY);
    pinch = now;
  };

  const lift = (event) => {
    fingers.delete(event.pointerId);
    pinch = 0;
  };

  const KEYS = {
    ArrowLeft: () => move(60, 0),
    ArrowRight: () => move(-60, 0),
    ArrowUp: () => move(0, 60),
    ArrowDown: () => move(0, -60),
    "+": () => zoomMiddle(1.25),
    "-": () => zoomMiddle(0.8),
    0: () => fit(0),
  };

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
  });
  canvas.addEventListener("pointermove", drag);
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("click", (event) => {
    const box = boxAt(event);
    if (box) pick(box);
  });
  canvas.addEventListener("dblclick", (event) => {
    const box = boxAt(event);
    if (!box) return;
    setShown(false);
    endSearch();
    goTo(box.row);
  });
  canvas.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      zoom(Math.exp(-event.deltaY / 400), event.offsetX, event.offsetY);
    },
    { passive: false },
  );
  canvas.addEventListener("keydown", (event) => {
    if (!KEYS[event.key]) return;
    event.preventDefault();
    KEYS[event.key]();
  });
  byId("nearer").addEventListener("click", () => zoomMiddle(1.25));
  byId("farther").addEventListener("click", () => zoomMiddle(0.8));
  byId("fit").addEventListener("click", () => fit(0));
  byId("draw").addEventListener("click", () => setShown(section.hidden));
  addEventListener("resize", draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    readColors();
    draw();
  });
  return { draw, show, hide: () => setShown(false) };
})();

query.addEventListener("input", searchSoon);
if (only) only.addEventListener("change", search);
byId("search").addEventListener("submit", (event) => {
  event.preventDefault();
  go(1);
});
byId("previous").addEventListener("click", () => go(-1));
byId("expand").addEventListener("click", () => setAll(1));
byId("collapse").addEventListener("click", () => setAll(0));
byId("copy").addEventListener("click", copy);
graph.addEventListener("click", (event) => {
  const row = rowAt(event);
  if (row < 0 || event.target.closest("pre, p")) return;
  const link = event.target.closest("a");
  // A link to where the page is already changes nothing, but has to be followed again.
  if (link) return link.hash === location.hash && reveal();
  choose(row).focus({ preventScroll: true });
  if (getSelection().isCollapsed) toggle(row);
  itemOf(row).focus({ preventScroll: true });
});
graph.addEventListener("keydown", (event) => {
  const row = rowAt(event);
  if (row < 0 || !KEYS[event.key] || event.target.closest("a, pre") || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  KEYS[event.key](row);
  itemOf(chosen).focus();
});
graph.addEventListener("focusin", (event) => {
  if (rowAt(event) >= 0) showPath(rowAt(event));
});
addEventListener("hashchange", reveal);
addEventListener("beforeprint", () => [...graph.children].forEach(fill));
connect();
openAtFirst();
showAll();
reveal();
whenIdle(() => texts || readTexts());
