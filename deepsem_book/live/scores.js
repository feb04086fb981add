// How well a matrix of scores finds known edges: median of W, AUROC of activating and of repressing edges.
(live => {
  const offDiagonal = (W, m) => W.filter((_, i) => i % (m + 1) !== 0);

  const median = values => {
    const sorted = Float64Array.from(values).sort(), n = sorted.length;
    return n % 2 ? sorted[(n - 1) / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
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

  // AUROC of |W - centre| against the pairs without an edge, by the sign of the edge
  const bySign = (W, centre, list) => {
    const of = sign => list.filter(p => p.sign === sign).map(p => Math.abs(W[p.i] - centre));
    const none = of(0);
    return { activating: auroc(of(1), none), repressing: auroc(of(-1), none) };
  };

  live.scores = { offDiagonal, median, auroc, pairs, bySign };
})(globalThis.deepsemLive ??= {});
