// A network that is known and cells made from it, for DeepSEM to find: chapter 2's nonlinear simulator.
(live => {
  // W (m × m), acyclic: genes 0 … nTfs - 1 may regulate genes of larger index, two regulators a gene.
  // A weight is U(0.5, 1) / √(number of regulators), and negative with probability `repression`.
  const randomNetwork = (m, nTfs, repression, rng) => {
    const W = new Float64Array(m * m);
    for (let target = 1; target < m; target++) {
      const possible = Math.min(target, nTfs), k = Math.min(possible, 2);
      for (const regulator of rng.order(possible).slice(0, k)) {
        const sign = rng.uniform() < repression ? -1 : 1;
        W[target * m + regulator] = (sign * (0.5 + 0.5 * rng.uniform())) / Math.sqrt(k);
      }
    }
    return W;
  };

  const softplus = v => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)));

  // Log expression (cells × genes, ≥ 0): x_j = softplus(1 + 2 Σ_i w_ji tanh(x_i - 1) + z_j). The counts
  // exp(x) - 1 of a cell are multiplied by its depth, exp(depthSd · N(0, 1)), and an entry is lost with
  // probability dropout · exp(-x² / 2).
  const simulate = (W, m, nCells, { dropout, depthSd }, rng) => {
    const X = new Float64Array(nCells * m);
    for (let cell = 0; cell < nCells; cell++) {
      const x = X.subarray(cell * m, (cell + 1) * m);
      for (let j = 0; j < m; j++) {
        let drive = rng.normal();
        for (let i = 0; i < j; i++) {
          if (W[j * m + i]) drive += 2 * W[j * m + i] * Math.tanh(x[i] - 1);
        }
        x[j] = softplus(1 + drive);
      }
      const depth = Math.exp(depthSd * rng.normal());
      for (let j = 0; j < m; j++) {
        x[j] = Math.log1p(Math.expm1(x[j]) * depth);
        if (rng.uniform() < dropout * Math.exp(-(x[j] ** 2) / 2)) x[j] = 0;
      }
    }
    return X;
  };

  // z-scores gene by gene over all cells, or over the entries that are not 0 (ledger 8)
  const standardise = (X, m, how, clip) => {
    const n = zeros(m), mean = zeros(m), square = zeros(m);
    const counts = x => how === "cells" || x !== 0;
    X.forEach((x, i) => { if (counts(x)) { n[i % m] += 1; mean[i % m] += x; } });
    mean.forEach((sum, j) => { mean[j] = sum / Math.max(n[j], 1); });
    X.forEach((x, i) => { if (counts(x)) square[i % m] += (x - mean[i % m]) ** 2; });
    const sd = square.map((s, j) => Math.sqrt(s / Math.max(n[j], 1)));
    return X.map((x, i) => {
      const j = i % m;
      if (sd[j] <= 1e-8 * Math.max(1, Math.abs(mean[j]))) return 0;
      return Math.max(-clip, Math.min(clip, (x - mean[j]) / sd[j]));
    });
  };
  const zeros = n => new Float64Array(n);

  live.truth = { randomNetwork, simulate, standardise };
})(deepsemLive);
