// The first part's state: a network and cells as a few words, presets, and what follows from a state.
(live => {
  const { algebra, linear } = live;
  const NAMES = "ABCDEFGHIJKL";

  const defaults = {
    preset: "", genes: 4, edges: "", sds: "", noise: 1, cells: 2000, alpha: 0.02, scaled: 0, seed: 1,
  };

  // key → {title, sentence, state}; tests/deepsem_book/live verifies the sentences over many draws of cells
  const presets = {
    fit: {
      title: "From cells back to W",
      sentence: "Equal noise in every gene, on the scale of the simulation: the fit finds the arrows, their signs and their directions. Press ▶ to watch it.",
      state: { genes: 4, edges: "AB0.8 AC-0.6 BD0.7" },
    },
    mirror: {
      title: "Two networks, one covariance",
      sentence: "Press “Reverse this arrow, same covariance”: the arrow turns and the noise changes; the cells, the fit and the loss with its own noise stay. No number of cells tells the two networks apart.",
      state: { genes: 2, edges: "AB0.8" },
    },
    scaled: {
      title: "z-scores take direction back",
      sentence: "The same genes, each divided by its standard deviation: both variances are 1, varsortability is ½, and both directions get the same weight. Take the tick off z-score, and the fit knows the direction again.",
      state: { genes: 2, edges: "AB0.8", scaled: 1 },
    },
    units: {
      title: "Other units, other arrow",
      sentence: "The same genes, B counted in a unit twice as large: its variance is now the smaller one, and the longer arrow of the fit points from B to A. Tick z-score: a fit that was wrong becomes one that does not know.",
      state: { genes: 2, edges: "AB0.4", sds: "1 0.5" },
    },
    chain: {
      title: "A chain turns for free",
      sentence: "Reverse A → B: no new arrow appears, and the chain has become the fork A ← B → C, with the same covariance. Reverse B → C next, and the whole chain has turned.",
      state: { genes: 3, edges: "AB0.6 BC0.6", scaled: 1 },
    },
    collider: {
      title: "A collider does not",
      sentence: "Reverse A → B: a new arrow between A and C is the price, so covariance can tell a collider from a chain. This fit does not use it: at variance 1 it gets both arrows wrong and links A with C.",
      state: { genes: 3, edges: "AB0.6 CB0.6", scaled: 1 },
    },
    cells: {
      title: "More cells, same doubt",
      sentence: "Move the cells from 50 to 20000: the grey bars, pairs without an arrow, fall behind. Pink bars, arrows turned round, stay at the top: cells say which pairs are linked, not which way.",
      state: { genes: 6, edges: "AB0.5 BC0.5 CD0.5 DE0.5 EF0.5", scaled: 1, cells: 50 },
    },
    hub: {
      title: "A hub is a lucky guess",
      sentence: "All arrows point the right way. That is no knowledge. Reverse A → B: the covariance is the same and the fit does not move; it takes the gene with many neighbours for the regulator.",
      state: { genes: 6, edges: "AB0.6 AC-0.6 AD0.6 AE0.6 AF-0.6", scaled: 1 },
    },
    sparse: {
      title: "What L1 does",
      sentence: "Eight genes, only 100 cells, no L1: many pairs without an arrow get a weight. Move α up: grey and pink bars shrink first; at 0.5 arrows of yours vanish too.",
      state: { genes: 8, edges: "AB0.8 AC-0.7 BD0.7 CE0.8 DF-0.8 EG0.7 AH0.6", cells: 100, alpha: 0 },
    },
    loop: {
      title: "A loop",
      sentence: "D represses A, and a loop closes. W may have loops: I − W must be invertible, no more. With equal noise it finds the four arrows, in nearly every draw of the cells.",
      state: { genes: 4, edges: "AB0.8 BC0.7 CD0.7 DA-0.6" },
    },
  };

  // "AB0.8 AC-0.6" is W[B, A] = 0.8, W[C, A] = -0.6
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
  const edgesOf = (W, m) => [...W].map((w, i) => (w ? NAMES[i % m] + NAMES[Math.floor(i / m)] + digits(w) : "")).filter(Boolean).join(" ");
  const sdsOf = (noiseSd, noise) => [...noiseSd].map(sd => digits(sd / noise)).join(" ");

  // The network in the units of z-scores
  const scaledNetwork = ({ m, W, noiseSd }, covariance) => {
    const sd = i => Math.sqrt(covariance[i * (m + 1)]);
    return { m, W: W.map((w, i) => (w * sd(i % m)) / sd(Math.floor(i / m))), noiseSd: noiseSd.map((v, i) => v / sd(i)) };
  };

  // The draws of the last state are kept: a slider that leaves the cells alone needs no new ones.
  let drawn = {};
  const normalsFor = ({ seed, cells: wanted }, m) => {
    const cells = Math.max(10, Math.min(20000, wanted)), key = `${seed} ${cells} ${m}`;
    if (drawn.key !== key) drawn = { key, normals: live.rng(seed).normals(cells * m) };
    return drawn.normals;
  };

  // Everything the figures show: the network, its cells' covariance S, and the path of the fit
  const solved = state => {
    const net = networkOf(state), { m } = net, model = linear.modelCovariance(net.W, net.noiseSd);
    let S = algebra.covariance(linear.cellsOf(model, m, normalsFor(state, m)), m);
    if (state.scaled) {
      const sd = Float64Array.from({ length: m }, (_, i) => Math.sqrt(S[i * (m + 1)]));
      S = S.map((s, i) => (i % (m + 1) ? s / (sd[Math.floor(i / m)] * sd[i % m]) : 1));
    }
    const inUnits = state.scaled ? scaledNetwork(net, model) : net;
    return {
      ...net, S, inUnits, path: linear.fit(S, m, state.alpha), ownLoss: linear.lossWithNoise(inUnits.W, S, m, inUnits.noiseSd),
      variances: Array.from({ length: m }, (_, i) => S[i * (m + 1)]),
    };
  };

  live.linearState = { NAMES, defaults, presets, networkOf, edgesOf, sdsOf, solved };
})(deepsemLive);
