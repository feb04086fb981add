// Drawing without a library: elements, line charts and bars as SVG, matrices as canvas.
(live => {
  const SVG = "http://www.w3.org/2000/svg";
  const DRAWN = new Set(["svg", "g", "path", "line", "rect", "circle", "text", "title", "defs", "marker"]);

  // An element with attributes, listeners (on…) and children
  const make = (tag, attributes = {}, ...children) => {
    const e = DRAWN.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) e.addEventListener(key.slice(2), value);
      else if (value === true) e.setAttribute(key, "");
      else if (value !== false && value !== null && value !== undefined) e.setAttribute(key, value);
    }
    e.append(...children.filter(child => child !== null));
    return e;
  };

  const short = v => {
    const size = Math.abs(v);
    if (size && (size < 0.001 || size >= 1e5)) return v.toExponential(0).replace("-", "−").replace("e+", "e");
    return String(+v.toPrecision(3)).replace("-", "−");
  };

  const signed = (v, digits = 2) => { // no minus before 0.00
    const text = v.toFixed(digits);
    return +text ? text.replace("-", "−") : text.replace("-", "");
  };

  const percent = v => (Number.isNaN(v) ? "–" : `${Math.round(100 * v)} %`);

  // A figure with title, place for a drawing, caption
  const figure = (title, caption) => {
    const heading = make("h4", {}, title), place = make("div", { class: "place" });
    const note = make("figcaption", {}, caption);
    return { root: make("figure", {}, heading, place, note), place, note, heading };
  };

  // Round numbers that span low … high
  const ticks = (low, high, n = 4) => {
    const raw = (high - low) / n, power = 10 ** Math.floor(Math.log10(raw));
    const step = power * [1, 2, 5, 10].find(k => k * power >= raw * 0.999), out = [];
    for (let v = Math.ceil(low / step - 1e-9) * step; v <= high + step * 1e-9; v += step) out.push(+v.toPrecision(12));
    return out;
  };

  const tickText = v => (String(v).length < 8 ? String(v).replace("-", "−") : short(v));

  const WIDTH = 340, HEIGHT = 210, LEFT = 56, BOTTOM = 38, TOP = 8, RIGHT = 10;

  // draw(series, marks): series of {points: [[x, y], …], color, dots, dash, width, label}, marks of
  // {x or y, label}. `range` fixes x and y where given; `log` makes y logarithmic.
  const chart = ({ place, heading }, { x, y, range = {}, log = false }) => {
    const name = `${heading.textContent}: ${y} against ${x}`;
    const svg = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", class: "chart", "aria-label": name });
    const legend = make("p", { class: "legend" });
    place.append(svg, legend);
    const size = v => (log ? Math.log10(Math.max(v, 1e-12)) : v);
    const limits = (series, axis, fixed, extra) => {
      if (fixed) return fixed.map(v => (axis ? size(v) : v));
      const values = series.flatMap(s => s.points.map(p => (axis ? size(p[1]) : p[0]))).concat(extra);
      const finite = values.filter(Number.isFinite);
      let low = finite.length ? Math.min(...finite) : 0, high = finite.length ? Math.max(...finite) : 1;
      if (high - low < 1e-9) { low -= 0.5; high += 0.5; }
      const room = axis ? 0.05 * (high - low) : 0;
      return [low - room, high + room];
    };
    const draw = (series, marks = []) => {
      const [x0, x1] = limits(series, 0, range.x, []);
      const [y0, y1] = limits(series, 1, range.y, marks.filter(m => m.y !== undefined).map(m => size(m.y)));
      const px = v => LEFT + ((v - x0) / (x1 - x0)) * (WIDTH - LEFT - RIGHT);
      const py = v => HEIGHT - BOTTOM - ((size(v) - y0) / (y1 - y0)) * (HEIGHT - BOTTOM - TOP);
      const parts = [];
      const text = (at, content) => parts.push(make("text", at, content));
      for (const v of ticks(x0, x1)) {
        text({ x: px(v), y: HEIGHT - BOTTOM + 15, "text-anchor": "middle" }, tickText(v));
      }
      const whole = log ? ticks(y0, y1).filter(Number.isInteger).map(v => 10 ** v) : ticks(y0, y1);
      for (const v of whole.length ? whole : [10 ** y0]) {
        parts.push(make("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: py(v), y2: py(v) }));
        text({ x: LEFT - 6, y: py(v) + 4, "text-anchor": "end" }, tickText(v));
      }
      text({ x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 6, "text-anchor": "middle", class: "label" }, x);
      const middle = (TOP + HEIGHT - BOTTOM) / 2;
      text({ x: 12, y: middle, "text-anchor": "middle", class: "label", transform: `rotate(-90 12 ${middle})` }, y);
      for (const mark of marks) {
        const at = mark.y === undefined
          ? { x1: px(mark.x), x2: px(mark.x), y1: TOP, y2: HEIGHT - BOTTOM }
          : { x1: LEFT, x2: WIDTH - RIGHT, y1: py(mark.y), y2: py(mark.y) };
        parts.push(make("line", { class: "mark", ...at }));
        if (mark.label) text({ x: WIDTH - RIGHT - 2, y: py(mark.y) - 4, "text-anchor": "end", class: "note" }, mark.label);
      }
      for (const s of series) {
        const style = `--c:var(--${s.color})`;
        if (s.dots) {
          const d = s.points.map(p => `M${px(p[0]).toFixed(1)} ${py(p[1]).toFixed(1)}h0`).join("");
          parts.push(make("path", { d, class: "dots", style }));
        } else {
          const d = s.points.map((p, i) => `${i ? "L" : "M"}${px(p[0]).toFixed(1)} ${py(p[1]).toFixed(1)}`).join("");
          parts.push(make("path", { d, class: "line", style, "stroke-width": s.width ?? 2, "stroke-dasharray": s.dash }));
        }
      }
      svg.replaceChildren(...parts);
      const named = series.filter(s => s.label);
      if (legend.childElementCount !== named.length) {
        legend.replaceChildren(...named.map(s => make("span", { class: s.dots ? "dot" : s.dash ? "dash" : "" , style: `--c:var(--${s.color})` }, s.label)));
      }
    };
    return draw;
  };

  // draw(rows): horizontal bars of {label, value, color, said}
  const bars = ({ place, heading }) => {
    const list = make("ol", { class: "bars", "aria-label": heading.textContent });
    place.append(list);
    return rows => {
      const most = Math.max(...rows.map(r => r.value), 1e-300);
      list.replaceChildren(...rows.map(r => make("li", {},
        make("span", { class: "name" }, r.label),
        make("span", { class: "bar" }, make("i", { style: `width:${((100 * r.value) / most).toFixed(1)}%;--c:var(--${r.color})` })),
        make("span", { class: "value" }, r.said ?? short(r.value)))));
    };
  };

  const BLUE = [0, 114, 178], RED = [213, 94, 0]; // Okabe and Ito: activating, repressing

  // draw(values, scale): an m × m matrix, one pixel an entry, opaque at |value| = scale
  const heat = (place, title, m) => {
    const canvas = make("canvas", { width: m, height: m, role: "img", "aria-label": `matrix: ${title}` });
    const said = make("output", { class: "said" });
    place.append(make("div", { class: "matrix" }, make("span", { class: "name" }, title), canvas, said));
    let shown = null;
    canvas.addEventListener("pointermove", event => {
      const box = canvas.getBoundingClientRect(), of = (v, length) => Math.min(m - 1, Math.floor((v / length) * m));
      const row = of(event.clientY - box.top, box.height), column = of(event.clientX - box.left, box.width);
      said.textContent = `gene ${column + 1} → ${row + 1}: ${short(shown[row * m + column])}`;
    });
    canvas.addEventListener("pointerleave", () => { said.textContent = ""; });
    return (values, scale) => {
      shown = values;
      const context = canvas.getContext("2d"), image = context.createImageData(m, m);
      values.forEach((v, i) => {
        const opacity = 255 * Math.min(1, Math.abs(v) / scale || 0);
        image.data.set([...(v > 0 ? BLUE : RED), opacity], 4 * i);
      });
      context.putImageData(image, 0, 0);
    };
  };

  live.plot = { make, short, signed, percent, figure, chart, bars, heat };
})(deepsemLive);
