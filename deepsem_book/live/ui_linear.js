// The page's first part: draw a network, see cells drawn from it, and the linear SEM fitted to them.
(live => {
  const { make, short, figure, chart, bars } = live.plot;
  const { control, button, write, read, presetRow, announcer, calm } = live.ui;
  const { algebra, linear } = live;
  const NAMES = "ABCDEFGHIJKL";

  const DEFAULTS = {
    preset: "", genes: 4, edges: "", sds: "", noise: 1, cells: 2000, alpha: 0.02, scaled: 0, seed: 1,
  };

  // key → {title, sentence, state}; tests/deepsem_book/live verifies the sentences over many draws of cells
  const PRESETS = {
    fit: {
      title: "From cells back to W",
      sentence: "Equal noise in every gene, on the scale of the simulation: the fit finds the arrows, their signs and their directions. Press ▶ to watch it.",
      state: { genes: 4, edges: "AB0.8 AC-0.6 BD0.7" },
    },
    mirror: {
      title: "Two networks, one covariance",
      sentence: "A → B is selected. Press “Reverse this arrow, same covariance”: the arrow turns and the noise changes, while the cells, the fit and the loss with its own noise stay as they are. No number of cells tells the two networks apart.",
      state: { genes: 2, edges: "AB0.8" },
    },
    scaled: {
      title: "z-scores take direction back",
      sentence: "The same two genes, each divided by its standard deviation: both variances are 1, varsortability is ½, and the fit gives both directions the same weight. Take the tick off z-score, and it knows the direction again.",
      state: { genes: 2, edges: "AB0.8", scaled: 1 },
    },
    chain: {
      title: "A chain turns for free",
      sentence: "A → B → C. Reverse A → B: no new arrow appears, and the chain has become the fork A ← B → C, with the same covariance. Reverse B → C next, and the whole chain has turned.",
      state: { genes: 3, edges: "AB0.6 BC0.6", scaled: 1 },
    },
    collider: {
      title: "A collider does not",
      sentence: "A → B ← C. Reverse A → B: a new arrow between A and C is the price, so covariance can tell a collider from a chain. This fit does not use it: at variance 1 it gets both arrows wrong and links A with C.",
      state: { genes: 3, edges: "AB0.6 CB0.6", scaled: 1 },
    },
    cells: {
      title: "More cells, same doubt",
      sentence: "A chain of six genes at variance 1. Move the cells from 50 to 20000: the grey bars, pairs without an arrow, fall behind. Pink bars, arrows turned round, stay at the top: cells say which pairs are linked, not which way.",
      state: { genes: 6, edges: "AB0.5 BC0.5 CD0.5 DE0.5 EF0.5", scaled: 1, cells: 50 },
    },
    hub: {
      title: "A hub is a lucky guess",
      sentence: "One regulator, five targets, variance 1: all arrows point the right way. That is no knowledge. Reverse A → B: the covariance is the same and the fit does not move; it takes the gene with many neighbours for the regulator.",
      state: { genes: 6, edges: "AB0.6 AC-0.6 AD0.6 AE0.6 AF-0.6", scaled: 1 },
    },
    sparse: {
      title: "What L1 does",
      sentence: "Eight genes, only 100 cells, no L1: many pairs without an arrow get a weight. Move α up: grey and pink bars shrink first; at 0.5 arrows of yours vanish too.",
      state: { genes: 8, edges: "AB0.8 AC-0.7 BD0.7 CE0.8 DF-0.8 EG0.7 AH0.6", cells: 100, alpha: 0 },
    },
    loop: {
      title: "A loop",
      sentence: "D represses A, and a loop closes. This fit lets W have loops: it needs I − W to be invertible, no more. With equal noise it finds the four arrows, in nearly every draw of the cells.",
      state: { genes: 4, edges: "AB0.8 BC0.7 CD0.7 DA-0.6" },
    },
  };

  // ---- The network in the state: "AB0.8 AC-0.6" is W[B, A] = 0.8, W[C, A] = -0.6 ------------------

  const networkOf = state => {
    const m = Math.max(2, Math.min(12, Math.round(state.genes))), W = algebra.zeros(m * m);
    for (const [, from, to, w] of String(state.edges).matchAll(/([A-L])([A-L])(-?[\d.]+(?:e-?\d+)?)/g)) {
      const i = NAMES.indexOf(from), j = NAMES.indexOf(to);
      if (i !== j && i < m && j < m) W[j * m + i] = +w;
    }
    const given = String(state.sds).split(" ").map(Number);
    const noiseSd = Float64Array.from({ length: m }, (_, i) => (given[i] > 0 ? given[i] : 1) * state.noise);
    return { m, W, noiseSd };
  };

  const digits = v => String(+v.toPrecision(12));
  const edgesText = (W, m) => [...W].map((w, i) => (w ? NAMES[i % m] + NAMES[Math.floor(i / m)] + digits(w) : "")).filter(Boolean).join(" ");

  // ---- Networks as drawings ----------------------------------------------------------------------

  const place = (i, m) => {
    const angle = (m === 2 ? -Math.PI : -Math.PI / 2) + (2 * Math.PI * i) / m;
    return [170 + 118 * Math.cos(angle), 150 + 112 * Math.sin(angle)];
  };

  const RADIUS = 17;

  // An arrow between two genes, bent to its left so that both directions are seen
  const arrow = (from, to, m, weight, extra = {}) => {
    const [x1, y1] = place(from, m), [x2, y2] = place(to, m), length = Math.hypot(x2 - x1, y2 - y1);
    const ux = (x2 - x1) / length, uy = (y2 - y1) / length, bend = 0.12 * length;
    const cx = (x1 + x2) / 2 + uy * bend, cy = (y1 + y2) / 2 - ux * bend;
    const towards = (x, y, gap) => { const d = Math.hypot(cx - x, cy - y); return [x + ((cx - x) / d) * gap, y + ((cy - y) / d) * gap]; };
    const [sx, sy] = towards(x1, y1, RADIUS + 1), [ex, ey] = towards(x2, y2, RADIUS + (weight < 0 ? 5 : 9));
    const d = `M${sx} ${sy}Q${cx} ${cy} ${ex} ${ey}`, angle = Math.atan2(y2 - ey, x2 - ex);
    const head = weight < 0 ? "M0 -8V8" : "M-2 -6L8 0L-2 6Z";
    const color = `--c:var(--${weight < 0 ? "red" : "blue"})`, width = 1 + 3.5 * Math.min(1.2, Math.abs(weight));
    return make("g", { class: "arrow", style: color, ...extra },
      make("path", { d, class: "hit" }), make("path", { d, class: "shaft", "stroke-width": width }),
      make("path", { d: head, class: weight < 0 ? "stop" : "tip", transform: `translate(${ex} ${ey}) rotate(${(angle * 180) / Math.PI})` }),
      make("text", { x: (sx + 2 * cx + ex) / 4 + 9 * uy, y: (sy + 2 * cy + ey) / 4 - 9 * ux + 4, "text-anchor": "middle" }, weight.toFixed(2).replace("-", "−")));
  };

  const gene = (i, m, below) => {
    const [x, y] = place(i, m);
    return make("g", { class: "gene", "data-gene": i }, make("circle", { cx: x, cy: y, r: RADIUS }),
      make("text", { x, y: y + 5, "text-anchor": "middle" }, NAMES[i]),
      below ? make("text", { class: "small", x, y: y + 31, "text-anchor": "middle" }, below) : null);
  };

  const words = (W, m) => [...W].map((w, i) => (w ? `${NAMES[i % m]} to ${NAMES[Math.floor(i / m)]} ${short(w)}` : "")).filter(Boolean).join(", ") || "no arrow";

  // ---- The part ----------------------------------------------------------------------------------

  live.parts.linear = (root, wanted) => {
    const state = { ...DEFAULTS }, shown = { from: 0, to: 1, step: Infinity, playing: false, reversal: "" };
    let net, S, path, normals, variances;

    const presets = presetRow(PRESETS, key => { choose(key); });
    const sentence = make("p", { class: "sentence" }), spoken = announcer();
    const editor = figure("The network you draw", "Drag from gene to gene to add an arrow; drag an arrow up or down to change its weight. Blue pointed: activates. Orange blunt: represses.");
    const found = figure("What the fit finds", "Weights above 0.05, at the step shown below.");
    const lossFigure = figure("The loss while W is fitted", "Each step of the gradient descent. Dashed: the loss of the network you drew.");
    const rank = figure("The ranking", "All ordered pairs by |fitted weight|, largest first.");
    const spread = figure("Variance of each gene", "Bars of equal length tell nothing about direction.");
    const numbers = figure("In numbers", "Loss: negative log-likelihood per cell without L1; “noise 1” takes all noise variances as 1, as the fit does; “own noise” those of the network, and for the fitted one the best.");

    const drawing = make("svg", { class: "network edit", role: "img" });
    const fitted = make("svg", { class: "network", role: "img" });
    editor.place.append(drawing);
    found.place.append(fitted);
    const drawLoss = chart(lossFigure.place, { x: "step", y: "loss", name: "loss against step of the fit" });
    rank.root.classList.add("rank");
    lossFigure.root.classList.add("tall");
    const drawRank = bars(rank.place, "pairs by fitted weight");
    rank.place.append(make("p", { class: "legend" },
      make("span", { style: "--c:var(--green)" }, "an arrow you drew"), make("span", { style: "--c:var(--pink)" }, "one turned round"),
      make("span", { style: "--c:var(--grey)" }, "no arrow")));
    const drawSpread = bars(spread.place, "variance by gene");
    const table = make("table");
    numbers.place.append(table);

    // -- Controls
    const byKey = {};
    const add = spec => (byKey[spec.key] = control(spec, { get [spec.key]() { return value(spec.key); } }, (k, v) => set(k, v))).root;
    const value = key => (key === "from" || key === "to" ? String(shown[key]) : key === "weight" ? net.W[shown.to * net.m + shown.from]
      : key === "geneSd" ? net.noiseSd[shown.to] : key === "step" ? Math.min(shown.step, path.length - 1) : state[key]);
    const geneOptions = m => Object.fromEntries([...NAMES.slice(0, m)].map((name, i) => [i, name]));
    const reverseButton = button("Reverse this arrow, same covariance", () => reverse(), { "data-do": "reverse", class: "primary" });
    const removeButton = button("Remove it", () => set("weight", 0), { "data-do": "remove" });
    const play = button("▶ Watch the fit", () => (shown.playing ? stop() : start()), { "data-do": "play" });
    const edge = make("fieldset", {}, make("legend", {}, "One arrow"),
      make("div", { class: "row" }, add({ key: "from", label: "from", options: geneOptions(12) }), add({ key: "to", label: "to", options: geneOptions(12) })),
      add({ key: "weight", label: "weight", min: -1.5, max: 1.5, step: 0.05, say: v => v.toFixed(2).replace("-", "−") }),
      add({ key: "geneSd", label: "noise sd of its target", min: 0.1, max: 3, step: 0.05, say: v => v.toFixed(2) }),
      make("div", { class: "row" }, reverseButton, removeButton));
    const cells = make("fieldset", {}, make("legend", {}, "Cells and fit"),
      add({ key: "genes", label: "genes", min: 2, max: 12, step: 1 }),
      add({ key: "cells", label: "cells", values: [50, 100, 200, 500, 1000, 2000, 5000, 20000], say: v => String(v) }),
      add({ key: "noise", label: "noise sd of all genes", min: 0.25, max: 2, step: 0.05, say: v => v.toFixed(2) }),
      add({ key: "alpha", label: "L1 penalty α", min: 0, max: 0.5, step: 0.01, say: v => v.toFixed(2) }),
      add({ key: "scaled", label: "z-score: scale each gene to variance 1", check: true }),
      make("div", { class: "row" }, button("New cells", () => set("seed", state.seed + 1), { "data-do": "cells" }),
        button("No arrows", () => { state.edges = ""; state.sds = ""; edited(); }, { "data-do": "clear" })));
    lossFigure.place.append(make("div", { class: "row" }, play, add({ key: "step", label: "step", min: 0, max: 1, step: 1 })));

    const set = (key, v) => {
      stop();
      if (key === "step") { shown.step = v; return draw(); }
      shown.reversal = "";
      if (key === "from" || key === "to") { select(key === "from" ? +v : shown.from, key === "to" ? +v : shown.to); return draw(); }
      if (key === "weight") return weigh(shown.to, shown.from, v);
      if (key === "geneSd") {
        const sds = [...net.noiseSd].map(sd => sd / state.noise);
        sds[shown.to] = v / state.noise;
        state.sds = sds.map(digits).join(" ");
      } else state[key] = v;
      edited();
    };
    const edited = () => { state.preset = ""; update(); };
    const weigh = (to, from, w) => {
      const W = Float64Array.from(net.W), old = W[to * net.m + from];
      W[to * net.m + from] = Math.abs(w) < 0.025 ? 0 : Math.round(w * 100) / 100;
      if (algebra.factorise(algebra.identityMinus(W, net.m), net.m).pivot < 0.02) W[to * net.m + from] = old;
      state.edges = edgesText(W, net.m);
      edited();
    };
    const select = (from, to) => {
      if (from === to) to = (from + 1) % net.m;
      [shown.from, shown.to] = [from, to];
    };
    const reverse = () => {
      const { m, W, noiseSd } = net, { from, to } = shown, before = ownLoss();
      const old = linear.modelCovariance(W, noiseSd), mirror = W[to * m + from] ? linear.reverse(W, noiseSd, to, from) : null;
      if (!mirror) return;
      const now = linear.modelCovariance(mirror.W, mirror.noiseSd);
      const gap = Math.max(...now.map((v, i) => Math.abs(v - old[i])));
      const more = mirror.W.filter(Boolean).length - W.filter(Boolean).length;
      state.edges = edgesText(mirror.W, m);
      state.sds = [...mirror.noiseSd].map(sd => digits(sd / state.noise)).join(" ");
      shown.reversal = `${NAMES[from]} → ${NAMES[to]} now points from ${NAMES[to]} to ${NAMES[from]}`
        + `${more > 0 ? `, at the price of ${more} new arrow${more > 1 ? "s" : ""}` : more < 0 ? `, and ${-more} arrow${more < -1 ? "s" : ""} could go` : ", without a new arrow"}. `
        + `Largest change of the covariance: ${gap < 1e-9 ? "0 (to rounding)" : short(gap)}. `
        + `Loss with its own noise: ${before.toFixed(4)} before, `;
      [shown.from, shown.to] = [to, from];
      stop();
      state.preset = "";
      update();
      shown.reversal += `${ownLoss().toFixed(4)} after.`;
      draw();
    };

    // -- Playing the steps of the fit
    const start = () => {
      if (calm()) { shown.step = Infinity; return draw(); } // no animation: the slider shows each step
      const began = performance.now(), last = path.length - 1, seconds = Math.min(6, 1.5 + last / 40);
      shown.playing = true;
      const frame = now => {
        if (!shown.playing || !root.isConnected) return;
        // Quick at the end: most of the change is in the first steps.
        const share = Math.min(1, (now - began) / 1000 / seconds);
        shown.step = Math.round(last * share ** 2);
        if (share === 1) stop();
        draw();
        if (shown.playing) requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    };
    const stop = () => { shown.playing = false; };

    // -- From the state to the drawings
    const update = () => {
      net = networkOf(state);
      if (shown.from >= net.m || shown.to >= net.m) select(0, 1);
      const { m } = net, key = `${state.seed} ${state.cells} ${m}`;
      if (normals?.key !== key) normals = { key, draws: live.rng(state.seed).normals(state.cells * m) };
      const X = linear.cellsOf(linear.modelCovariance(net.W, net.noiseSd), m, normals.draws);
      S = algebra.covariance(X, m);
      if (state.scaled) {
        const sd = Float64Array.from({ length: m }, (_, i) => Math.sqrt(S[i * (m + 1)]));
        S = S.map((s, i) => s / (sd[Math.floor(i / m)] * sd[i % m]));
        for (let i = 0; i < m; i++) S[i * (m + 1)] = 1;
      }
      variances = Array.from({ length: m }, (_, i) => S[i * (m + 1)]);
      path = linear.fit(S, m, state.alpha);
      shown.step = Infinity;
      if (shown.loaded) write("linear", state, DEFAULTS);
      draw();
    };

    const draw = () => {
      const { m, W, noiseSd } = net, at = Math.min(shown.step, path.length - 1), fit = path[at].W;
      const units = inUnits().W;
      drawing.replaceChildren(...[...W].map((w, i) => (w ? arrow(i % m, Math.floor(i / m), m, w, { "data-edge": i,
        "data-selected": i === shown.to * m + shown.from }) : null)).filter(Boolean), ...[...noiseSd].map((sd, i) => gene(i, m, `noise ${sd.toFixed(2)}`)));
      for (const svg of [drawing, fitted]) svg.setAttribute("viewBox", m === 2 ? "0 100 340 100" : "0 0 340 315");
      drawing.setAttribute("aria-label", `drawn network: ${words(W, m)}`);
      fitted.replaceChildren(...[...fit].map((w, i) => (Math.abs(w) > 0.05 ? arrow(i % m, Math.floor(i / m), m, w) : null)).filter(Boolean),
        ...[...noiseSd].map((_, i) => gene(i, m)));
      fitted.setAttribute("aria-label", `fitted network: ${words(fit.map(w => (Math.abs(w) > 0.05 ? w : 0)), m)}`);
      const drawnLoss = linear.objective(units, S, m).loss + state.alpha * units.reduce((sum, w) => sum + Math.abs(w), 0);
      drawLoss([{ points: path.map((p, i) => [i, p.loss]), color: "blue" }, { points: [[at, path[at].loss]], color: "red", dots: true }],
        [{ y: drawnLoss, label: "your network" }]);
      const pairs = [...fit].map((w, i) => ({ w, i, target: Math.floor(i / m), regulator: i % m })).filter(p => p.target !== p.regulator);
      pairs.sort((a, b) => Math.abs(b.w) - Math.abs(a.w));
      drawRank(pairs.slice(0, 12).map(p => ({ label: `${NAMES[p.regulator]} → ${NAMES[p.target]}`, value: Math.abs(p.w), said: p.w.toFixed(2).replace("-", "−"),
        color: W[p.i] ? "green" : W[p.regulator * m + p.target] ? "pink" : "grey" })));
      const sortable = linear.varsortability(variances, W, m), right = linear.rightWay(fit, W, m);
      drawSpread(variances.map((v, i) => ({ label: NAMES[i], value: v, color: "blue", said: v.toFixed(2) })));
      const percent = v => (Number.isNaN(v) ? "–" : `${Math.round(100 * v)} %`);
      const row = (name, ...cells) => make("tr", {}, make("th", { scope: "row" }, name), ...cells.map(c => make("td", {}, c)));
      table.replaceChildren(
        make("tr", {}, make("td"), make("th", { scope: "col" }, "noise 1"), make("th", { scope: "col" }, "own noise")),
        row("loss, your network", linear.objective(units, S, m).loss.toFixed(3), ownLoss().toFixed(3)),
        row("loss, fitted network", linear.objective(fit, S, m).loss.toFixed(3), linear.lossWithNoise(fit, S, m).toFixed(3)),
        make("tr", {}, make("th", { scope: "row" }, "fitted arrows that point your way"), make("td", { colspan: 2, "data-say": "right" }, percent(right))),
        make("tr", {}, make("th", { scope: "row" }, "varsortability"), make("td", { colspan: 2, "data-say": "varsortability" }, Number.isNaN(sortable) ? "–" : sortable.toFixed(2))));
      spread.heading.textContent = state.scaled ? "Variance of each gene, z-scored" : "Variance of each gene";
      const preset = PRESETS[state.preset];
      sentence.textContent = shown.reversal || (preset ? preset.sentence : "Your own network. Its state is in the address of this page: copy it to share it.");
      presets.show(state.preset);
      byKey.step.root.querySelector("input").max = path.length - 1;
      for (const option of root.querySelectorAll("select option")) option.hidden = option.disabled = +option.value >= m;
      for (const { show } of Object.values(byKey)) show();
      const present = Boolean(W[shown.to * m + shown.from]);
      reverseButton.disabled = removeButton.disabled = !present;
      play.textContent = shown.playing ? "❚❚ Pause" : "▶ Watch the fit";
      spoken.say(`${percent(right)} of the arrows point your way. Varsortability ${Number.isNaN(sortable) ? "undefined" : sortable.toFixed(2)}. ${shown.reversal}`);
    };
    // The drawn network in the units of the fit
    const inUnits = () => {
      const { m, W, noiseSd } = net;
      if (!state.scaled) return net;
      const C = linear.modelCovariance(W, noiseSd), sd = i => Math.sqrt(C[i * (m + 1)]);
      return { W: W.map((w, i) => (w * sd(i % m)) / sd(Math.floor(i / m))), noiseSd: noiseSd.map((v, i) => v / sd(i)) };
    };
    const ownLoss = () => linear.lossWithNoise(inUnits().W, S, net.m, inUnits().noiseSd);

    // -- Drawing with the pointer
    const point = event => {
      const box = drawing.getBoundingClientRect(), { y, width, height } = drawing.viewBox.baseVal;
      return [((event.clientX - box.left) / box.width) * width, y + ((event.clientY - box.top) / box.height) * height];
    };
    const geneAt = ([x, y]) => Array.from({ length: net.m }, (_, i) => i).find(i => Math.hypot(place(i, net.m)[0] - x, place(i, net.m)[1] - y) < RADIUS + 8);
    let drag = null;
    drawing.addEventListener("pointerdown", event => {
      const at = point(event), from = geneAt(at), hit = event.target.closest("[data-edge]");
      if (from !== undefined) drag = { from };
      else if (hit) {
        const i = +hit.dataset.edge;
        select(i % net.m, Math.floor(i / net.m));
        drag = { weight: net.W[i], y: event.clientY };
        shown.reversal = "";
        draw();
      } else return;
      event.preventDefault();
      drawing.setPointerCapture(event.pointerId);
    });
    drawing.addEventListener("pointermove", event => {
      if (!drag) return;
      if (drag.from === undefined) {
        const w = Math.max(-1.5, Math.min(1.5, drag.weight + (drag.y - event.clientY) / 80));
        if (Math.abs(w) > 0.05) set("weight", Math.round(w * 20) / 20); // to remove it there is a button
        return;
      }
      const [x1, y1] = place(drag.from, net.m), [x2, y2] = point(event);
      drawing.querySelector(".rubber")?.remove();
      drawing.append(make("line", { class: "rubber", x1, y1, x2, y2 }));
    });
    const end = event => {
      const from = drag?.from, to = drag && event.type === "pointerup" ? geneAt(point(event)) : undefined;
      drag = null;
      drawing.querySelector(".rubber")?.remove();
      if (from === undefined || to === undefined || from === to) return;
      select(from, to);
      if (net.W[to * net.m + from]) draw();
      else set("weight", 0.8);
    };
    drawing.addEventListener("pointerup", end);
    drawing.addEventListener("pointercancel", end);

    const choose = key => {
      stop();
      Object.assign(state, DEFAULTS, PRESETS[key].state, { preset: key });
      shown.reversal = "";
      const first = String(state.edges).slice(0, 2);
      [shown.from, shown.to] = [NAMES.indexOf(first[0]), NAMES.indexOf(first[1])];
      update();
    };

    root.append(make("section", { class: "live", "aria-label": "The linear SEM, live" }, presets.root, sentence,
      make("div", { class: "plots" }, editor.root, found.root, rank.root), make("div", { class: "controls" }, edge, cells),
      make("div", { class: "plots" }, lossFigure.root, spread.root, numbers.root), spoken.root));
    const given = read("linear", DEFAULTS);
    if (given && !(given.preset in PRESETS && Object.keys(given).length === 1)) {
      if (given.preset in PRESETS) Object.assign(state, DEFAULTS, PRESETS[given.preset].state);
      Object.assign(state, given);
      update();
    } else choose(given?.preset ?? (wanted in PRESETS ? wanted : "fit"));
    shown.loaded = true;
  };
  live.parts.linear.presets = PRESETS;
  live.parts.linear.networkOf = networkOf;
  live.parts.linear.DEFAULTS = DEFAULTS;
})(globalThis.deepsemLive ??= {});
