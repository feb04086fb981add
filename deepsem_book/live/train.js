// Training as deepsem_minimal/train.py: configurations, RMSprop, alternation of the MLPs and W.
(live => {
  const { zeros } = live.algebra;
  const { parameters, scan, loss, mlpGrads } = live.deepsem;

  const NONSPECIFIC = { // Config.nonspecific()
    alpha: 100, beta: 1, n_epochs: 91, reconstruct: "all", standardise: "cells", clip: Infinity,
    W_init: "authors", encoder_bias: "random", K1: 1, K2: 2, lr: 1e-4, lr_W: 2e-5, lr_decay: 0.95,
    batch_size: 64, n_hidden: 128, n_knots: 256,
  };
  const SPECIFIC = { // Config.cell_type_specific()
    ...NONSPECIFIC, alpha: 1, beta: 0.01, n_epochs: 151, reconstruct: "nonzero", standardise: "nonzero", clip: 10,
  };

  // What Config.for_data changes, up to 19,200 cells
  const forData = (nCells, nGenes) => {
    const batches = Math.ceil(nCells / 64), cycles = Math.ceil(600 / (2 * batches)), root = Math.sqrt(nCells / 1000);
    return {
      alpha: (0.01 * nGenes) / Math.min(1, root), n_epochs: 3 * cycles, W_init: "zero", lr_decay: 1,
      lr_W: (10 * root) / nGenes / (2 * cycles * batches),
    };
  };

  // RMSprop with PyTorch's defaults
  const rmsprop = (w, g, average, lr) => {
    for (let i = 0; i < w.length; i++) {
      average[i] = 0.99 * average[i] + 0.01 * g[i] * g[i];
      w[i] -= (lr * g[i]) / (Math.sqrt(average[i]) + 1e-8);
    }
  };

  const stepOnW = (model, gW, average, lr, alpha) => {
    const { W, m } = model, share = alpha / W.length;
    rmsprop(W, gW.map((g, i) => g + share * Math.sign(W[i])), average, lr);
    for (let i = 0; i < m; i++) W[i * m + i] = 0;
    model.factor = null;
  };

  const rowsOf = (X, rows, m) => {
    const out = zeros(rows.length * m);
    rows.forEach((r, i) => out.set(X.subarray(r * m, (r + 1) * m), i * m));
    return out;
  };

  // Training of one member, a step at a time. `draws` gives order(cells) once an epoch and
  // normals(entries) once a step; `config` has the names of the package's Config.
  const trainer = (model, X, keep, config, draws) => {
    const { P, W, m, H, seesY } = model, nCells = X.length / m;
    const average = zeros(W.length), averages = parameters(m, H, seesY);
    const state = { epoch: 0, onW: false, step: 0 };
    let order = null, next = 0, whole = null;
    const begin = () => {
      state.onW = state.epoch % (config.K1 + config.K2) >= config.K1; // ledger 10
      whole = state.onW ? scan(model, X) : null; // while W trains, the MLPs stand still
      order = draws.order(nCells);
      next = 0;
    };
    const scanOf = (x, rows) => whole
      ? { ...whole, mu: rowsOf(whole.mu, rows, m), logVar: rowsOf(whole.logVar, rows, m) }
      : scan(model, x);
    // One step; returns mse and kl of the batch, and the smallest pivot ratio.
    state.advance = () => {
      if (!order) begin();
      const rows = order.slice(next, next + config.batch_size), x = rowsOf(X, rows, m);
      const s = scanOf(x, rows), noise = draws.normals(x.length);
      const result = loss(model, s, x, keep && rowsOf(keep, rows, m), noise, config.beta);
      const pivot = model.factor.pivot;
      if (state.onW) stepOnW(model, result.gW, average, config.lr_W, config.alpha);
      else {
        const G = mlpGrads(model, s, result), lr = config.lr * config.lr_decay ** state.epoch; // ledger 12
        for (const name in G) rmsprop(P[name], G[name], averages[name], lr);
      }
      state.step += 1;
      next += config.batch_size;
      const lastOfEpoch = next >= nCells;
      const report = { mse: result.mse, kl: result.kl, pivot, onW: state.onW, epoch: state.epoch, lastOfEpoch };
      if (lastOfEpoch) { state.epoch += 1; order = null; }
      return report;
    };
    return state;
  };

  live.train = { trainer, NONSPECIFIC, SPECIFIC, forData };
})(deepsemLive);
