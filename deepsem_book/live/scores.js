// How well scores find known edges: the package's centred score, AUROC of activating and of repressing edges.
(live => {
  const { zeros } = live.algebra;
  const offDiagonal = (W, m) => W.filter((_, i) => i % (m + 1) !== 0);
  const mean = values => values.reduce((sum, v) => sum + v, 0) / values.length;

  const median = values => {
    const sorted = Float64Array.from(values).sort(), n = sorted.length;
    return n % 2 ? sorted[(n - 1) / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
  };

  // As deepsem_minimal.networks.centred: the distance of each weight from the median of its regulator's
  // column. Its size loses what the mean sizes of its target and its regulator explain; no size is below 0.
  const centred = (W, m) => {
    const scores = zeros(m * m), rows = zeros(m), columns = zeros(m);
    const ofPairs = visit => {
      for (let i = 0; i < m * m; i++) if (i % (m + 1)) visit(i, Math.floor(i / m), i % m);
    };
    const centres = Array.from({ length: m }, (_, j) => median(W.filter((_, i) => i % m === j && i % (m + 1))));
    const size = W.map((w, i) => Math.abs(w - centres[i % m])), all = mean(offDiagonal(size, m));
    ofPairs((i, target, regulator) => {
      rows[target] += size[i] / (m - 1);
      columns[regulator] += size[i] / (m - 1);
    });
    ofPairs((i, target, regulator) => { size[i] -= (rows[target] * columns[regulator]) / Math.max(all, 1e-30); });
    const least = Math.min(...offDiagonal(size, m));
    ofPairs((i, _, regulator) => { scores[i] = (size[i] - least) * Math.sign(W[i] - centres[regulator]); });
    return scores;
  };

  // Probability that a positive has a higher score than a negative; ties count one half
  const auroc = (positives, negatives) => {
    const all = [...positives.map(s => [s, 1]), ...negatives.map(s => [s, 0])].sort((a, b) => a[0] - b[0]);
    let wins = 0, below = 0;
    for (let i = 0; i < all.length;) {
      let end = i, ones = 0;
      while (end < all.length && all[end][0] === all[i][0]) ones += all[end++][1];
      const noughts = end - i - ones;
      wins += ones * (below + noughts / 2);
      below += noughts;
      i = end;
    }
    return wins / (positives.length * negatives.length);
  };

  // The pairs TF → gene with their class in the truth: 1 activating, -1 repressing, 0 no edge
  const pairs = (truth, m, nTfs) => {
    const list = [];
    for (let target = 0; target < m; target++) {
      for (let tf = 0; tf < nTfs; tf++) {
        const i = target * m + tf;
        if (tf !== target) list.push({ i, sign: Math.sign(truth[i]) });
      }
    }
    return list;
  };

  // AUROC of |score| against the pairs without an edge, by the sign of the edge
  const bySign = (scores, list) => {
    const of = sign => list.filter(p => p.sign === sign).map(p => Math.abs(scores[p.i]));
    const none = of(0);
    return { activating: auroc(of(1), none), repressing: auroc(of(-1), none) };
  };

  live.scores = { offDiagonal, median, centred, auroc, pairs, bySign };
})(deepsemLive);
