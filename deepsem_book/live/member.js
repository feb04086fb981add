// The second part's state, its presets, and a member in training: cells, known network, history.
(live => {
  const { algebra, deepsem, scores, train, truth } = live;

  const defaults = {
    preset: "", genes: 30, cells: 512, repression: 0.5, zeros: 0.5, depth: 0, network: 0,
    start: "safe", alpha: 0.2, beta: 1, lr_W: 4e-4, decay: 0.95, entries: "all", seed: 0, epochs: 46,
  };
  const rules = train.forData(defaults.cells, defaults.genes);
  const ownData = { start: rules.W_init, alpha: rules.alpha, lr_W: rules.lr_W, decay: rules.lr_decay, epochs: rules.n_epochs };

  // key → {title, sentence, state}; tests/deepsem_book/live trains each and verifies its sentence
  const presets = {
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
      sentence: "The authors’ start lies just above 1. The first steps carry W across the wall or up to it, and most members get stuck. Press “Another seed” and compare the side on which the row sums end.",
      state: { start: "authors" },
    },
    offset: {
      title: "One sign is hidden",
      sentence: "The authors’ learning rate of W. W hardly leaves its positive start, so repressing edges only make W smaller: |W| ranks them below unrelated pairs, and the centred score brings them back above chance.",
      state: { lr_W: 2e-5 },
    },
    specific: {
      title: "The other sign is hidden",
      sentence: "Non-zero entries and β = 0.1: W drifts below 0 as a whole. Now |W| ranks the activating edges below unrelated pairs; the centred score finds both signs.",
      state: { entries: "nonzero", beta: 0.1 },
    },
    depth: {
      title: "Depth is shared by all",
      sentence: "Cells differ in sequencing depth, so all genes rise and fall together: W keeps a positive offset, and |W| loses repressing edges. The centred score keeps both signs.",
      state: { depth: 0.8 },
    },
    own: {
      title: "The rules for your own data",
      sentence: "Config.for_data takes α, the rate of W and the epochs from the numbers of cells and genes, and starts at 0: no offset, no wall, and even |W| finds both signs. Move the depth to 0.8: an offset comes back, and with it the worth of the centred score.",
      state: ownData,
    },
  };

  // The package's Config for a state. With 32 knots the tables are right to 1e-5.
  const configOf = state => ({
    ...(state.entries === "nonzero" ? train.SPECIFIC : train.NONSPECIFIC), n_knots: 32, n_epochs: Math.min(999, state.epochs),
    alpha: state.alpha, beta: state.beta, lr_W: state.lr_W, lr_decay: state.decay, W_init: state.start,
  });

  const GRID = Float64Array.from({ length: 61 }, (_, i) => -3 + i / 10); // where the curves are drawn

  // A member about to be trained. history has a row for the start and one for each epoch.
  const begin = state => {
    const m = Math.max(10, Math.min(40, Math.round(state.genes))), nTfs = Math.round(m / 3), config = configOf(state);
    const world = live.rng(state.network), W = truth.randomNetwork(m, nTfs, state.repression, world);
    const X = truth.simulate(W, m, Math.max(64, Math.min(2048, state.cells)), { dropout: state.zeros, depthSd: state.depth }, world);
    const Z = truth.standardise(X, m, config.standardise, config.clip);
    const keep = config.reconstruct === "nonzero" ? X.map(x => +(x !== 0)) : null;
    const draws = live.rng(1000 + state.seed), model = deepsem.create(m, config, draws);
    const member = {
      m, nTfs, truth: W, pairs: scores.pairs(W, m, nTfs), zeros: X.filter(x => x === 0).length / X.length,
      Z, keep, config, model, trainer: train.trainer(model, Z, keep, config, draws), history: [], epoch: [],
    };
    member.first = deepsem.curves(model, GRID);
    record(member, { pivot: algebra.factorise(algebra.identityMinus(model.W, m, true), m).pivot });
    return member;
  };

  const rowSums = (W, m) => Array.from({ length: m }, (_, i) => W.subarray(i * m, (i + 1) * m).reduce((a, b) => a + b, 0));

  const record = (member, { mse = NaN, kl = NaN, pivot }) => {
    const { m, pairs, model: { W } } = member, centred = scores.centred(W, m);
    member.history.push({
      mse, kl, pivot, rows: rowSums(W, m), offset: scores.median(scores.offDiagonal(W, m)), centredScores: centred,
      raw: scores.bySign(W, pairs), centred: scores.bySign(centred, pairs),
    });
  };

  const step = member => {
    const report = member.trainer.advance(), { epoch } = member;
    epoch.push(report);
    if (!report.lastOfEpoch) return;
    const mean = key => epoch.reduce((sum, r) => sum + r[key], 0) / epoch.length;
    record(member, { mse: mean("mse"), kl: mean("kl"), pivot: Math.min(...epoch.map(r => r.pivot)) });
    member.epoch = [];
  };

  const done = ({ trainer, config }) => trainer.epoch >= config.n_epochs;

  // Size (root mean square) of the gradient of W of each part of the loss, on the first 64 cells
  const pushes = ({ model, m, Z, keep, config }) => {
    const n = 64 * m, x = Z.subarray(0, n), kept = keep?.subarray(0, n), noise = live.rng(7).normals(n), s = deepsem.scan(model, x);
    const rms = g => Math.sqrt(g.reduce((sum, v) => sum + v * v, 0) / g.length);
    const of = (part, e) => rms(deepsem.loss(model, s, x, kept, e, config.beta, part).gW);
    return { kl: config.beta * of("kl", noise), mse: of("mse", noise), still: of("mse", algebra.zeros(n)), l1: config.alpha / (m * m) };
  };

  live.member = { defaults, presets, GRID, begin, step, done, pushes };
})(deepsemLive);
