// The page's second part: DeepSEM trains on simulated cells whose network is known.
(live => {
  const { make, short, figure, chart, bars, heat } = live.plot;
  const { control, button, write, read, presetRow, announcer, calm } = live.ui;
  const { algebra, deepsem, scores, truth } = live;

  const DEFAULTS = {
    preset: "", genes: 30, cells: 512, repression: 0.5, zeros: 0.5, depth: 0, network: 0,
    start: "safe", alpha: 0.2, beta: 1, lr_W: 4e-4, entries: "all", seed: 0, epochs: 46,
  };

  // key → {title, sentence, state}; tests/deepsem_book/live trains each and verifies its sentence
  const PRESETS = {
    few: {
      title: "It works",
      sentence: "Thirty genes, the safe start, a learning rate of W of 4e−4 and a small α: edges of both signs are found. Press ▶.",
      state: {},
    },
    curves: {
      title: "Two curves open",
      sentence: "Watch “f₂ and f₁”. At first f₁(f₂(x)) is flat and the reconstruction no better than the mean, 1. Within some ten epochs the curve becomes a damped identity and the error falls to about one half.",
      state: { seed: 1 },
    },
    empty: {
      title: "The signal skips W",
      sentence: "α = 100, made for 800 genes, empties W: no edge can be found any more. The reconstruction does not care: the signal reaches f₁ without W. So W is learned from the KL term, a regression.",
      state: { alpha: 100 },
    },
    silent: {
      title: "A charge too high",
      sentence: "β = 10 makes each bit that the encoder says too expensive: f₁(f₂(x)) stays flat, the KL term is 0, the reconstruction is the mean, and W finds nothing.",
      state: { beta: 10 },
    },
    printed: {
      title: "The printed start",
      sentence: "Row sums of exactly 1 but for a little noise: look at the smallest pivot. The noise that passes the inverse drowns the signal; the reconstruction stays at the mean and AUROC near ½.",
      state: { start: "paper" },
    },
    wall: {
      title: "The wall",
      sentence: "The authors’ start lies just above 1. The first steps carry W across the wall or up to it, and most members get stuck with nothing found. Press “Another seed” and compare the side on which the row sums end.",
      state: { start: "authors" },
    },
    offset: {
      title: "One sign is hidden",
      sentence: "The authors’ learning rate of W. W hardly leaves its positive start, so repressing edges only make W smaller: |W| ranks them below unrelated pairs, and |W − median| brings them back above chance.",
      state: { lr_W: 2e-5 },
    },
    specific: {
      title: "The other sign is hidden",
      sentence: "Non-zero entries and β = 0.1: W drifts below 0 as a whole. Now |W| ranks the activating edges below unrelated pairs; |W − median| brings them back, at some cost to the repressing ones.",
      state: { entries: "nonzero", beta: 0.1 },
    },
    depth: {
      title: "Depth is shared by all",
      sentence: "Cells differ in sequencing depth, so all genes rise and fall together: W keeps a positive offset, and |W| loses repressing edges. The centred score keeps both signs.",
      state: { depth: 0.8 },
    },
  };

  // The package's Config for a state. With 32 knots the tables are right to 1e-5.
  const configOf = state => ({
    ...(state.entries === "nonzero" ? deepsem.SPECIFIC : deepsem.DEFAULTS),
    alpha: state.alpha, beta: state.beta, lr_W: state.lr_W, W_init: state.start, n_knots: 32,
  });

  // A member about to be trained, with its cells, its truth and the record of what happens
  const begin = state => {
    const m = Math.max(10, Math.min(40, Math.round(state.genes))), nTfs = Math.round(m / 3), config = configOf(state);
    const world = live.rng(state.network), W = truth.randomNetwork(m, nTfs, state.repression, world);
    const X = truth.simulate(W, m, state.cells, { dropout: state.zeros, depthSd: state.depth }, world);
    const Z = truth.standardise(X, m, config.standardise, config.clip);
    const keep = config.reconstruct === "nonzero" ? X.map(x => +(x !== 0)) : null;
    const draws = live.rng(1000 + state.seed), model = deepsem.create(m, config, draws);
    const run = {
      m, nTfs, truth: W, model, config, Z, keep, pairs: scores.pairs(W, m, nTfs), zeros: X.filter(x => x === 0).length / X.length,
      trainer: deepsem.trainer(model, Z, keep, config, draws), history: [], pushes: null, epochs: state.epochs,
    };
    run.first = deepsem.curves(model, GRID);
    record(run, { pivot: algebra.factorise(algebra.identityMinus(model.W, m, true), m).pivot });
    return run;
  };

  const GRID = Float64Array.from({ length: 61 }, (_, i) => -3 + i / 10);

  const rowSums = (W, m) => Array.from({ length: m }, (_, i) => W.subarray(i * m, (i + 1) * m).reduce((a, b) => a + b, 0));

  // One row of the history: at the start, and after each epoch
  const record = (run, { mse = NaN, kl = NaN, pivot, onW = false }) => {
    const { W } = run.model, centre = scores.median(scores.offDiagonal(W, run.m));
    run.history.push({ mse, kl, pivot, onW, centre, rows: rowSums(W, run.m), raw: scores.bySign(W, 0, run.pairs), centred: scores.bySign(W, centre, run.pairs) });
  };

  const step = run => {
    const said = run.trainer.advance(), { sum } = run;
    run.sum = { n: (sum?.n ?? 0) + 1, mse: (sum?.mse ?? 0) + said.mse, kl: (sum?.kl ?? 0) + said.kl, pivot: Math.min(sum?.pivot ?? 1, said.pivot) };
    if (said.lastOfEpoch) {
      const { n, mse, kl, pivot } = run.sum;
      run.sum = null;
      record(run, { mse: mse / n, kl: kl / n, pivot, onW: said.onW });
    }
    return said;
  };

  const done = run => run.trainer.epoch >= run.epochs;

  // Size (root mean square) of the gradient of W of each part of the loss, on the first 64 cells
  const pushes = run => {
    const { model, m, Z, keep, config } = run, n = 64 * m, x = Z.subarray(0, n), kept = keep?.subarray(0, n);
    const noise = live.rng(7).normals(n), s = deepsem.scan(model, x), rms = g => Math.sqrt(g.reduce((a, v) => a + v * v, 0) / g.length);
    const of = (part, e) => rms(deepsem.loss(model, s, x, kept, e, config.beta, part).gW);
    return { kl: config.beta * of("kl", noise), mse: of("mse", noise), still: of("mse", algebra.zeros(n)), l1: config.alpha / (m * m) };
  };

  live.parts.deepsem = (root, wanted) => {
    const state = { ...DEFAULTS };
    let run, playing = false, speed = 200, drawn = 0, loaded = false;
    const axis = [0, DEFAULTS.epochs]; // of the epochs, in all figures

    const presets = presetRow(PRESETS, key => { choose(key); start(); });
    const sentence = make("p", { class: "sentence" }), spoken = announcer(), status = make("p", { class: "status" });
    const figures = {
      W: figure("The network and what W holds", "Rows: targets; columns: regulators, TFs at the left. Blue: positive; orange: negative; each matrix on its own scale."),
      auroc: figure("Finding edges by their sign", "Area under the ROC curve over TF → gene pairs; ½ is chance. Full: ranked by |W|, as DeepSEM does. Dotted: by |W − median of W|."),
      scatter: figure("|W| against the centred score", "A dot is a pair TF → gene. A left branch appears where W has an offset: edges there are ranked below unrelated pairs by |W|."),
      rows: figure("Row sums against the wall", "Grey: each target; blue: the mean. Where all rows sum to 1, I − W is singular: the wall."),
      pivot: figure("Smallest pivot of I − Wᵀ", "Smallest over largest, in each epoch. Near 0 the inverse blows up the noise."),
      curves: figure("f₂ and f₁", "Functions of one number, the same for all genes. Dotted: before training. f₁(f₂(x)) without noise becomes a damped identity."),
      loss: figure("The loss", "Reconstruction: 1 is what the gene's mean gives."),
      push: figure("What pushes W", "Size of the gradient of W by part of the loss (64 cells, now)."),
    };
    const matrices = make("div", { class: "matrices" });
    figures.W.place.append(matrices);
    const draws = {
      auroc: chart(figures.auroc.place, { x: "epoch", y: "AUROC", range: { x: axis, y: [0, 1] }, name: "AUROC of activating and repressing edges against epoch" }),
      scatter: chart(figures.scatter.place, { x: "|W|", y: "|W − median|", name: "centred score against absolute W, by class of pair" }),
      rows: chart(figures.rows.place, { x: "epoch", y: "row sum of W", range: { x: axis }, name: "row sums of W against epoch" }),
      pivot: chart(figures.pivot.place, { x: "epoch", y: "pivot ratio", log: true, range: { x: axis, y: [1e-5, 1] }, name: "smallest pivot ratio against epoch" }),
      curves: chart(figures.curves.place, { x: "x", y: "value", name: "curves of f2 and of f1 after f2" }),
      loss: chart(figures.loss.place, { x: "epoch", y: "value", range: { x: axis }, name: "reconstruction and KL against epoch" }),
      push: bars(figures.push.place, "size of the gradient of W"),
    };
    figures.W.root.classList.add("wide");
    figures.push.place.firstChild.classList.add("wide");
    let heats = null;

    const byKey = {};
    const add = spec => (byKey[spec.key] = control(spec, state, (k, v) => set(k, v))).root;
    const percent = v => `${Math.round(100 * v)} %`;
    const play = button("▶ Train", () => (playing ? stop() : start()), { "data-do": "play", class: "primary" });
    const world = make("fieldset", {}, make("legend", {}, "Network and cells"),
      add({ key: "genes", label: "genes", min: 10, max: 40, step: 1 }),
      add({ key: "cells", label: "cells", values: [64, 128, 256, 512, 1024, 2048], say: String }),
      add({ key: "repression", label: "share of repression", min: 0.1, max: 0.9, step: 0.1, say: percent }),
      add({ key: "zeros", label: "zeros (strength of dropout)", min: 0, max: 1, step: 0.1 }),
      add({ key: "depth", label: "sequencing depth, sd of its logarithm", min: 0, max: 1.5, step: 0.1 }));
    const model = make("fieldset", {}, make("legend", {}, "DeepSEM"),
      add({ key: "start", label: "start of W", options: { authors: "authors’: row sums near 1", safe: "safe: row sums near ½", paper: "as printed: exactly next to 1" } }),
      add({ key: "entries", label: "task", options: { all: "non-specific: all entries", nonzero: "specific: non-zero entries" } }),
      add({ key: "alpha", label: "α, weight of mean |W|", values: [0, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100] }),
      add({ key: "beta", label: "β, weight of the KL term", values: [0, 0.01, 0.03, 0.1, 0.3, 1, 3, 10] }),
      add({ key: "lr_W", label: "learning rate of W", values: [2e-5, 5e-5, 1e-4, 2e-4, 4e-4, 1e-3, 2e-3] }));
    const speedControl = control({ key: "speed", label: "steps a second", values: [2, 10, 30, 200], say: v => (v === 200 ? "all it can" : String(v)) }, { get speed() { return speed; } }, (_, v) => { speed = v; speedControl.show(); });
    speedControl.show();
    const bar = make("div", { class: "row" }, play, button("One step", () => { stop(); if (!done(run)) step(run); draw(); }, { "data-do": "step" }),
      button("Start again", () => { stop(); reset(); }, { "data-do": "reset" }), button("Another seed", () => set("seed", state.seed + 1), { "data-do": "seed" }),
      button("Another network", () => set("network", state.network + 1), { "data-do": "network" }), speedControl.root);

    const set = (key, v) => {
      stop();
      state[key] = v;
      state.preset = "";
      reset();
    };
    const stop = () => { playing = false; play.textContent = "▶ Train"; };
    const start = () => {
      if (done(run)) reset();
      playing = true;
      play.textContent = "❚❚ Pause";
      requestAnimationFrame(frame);
    };
    let before = 0, owed = 0;
    const frame = now => {
      if (!playing || !root.isConnected) return;
      const elapsed = Math.min(100, now - before), began = performance.now();
      before = now;
      owed = Math.min(4, owed + (speed * elapsed) / 1000);
      while ((speed === 200 || owed >= 1) && !done(run) && performance.now() - began < 24) { step(run); owed -= 1; }
      if (done(run)) { stop(); announce(); }
      if (now - drawn > (calm() ? 1000 : 200) || !playing) draw();
      if (playing) requestAnimationFrame(frame);
    };

    const reset = () => {
      run = begin(state);
      axis[1] = run.epochs;
      matrices.replaceChildren();
      heats = ["truth", "W", "W − median"].map(title => heat(matrices, title, run.m));
      figures.W.note.textContent = `Rows: targets; columns: regulators, the ${run.nTfs} TFs at the left. Blue: positive; orange: negative. Each matrix has its own scale.`;
      if (loaded) write("deepsem", state, DEFAULTS);
      draw();
    };

    const announce = () => {
      const { raw, centred } = run.history[run.history.length - 1], two = v => v.toFixed(2);
      spoken.say(`Epoch ${run.trainer.epoch}. Ranked by absolute W: activating ${two(raw.activating)}, repressing ${two(raw.repressing)}. `
        + `Centred: activating ${two(centred.activating)}, repressing ${two(centred.repressing)}.`);
    };

    const draw = () => {
      drawn = performance.now();
      const { m, history, model: { W }, trainer } = run, last = history[history.length - 1], centre = last.centre;
      const centred = W.map((w, i) => (i % (m + 1) ? w - centre : 0)), top = values => Math.max(...values.map(Math.abs));
      [[run.truth, top(run.truth)], [W, top(W)], [centred, top(centred)]].forEach(([values, scale], i) => heats[i](values, scale));
      const series = (of, color, more) => ({ points: history.map((h, i) => [i, of(h)]).filter(p => Number.isFinite(p[1])), color, ...more });
      draws.auroc([series(h => h.raw.activating, "blue", { label: "activating" }), series(h => h.raw.repressing, "red", { label: "repressing" }),
        series(h => h.centred.activating, "blue", { dash: "2 4" }), series(h => h.centred.repressing, "red", { dash: "2 4" })], [{ y: 0.5 }]);
      const dots = (sign, color, label) => ({ points: run.pairs.filter(p => p.sign === sign).map(p => [Math.abs(W[p.i]), Math.abs(W[p.i] - centre)]), color, dots: true, label });
      draws.scatter([dots(0, "grey", "no edge"), dots(1, "blue", "activating"), dots(-1, "red", "repressing")]);
      const lines = Array.from({ length: m }, (_, g) => series(h => h.rows[g], "grey", { width: 0.7 }));
      const mean = h => h.rows.reduce((a, b) => a + b, 0) / m;
      draws.rows([...lines, series(mean, "blue", { width: 3 })], [{ y: 1, label: "the wall" }]);
      draws.pivot([series(h => h.pivot, "blue")]);
      const now = deepsem.curves(run.model, GRID), curve = (y, color, more) => ({ points: [...GRID].map((x, i) => [x, y[i]]), color, ...more });
      draws.curves([...["mu", "logVar", "identity"].map((k, i) => curve(run.first[k], ["sky", "grey", "green"][i], { dash: "2 4", width: 1.5 })),
        curve(now.mu, "sky", { label: "f₂: μ" }), curve(now.logVar, "grey", { label: "f₂: log σ²" }), curve(now.identity, "green", { label: "f₁(f₂(x))" })]);
      draws.loss([series(h => h.mse, "blue", { label: "reconstruction" }), series(h => h.kl, "orange", { label: "KL" })]);
      const p = pushes(run);
      draws.push([["KL: a regression", p.kl, "blue"], ["reconstruction", p.mse, "green"], ["the same, no noise", p.still, "green"], ["L1", p.l1, "orange"]]
        .map(([label, value, color]) => ({ label, value, color, said: value ? value.toExponential(0).replace("-", "−") : "0" })));
      status.textContent = `epoch ${trainer.epoch} of ${run.epochs}, step ${trainer.step}: ${done(run) ? "done" : trainer.onW ? "W learns" : "f₁, f₂ and the prior learn"}. `
        + `${percent(run.zeros)} of the entries are 0. AUROC of activating and repressing edges: |W| ${last.raw.activating.toFixed(2)} and ${last.raw.repressing.toFixed(2)}, `
        + `centred ${last.centred.activating.toFixed(2)} and ${last.centred.repressing.toFixed(2)}.`;
      sentence.textContent = PRESETS[state.preset]?.sentence ?? "Your own settings. They are in the address of this page: copy it to share them.";
      presets.show(state.preset);
      for (const { show } of Object.values(byKey)) show();
    };

    const choose = key => {
      stop();
      Object.assign(state, DEFAULTS, PRESETS[key].state, { preset: key });
      reset();
    };

    const [first, second, ...rest] = Object.values(figures);
    root.append(make("section", { class: "live", "aria-label": "DeepSEM, live" }, presets.root, sentence, bar, status,
      make("div", { class: "plots" }, first.root, second.root), make("div", { class: "controls" }, world, model),
      make("div", { class: "plots" }, ...rest.map(f => f.root)), spoken.root));
    const given = read("deepsem", DEFAULTS);
    if (given && !(given.preset in PRESETS && Object.keys(given).length === 1)) {
      Object.assign(state, DEFAULTS, PRESETS[given.preset]?.state, given);
      reset();
    } else choose(given?.preset ?? (wanted in PRESETS ? wanted : Object.keys(PRESETS)[0]));
    loaded = true;
    root.host.live = { get run() { return run; }, get state() { return state; } };
  };
  Object.assign(live.parts.deepsem, { presets: PRESETS, DEFAULTS, begin, step, done });
})(globalThis.deepsemLive ??= {});
