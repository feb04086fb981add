// A network as a drawing: genes on a circle, bent arrows, and a pointer that draws arrows and weighs them.
(live => {
  const { make, short, signed } = live.plot;
  const { NAMES } = live.linearState;
  const RADIUS = 17;

  const direction = (i, m) => {
    const angle = (m === 2 ? -Math.PI : -Math.PI / 2) + (2 * Math.PI * i) / m;
    return [Math.cos(angle), Math.sin(angle)];
  };
  const place = (i, m) => { const [x, y] = direction(i, m); return [170 + 118 * x, 150 + 112 * y]; };

  // From gene to gene, bent to its left so that both directions are seen
  const arrow = (from, to, m, weight, label, attributes) => {
    const [x1, y1] = place(from, m), [x2, y2] = place(to, m), length = Math.hypot(x2 - x1, y2 - y1);
    const ux = (x2 - x1) / length, uy = (y2 - y1) / length, bend = 0.12 * length;
    const cx = (x1 + x2) / 2 + uy * bend, cy = (y1 + y2) / 2 - ux * bend;
    const towards = (x, y, gap) => { const d = Math.hypot(cx - x, cy - y); return [x + ((cx - x) / d) * gap, y + ((cy - y) / d) * gap]; };
    const [sx, sy] = towards(x1, y1, RADIUS + 1), [ex, ey] = towards(x2, y2, RADIUS + (weight < 0 ? 5 : 9));
    const d = `M${sx} ${sy}Q${cx} ${cy} ${ex} ${ey}`, angle = (Math.atan2(y2 - ey, x2 - ex) * 180) / Math.PI;
    const [head, kind, color] = weight < 0 ? ["M0 -8V8", "stop", "red"] : ["M-2 -6L8 0L-2 6Z", "tip", "blue"];
    const width = 1 + 3.5 * Math.min(1.2, Math.abs(weight));
    return make("g", { class: "arrow", style: `--c:var(--${color})`, ...attributes },
      make("path", { d, class: "hit" }), make("path", { d, class: "shaft", "stroke-width": width }),
      make("path", { d: head, class: kind, transform: `translate(${ex} ${ey}) rotate(${angle})` }),
      make("text", { x: (sx + 2 * cx + ex) / 4 + 9 * uy, y: (sy + 2 * cy + ey) / 4 - 9 * ux + 4, "text-anchor": "middle" }, label));
  };

  // The note stands outside of the circle of genes, where no arrow crosses it.
  const gene = (i, m, note = "") => {
    const [x, y] = place(i, m), [right, down] = direction(i, m), side = right < -0.4 ? "end" : right > 0.4 ? "start" : "middle";
    return make("g", { class: "gene", "data-gene": i }, make("circle", { cx: x, cy: y, r: RADIUS }),
      make("text", { x, y: y + 5, "text-anchor": "middle" }, NAMES[i]),
      make("text", { class: "small", x: x + 22 * right, y: y + 4 + 26 * down, "text-anchor": side }, note));
  };

  const words = (W, m) => [...W].map((w, i) => (w ? `${NAMES[i % m]} to ${NAMES[Math.floor(i / m)]} ${short(w)}` : "")).filter(Boolean).join(", ") || "no arrow";

  // Shows W (m × m) in `svg`; notes has a text for each gene, `selected` is the index of an arrow.
  const show = (svg, name, W, m, notes = [], selected = -1) => {
    const edges = [...W.keys()].filter(i => W[i]), label = i => (edges.length > 2 * m ? "" : signed(W[i])); // else a thicket
    const arrows = edges.map(i => arrow(i % m, Math.floor(i / m), m, W[i], label(i), { "data-edge": i, "data-selected": i === selected }));
    svg.replaceChildren(...arrows, ...Array.from({ length: m }, (_, i) => gene(i, m, notes[i])));
    svg.setAttribute("viewBox", m === 2 ? "0 100 340 100" : "0 0 340 315");
    svg.setAttribute("aria-label", `${name} network: ${words(W, m)}`);
  };

  // Calls select(from, to) when an arrow is touched, add(from, to) when one was drawn from gene to gene,
  // and weigh(w) while one is dragged up or down. `net` returns the network that is shown.
  const edit = (svg, net, { select, add, weigh }) => {
    const point = event => {
      const box = svg.getBoundingClientRect(), { y, width, height } = svg.viewBox.baseVal;
      return [((event.clientX - box.left) / box.width) * width, y + ((event.clientY - box.top) / box.height) * height];
    };
    const geneAt = ([x, y]) => {
      const { m } = net(), at = i => Math.hypot(place(i, m)[0] - x, place(i, m)[1] - y) < RADIUS + 8;
      return Array.from({ length: m }, (_, i) => i).find(at);
    };
    const rubber = line => {
      svg.querySelector(".rubber")?.remove();
      if (line) svg.append(make("line", { class: "rubber", ...line }));
    };
    let drag = null;
    svg.addEventListener("pointerdown", event => {
      const from = geneAt(point(event)), edge = event.target.closest("[data-edge]"), { m, W } = net();
      if (from !== undefined) drag = { from };
      else if (edge) {
        const i = +edge.dataset.edge;
        drag = { weight: W[i], y: event.clientY };
        select(i % m, Math.floor(i / m));
      } else return;
      event.preventDefault();
      svg.setPointerCapture(event.pointerId);
    });
    svg.addEventListener("pointermove", event => {
      if (drag?.from !== undefined) {
        const [x1, y1] = place(drag.from, net().m), [x2, y2] = point(event);
        rubber({ x1, y1, x2, y2 });
      } else if (drag) {
        const w = Math.max(-1.5, Math.min(1.5, drag.weight + (drag.y - event.clientY) / 80));
        if (Math.abs(w) > 0.05) weigh(Math.round(w * 20) / 20); // to remove it there is a button
      }
    });
    const end = event => {
      const from = drag?.from, to = drag && event.type === "pointerup" ? geneAt(point(event)) : undefined;
      drag = null;
      rubber(null);
      if (from !== undefined && to !== undefined && from !== to) add(from, to);
    };
    svg.addEventListener("pointerup", end);
    svg.addEventListener("pointercancel", end);
  };

  live.network = { show, edit };
})(deepsemLive);
