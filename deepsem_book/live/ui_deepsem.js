// The page's second part: DeepSEM trains on simulated cells whose network is known.
(live => {
  const { make, signed, percent, figure, chart, bars, heat } = live.plot;
  const { control, button, group, row, plots, presetPanel, announcer, calm, address, write } = live.ui;
  const { deepsem } = live;
  const { defaults, presets, GRID, begin, step, done, pushes } = live.member;
  const small = v => (v ? v.toExponential(0).replace("-", "−") : "0");
  const FASTEST = 200;

  // ---- Figures --------------------------------------------------------------------------------------

  const signNames = ["no edge", "activating", "repressing"];

  // Each is {root, draw(member)}; `axis` is the range of the epochs.
  const kinds = {
    W: () => {
      const f = figure("The network and what W holds", ""), matrices = make("div", { class: "matrices" });
      f.place.append(matrices);
      f.root.classList.add("wide");
      let heats = [], shown = null;
      const draw = member => {
        if (shown !== member) {
          matrices.replaceChildren();
          heats = ["truth", "W", "centred score"].map(title => heat(matrices, title, member.m));
          f.note.textContent = `Rows: targets; columns: regulators, the ${member.nTfs} TFs at the left. Blue: positive; orange: negative. Each matrix has its own scale.`;
          shown = member;
        }
        const { truth, model, history } = member;
        [truth, model.W, history.at(-1).centredScores].forEach((V, i) => heats[i](V, Math.max(...V.map(Math.abs))));
      };
      return { root: f.root, draw };
    },
    auroc: axis => overEpochs(axis, "Finding edges by their sign", "Area under the ROC curve over TF → gene pairs; ½ is chance. Full: ranked by |W|, as DeepSEM does. Dotted: by the centred score.",
      { y: "AUROC", range: { y: [0, 1] } },
      series => [["raw", "activating", "blue", true], ["raw", "repressing", "red", true], ["centred", "activating", "blue"], ["centred", "repressing", "red"]]
        .map(([score, sign, color, full]) => series(h => h[score][sign], color, full ? { label: sign } : { dash: "2 4" })), [{ y: 0.5 }]),
    scatter: () => {
      const f = figure("|W| against the centred score", "A dot is a pair TF → gene. |W| ranks from right to left; the centred score by the distance from the dashed line, its side is the sign.");
      const draw = chart(f, { x: "|W|", y: "centred score" });
      const dots = ({ model: { W }, history, pairs }, sign, color) => ({ color, dots: true, label: signNames.at(sign),
        points: pairs.filter(p => p.sign === sign).map(p => [Math.abs(W[p.i]), history.at(-1).centredScores[p.i]]) });
      return { root: f.root, draw: member => draw([dots(member, 0, "grey"), dots(member, 1, "blue"), dots(member, -1, "red")], [{ y: 0 }]) };
    },
    rows: axis => overEpochs(axis, "Row sums against the wall", "Grey: each target; blue: the mean. Where all rows sum to 1, I − W is singular: the wall.",
      { y: "row sum of W" },
      (series, { m }) => [...Array.from({ length: m }, (_, g) => series(h => h.rows[g], "grey", { width: 0.7 })),
        series(h => h.rows.reduce((a, b) => a + b, 0) / m, "blue", { width: 3 })], [{ y: 1, label: "the wall" }]),
    pivot: axis => overEpochs(axis, "Smallest pivot of I − Wᵀ", "Smallest over largest, in each epoch. Near 0 the inverse blows up the noise.",
      { y: "pivot ratio", log: true, range: { y: [1e-5, 1] } }, series => [series(h => h.pivot, "blue")]),
    curves: () => {
      const f = figure("f₂ and f₁", "Functions of one number, the same for all genes. Dotted: before training.");
      const draw = chart(f, { x: "x", y: "value" });
      const names = { mu: ["f₂: μ", "sky"], logVar: ["f₂: log σ²", "grey"], identity: ["f₁(f₂(x))", "green"] };
      const lines = (curves, look) => Object.entries(names).map(([key, [label, color]]) =>
        ({ points: [...GRID].map((x, i) => [x, curves[key][i]]), color, ...look(label) }));
      return { root: f.root, draw: ({ first, model }) => draw(
        [...lines(first, () => ({ dash: "2 4", width: 1.5 })), ...lines(deepsem.curves(model, GRID), label => ({ label }))]) };
    },
    loss: axis => overEpochs(axis, "The loss", "Reconstruction: 1 is what the gene's mean gives.", { y: "value" },
      series => [series(h => h.mse, "blue", { label: "reconstruction" }), series(h => h.kl, "orange", { label: "KL" })]),
    push: () => {
      const f = figure("What pushes W", "Size of the gradient of W by part of the loss (64 cells, now)."), draw = bars(f);
      f.place.firstChild.classList.add("wide");
      const names = { kl: ["KL: a regression", "blue"], mse: ["reconstruction", "green"], still: ["the same, no noise", "green"], l1: ["L1", "orange"] };
      return { root: f.root, draw: member => draw(Object.entries(pushes(member)).map(([key, value]) =>
        ({ label: names[key][0], color: names[key][1], value, said: small(value) }))) };
    },
  };

  // A chart against epochs; lines(series, member) uses series(of a row of the history, color, look).
  const overEpochs = (axis, title, caption, { range, ...spec }, lines, marks = []) => {
    const f = figure(title, caption), draw = chart(f, { x: "epoch", ...spec, range: { x: axis, ...range } });
    const drawMember = member => draw(lines((of, color, look) => ({
      points: member.history.map((h, i) => [i, of(h)]).filter(p => Number.isFinite(p[1])), color, ...look }), member), marks);
    return { root: f.root, draw: drawMember };
  };

  // ---- Controls -------------------------------------------------------------------------------------

  const controls = (state, set) => {
    const all = [], add = spec => { all.push(control(spec, key => state[key], set)); return all.at(-1).root; };
    const world = group("Network and cells",
      add({ key: "genes", label: "genes", min: 10, max: 40 }),
      add({ key: "cells", label: "cells", values: [64, 128, 256, 512, 1024, 2048], say: String }),
      add({ key: "repression", label: "share of repression", min: 0.1, max: 0.9, step: 0.1, say: percent }),
      add({ key: "zeros", label: "zeros (strength of dropout)", max: 1, step: 0.1 }),
      add({ key: "depth", label: "sequencing depth, sd of its logarithm", max: 1.5, step: 0.1 }));
    const model = group("DeepSEM",
      add({ key: "start", label: "start of W", options: { authors: "authors’: row sums near 1", safe: "safe: row sums near ½", zero: "zero: row sums near 0", paper: "as printed: exactly next to 1" } }),
      add({ key: "entries", label: "task", options: { all: "non-specific: all entries", nonzero: "specific: non-zero entries" } }),
      add({ key: "alpha", label: "α, weight of mean |W|", values: [0, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100] }),
      add({ key: "beta", label: "β, weight of the KL term", values: [0, 0.01, 0.03, 0.1, 0.3, 1, 3, 10] }),
      add({ key: "lr_W", label: "learning rate of W", values: [2e-5, 5e-5, 1e-4, 2e-4, 4e-4, 1e-3, 2e-3] }),
      add({ key: "decay", label: "rate of f₁, f₂, times this an epoch", values: [0.9, 0.95, 1], say: String }));
    return { groups: [world, model], show: () => all.forEach(c => c.show()) };
  };

  // ---- The part -------------------------------------------------------------------------------------

  const scoresText = ({ activating, repressing }) => `${signed(activating)} and ${signed(repressing)}`;

  const statusOf = ({ trainer, config, zeros, history }) => {
    const { raw, centred, offset } = history.at(-1), learner = trainer.onW ? "W learns" : "f₁, f₂ and the prior learn";
    const now = trainer.epoch >= config.n_epochs ? "done" : learner;
    return `epoch ${trainer.epoch} of ${config.n_epochs}, step ${trainer.step}: ${now}. ${percent(zeros)} of the entries are 0; median of W ${signed(offset, 3)}. `
      + `AUROC of activating and repressing edges: |W| ${scoresText(raw)}, centred ${scoresText(centred)}.`;
  };

  const mount = (root, wanted) => {
    const state = {}, axis = [0, defaults.epochs], clock = { playing: false, speed: FASTEST, frame: 0, owed: 0, drawn: 0 };
    const figs = Object.values(kinds).map(kind => kind(axis));
    const status = make("p", { class: "status" }), spoken = announcer();
    let member;

    const draw = () => {
      clock.drawn = performance.now();
      figs.forEach(f => f.draw(member));
      status.textContent = statusOf(member);
      play.textContent = clock.playing ? "❚❚ Pause" : "▶ Train";
      choice.show(state.preset);
      panel.show();
    };
    const reset = () => {
      clock.playing = false;
      member = begin(state);
      axis[1] = state.epochs;
      draw();
    };
    const set = (key, v) => {
      Object.assign(state, { preset: "", [key]: v });
      reset();
      write("deepsem", state);
    };
    const frame = now => {
      if (!clock.playing || !root.isConnected) return;
      const began = performance.now();
      clock.owed = Math.min(4, clock.owed + (clock.speed * Math.min(100, now - clock.frame)) / 1000);
      clock.frame = now;
      while ((clock.speed === FASTEST || clock.owed >= 1) && !done(member) && performance.now() - began < 24) {
        step(member);
        clock.owed -= 1;
      }
      clock.playing = !done(member);
      if (!clock.playing) spoken.say(statusOf(member));
      if (now - clock.drawn > (calm() ? 1000 : 200) || !clock.playing) draw();
      if (clock.playing) requestAnimationFrame(frame);
    };
    const start = () => {
      if (done(member)) reset();
      clock.playing = true;
      play.textContent = "❚❚ Pause";
      requestAnimationFrame(frame);
    };
    const stop = () => { clock.playing = false; draw(); };
    const open = (given, train) => {
      Object.assign(state, given);
      reset();
      if (train) start();
    };

    const choice = presetPanel("deepsem", open), panel = controls(state, set), play = button("", "play", () => (clock.playing ? stop() : start()), { class: "primary" });
    const speed = control({ key: "speed", label: "steps a second", values: [2, 10, 30, FASTEST], say: v => (v === FASTEST ? "all it can" : String(v)) },
      key => clock[key], (key, v) => { clock[key] = v; speed.show(); });
    speed.show();
    const bar = row(play, button("One step", "step", () => { if (!done(member)) step(member); stop(); }), button("Start again", "reset", reset),
      button("Another seed", "seed", () => set("seed", state.seed + 1)), button("Another network", "network", () => set("network", state.network + 1)), speed.root);
    root.append(make("section", { class: "live", "aria-label": "DeepSEM, live" }, ...choice.roots, bar, status,
      plots(figs.slice(0, 2)), make("div", { class: "controls" }, ...panel.groups), plots(figs.slice(2)), spoken.root));
    address("deepsem", root, wanted, open);
    root.host.live = { get member() { return member; }, get state() { return state; } };
  };

  live.parts.deepsem = { mount, presets, defaults };
})(deepsemLive);
