// The page's first part: draw a network, see cells drawn from it, and the linear SEM fitted to them.
(live => {
  const { make, signed, short, percent, figure, chart, bars } = live.plot;
  const { control, button, group, row, plots, presetPanel, announcer, calm, address, write } = live.ui;
  const { algebra, linear, network, linearState } = live;
  const { NAMES, presets, defaults } = linearState;
  const KEPT = 0.05; // weights below it are not drawn among the fitted

  const arrowText = (from, to) => `${NAMES[from]} → ${NAMES[to]}`;

  // ---- Figures ----------------------------------------------------------------------------------------

  const pairsByWeight = (fit, W, m) => [...fit].map((w, i) => ({ w, i, target: Math.floor(i / m), regulator: i % m }))
    .filter(p => p.target !== p.regulator)
    .sort((a, b) => Math.abs(b.w) - Math.abs(a.w))
    .map(p => ({ label: arrowText(p.regulator, p.target), value: Math.abs(p.w), said: signed(p.w),
      color: W[p.i] ? "green" : W[p.regulator * m + p.target] ? "pink" : "grey" }));

  const numberRows = ({ S, m, inUnits, ownLoss }, fit, right, sortable) => {
    const tr = (name, ...cells) => make("tr", {}, make("th", { scope: "row" }, name), ...cells);
    const losses = (name, W, own) => tr(name, ...[linear.objective(W, S, m).loss, own].map(v => make("td", {}, v.toFixed(3))));
    const wide = (key, text) => make("td", { colspan: 2, "data-say": key }, text);
    return [
      make("tr", {}, make("td"), ...["noise 1", "own noise"].map(text => make("th", { scope: "col" }, text))),
      losses("loss, your network", inUnits.W, ownLoss),
      losses("loss, fitted network", fit, linear.lossWithNoise(fit, S, m)),
      tr("fitted arrows that point your way", wide("right", right)), tr("varsortability", wide("varsortability", sortable)),
    ];
  };

  // The figures, and draw(problem, at, selected): `at` is the step of the fit, `selected` an arrow
  const figures = () => {
    const svg = kind => make("svg", { class: `network ${kind}`, role: "img" }), drawn = svg("edit"), fitted = svg("");
    const own = figure("The network you draw", "Drag from gene to gene to add an arrow; drag an arrow up or down to change its weight. Blue pointed: activates. Orange blunt: represses. Small: noise sd.");
    const fit = figure("What the fit finds", `Weights above ${KEPT}, at the step shown below.`);
    const rank = figure("The ranking", "All ordered pairs by |fitted weight|, largest first.");
    const loss = figure("The loss while W is fitted", "Step by step. Dashed: the loss of the network you drew.");
    const spread = figure("Variance of each gene", "Bars of equal length tell nothing about direction.");
    const numbers = figure("In numbers", "Negative log-likelihood per cell, without L1. “Noise 1”: all noise variances are 1, as the fit has it; “own noise”: those of the network, or the best for the fitted one.");
    own.place.append(drawn);
    fit.place.append(fitted);
    const drawLoss = chart(loss, { x: "step", y: "loss" });
    const drawRank = bars(rank), drawSpread = bars(spread);
    const colours = { green: "an arrow you drew", pink: "one turned round", grey: "no arrow" };
    rank.place.append(make("p", { class: "legend" }, ...Object.entries(colours).map(([color, text]) => make("span", { style: `--c:var(--${color})` }, text))));
    const table = make("table");
    numbers.place.append(table);
    rank.root.classList.add("rank");
    loss.root.classList.add("tall");

    const draw = (problem, at, selected, alpha) => {
      const { m, W, noiseSd, S, inUnits, path, variances } = problem, shownW = path[at].W;
      network.show(drawn, "drawn", W, m, [...noiseSd].map(sd => sd.toFixed(2)), selected);
      network.show(fitted, "fitted", shownW.map(w => (Math.abs(w) > KEPT ? w : 0)), m);
      const ownLoss = linear.objective(inUnits.W, S, m).loss + alpha * linear.l1(inUnits.W);
      drawLoss([{ points: path.map((p, i) => [i, p.loss]), color: "blue" }, { points: [[at, path[at].loss]], color: "red", dots: true }],
        [{ y: ownLoss, label: "your network" }]);
      drawRank(pairsByWeight(shownW, W, m).slice(0, 12));
      drawSpread(variances.map((v, i) => ({ label: NAMES[i], value: v, color: "blue", said: v.toFixed(2) })));
      const right = percent(linear.rightWay(shownW, W, m)), order = linear.varsortability(variances, W, m);
      const sortable = Number.isNaN(order) ? "–" : order.toFixed(2);
      table.replaceChildren(...numberRows(problem, shownW, right, sortable));
      return `${right} of the arrows point your way. Varsortability ${sortable}.`;
    };
    return { above: [own, fit, rank], below: [loss, spread, numbers], drawn, loss, spread, draw };
  };

  // ---- Changes of the network, in the words of the state ------------------------------------------------

  const weighed = ({ m, W }, from, to, weight) => {
    const changed = Float64Array.from(W);
    changed[to * m + from] = Math.abs(weight) < 0.025 ? 0 : Math.round(weight * 100) / 100;
    const { pivot } = algebra.factorise(algebra.identityMinus(changed, m), m);
    return { edges: linearState.edgesOf(pivot < 0.02 ? W : changed, m) }; // next to singular: nothing changes
  };

  const withNoise = ({ noiseSd }, gene, sd, noise) => ({ sds: linearState.sdsOf(noiseSd.map((v, i) => (i === gene ? sd : v)), noise) });

  // The state after the arrow was turned round at the same covariance, and what there is to say about it
  const reversed = ({ m, W, noiseSd, ownLoss }, from, to, noise) => {
    const mirror = linear.reverse(W, noiseSd, to, from);
    if (!mirror) return null;
    const old = linear.modelCovariance(W, noiseSd), now = linear.modelCovariance(mirror.W, mirror.noiseSd);
    const gap = Math.max(...now.map((v, i) => Math.abs(v - old[i])));
    const more = mirror.W.filter(Boolean).length - W.filter(Boolean).length, s = Math.abs(more) > 1 ? "s" : "";
    const price = more > 0 ? `, at the price of ${more} new arrow${s}` : more < 0 ? `, and ${-more} arrow${s} could go` : ", without a new arrow";
    const say = `${arrowText(from, to)} now points from ${NAMES[to]} to ${NAMES[from]}${price}. `
      + `Largest change of the covariance: ${gap < 1e-9 ? "0 (to rounding)" : short(gap)}. Loss with its own noise: ${ownLoss.toFixed(4)} before, `;
    return { change: { edges: linearState.edgesOf(mirror.W, m), sds: linearState.sdsOf(mirror.noiseSd, noise) }, say };
  };

  // ---- Controls -------------------------------------------------------------------------------------

  const controls = (value, set, press) => {
    const all = {}, genes = Object.fromEntries([...NAMES].map((name, i) => [i, name])), two = v => signed(v);
    const add = spec => (all[spec.key] = control(spec, value, set)).root;
    const reverse = button("Reverse this arrow, same covariance", "reverse", press.reverse, { class: "primary" });
    const remove = button("Remove it", "remove", () => set("weight", 0)), play = button("", "play", press.play);
    const arrow = group("One arrow",
      row(add({ key: "from", label: "from", options: genes }), add({ key: "to", label: "to", options: genes })),
      add({ key: "weight", label: "weight", min: -1.5, max: 1.5, step: 0.05, say: two }),
      add({ key: "geneSd", label: "noise sd of its target", min: 0.1, max: 3, step: 0.05, say: two }), row(reverse, remove));
    const cells = group("Cells and fit",
      add({ key: "genes", label: "genes", min: 2, max: 12 }),
      add({ key: "cells", label: "cells", values: [50, 100, 200, 500, 1000, 2000, 5000, 20000], say: String }),
      add({ key: "noise", label: "noise sd of all genes", min: 0.25, max: 2, step: 0.05, say: two }),
      add({ key: "alpha", label: "L1 penalty α", min: 0, max: 0.5, step: 0.01, say: two }),
      add({ key: "scaled", label: "z-score: scale each gene to variance 1", check: true }),
      row(button("New cells", "cells", press.cells), button("No arrows", "clear", press.clear)));
    const steps = row(play, add({ key: "step", label: "step", min: 0, max: 1 }));

    const show = ({ m, path, W }, { from, to, playing }) => {
      all.step.root.querySelector("input").max = path.length - 1;
      for (const key of ["from", "to"]) for (const option of all[key].root.querySelectorAll("option")) option.hidden = option.disabled = +option.value >= m;
      Object.values(all).forEach(c => c.show());
      reverse.disabled = remove.disabled = !W[to * m + from];
      play.textContent = playing ? "❚❚ Pause" : "▶ Watch the fit";
    };
    return { groups: [arrow, cells], steps, show };
  };

  // ---- The part -------------------------------------------------------------------------------------

  // `state` is what the address holds; `view` is what else decides the look: the selected arrow, the step of
  // the fit, and what is said after a reversal.
  const mount = (root, wanted) => {
    const state = {}, view = { from: 0, to: 1, step: Infinity, playing: false, reversal: "" };
    const figs = figures(), spoken = announcer();
    let problem;

    const at = () => Math.min(view.step, problem.path.length - 1);
    const value = key => ({
      from: String(view.from), to: String(view.to), step: at(), geneSd: problem.noiseSd[view.to], weight: problem.W[view.to * problem.m + view.from],
    })[key] ?? state[key];
    const draw = () => {
      const says = figs.draw(problem, at(), view.to * problem.m + view.from, state.alpha);
      figs.spread.heading.textContent = `Variance of each gene${state.scaled ? ", z-scored" : ""}`;
      choice.show(state.preset, view.reversal);
      panel.show(problem, view);
      spoken.say(`${says} ${view.reversal}`);
    };
    const select = (from, to) => {
      view.from = from;
      view.to = from === to ? (from + 1) % problem.m : to;
    };
    // Every change of the state comes through here.
    const change = (changes, reversal = "") => {
      Object.assign(state, { preset: "" }, changes);
      problem = linearState.solved(state);
      Object.assign(view, { playing: false, step: Infinity, reversal });
      if (view.from >= problem.m || view.to >= problem.m) select(0, 1);
      draw();
    };
    const edited = (changes, reversal) => { change(changes, reversal); write("linear", state); };
    const set = (key, v) => {
      view.playing = false;
      if (key === "step") { view.step = v; return draw(); }
      view.reversal = "";
      if (key === "from" || key === "to") { select(key === "from" ? +v : view.from, key === "to" ? +v : view.to); return draw(); }
      if (key === "weight") return edited(weighed(problem, view.from, view.to, v));
      if (key === "geneSd") return edited(withNoise(problem, view.to, v, state.noise));
      edited({ [key]: v });
    };
    const reverse = () => {
      const result = reversed(problem, view.from, view.to, state.noise);
      if (!result) return;
      [view.from, view.to] = [view.to, view.from];
      edited(result.change, result.say);
      view.reversal += `${problem.ownLoss.toFixed(4)} after.`;
      draw();
    };
    const play = () => {
      view.playing = !view.playing && !calm(); // without animation the slider shows each step
      view.step = view.playing ? 0 : calm() ? Infinity : at();
      const began = performance.now(), last = problem.path.length - 1, seconds = Math.min(6, 1.5 + last / 40);
      const frame = now => {
        if (!view.playing || !root.isConnected) return;
        const share = Math.max(0, Math.min(1, (now - began) / 1000 / seconds));
        view.step = Math.round(last * share ** 2); // slow at first, where most of the change is
        view.playing = share < 1;
        draw();
        requestAnimationFrame(frame);
      };
      draw();
      requestAnimationFrame(frame);
    };
    const open = given => {
      const first = String(given.edges), [from, to] = [first[0], first[1]].map(name => Math.max(0, NAMES.indexOf(name)));
      Object.assign(view, { from, to: from === to ? from + 1 : to });
      change(given);
    };

    const choice = presetPanel("linear", open);
    const panel = controls(value, set, { reverse, play, cells: () => edited({ seed: state.seed + 1 }), clear: () => edited({ edges: "", sds: "" }) });
    figs.loss.place.append(panel.steps);
    network.edit(figs.drawn, () => problem, {
      select: (from, to) => { select(from, to); view.reversal = ""; draw(); },
      add: (from, to) => { select(from, to); if (value("weight")) draw(); else set("weight", 0.8); },
      weigh: w => set("weight", w),
    });
    root.append(make("section", { class: "live", "aria-label": "The linear SEM, live" }, ...choice.roots,
      plots(figs.above), make("div", { class: "controls" }, ...panel.groups), plots(figs.below), spoken.root));
    address("linear", root, wanted, open);
  };

  live.parts.linear = { mount, presets, defaults };
})(deepsemLive);
