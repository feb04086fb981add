// The linear SEM of chapter 2: cells from a network, its covariance, its mirror image, its fit.
(live => {
  const { zeros, identityMinus, factorise, solve, inverse, matmul, transpose, cholesky } = live.algebra;

  // (I - W)⁻¹ D (I - W)⁻ᵀ, D the noise variances
  const modelCovariance = (W, noiseSd) => {
    const m = noiseSd.length, spread = inverse(identityMinus(W, m), m);
    const scaled = spread.map((s, i) => s * noiseSd[i % m] ** 2);
    return matmul(scaled, transpose(spread, m, m), m, m, m);
  };

  // Cells of a Gaussian with covariance S: the same cells for all networks that have this covariance.
  // `normals` are cells × genes draws of N(0, 1).
  const cellsOf = (S, m, normals) => matmul(normals, transpose(cholesky(S, m), m, m), normals.length / m, m, m);

  // Another network with the covariance of (W, noiseSd) in which the edge regulator → target is
  // turned round. With B = I - W the noises are z = B x. Row `target` plus w times row `regulator`
  // no longer holds the regulator; row `regulator` minus k times the new row has a noise that is
  // independent of the new one. Returns null where the new rows cannot be solved for their genes.
  const reverse = (W, noiseSd, target, regulator) => {
    const m = noiseSd.length, B = identityMinus(W, m), sd = Float64Array.from(noiseSd);
    const w = W[target * m + regulator], vi = sd[regulator] ** 2, vj = sd[target] ** 2;
    const variance = w * w * vi + vj, k = (w * vi) / variance;
    for (let g = 0; g < m; g++) {
      B[target * m + g] += w * B[regulator * m + g];
      B[regulator * m + g] -= k * B[target * m + g];
    }
    sd[target] = Math.sqrt(variance);
    sd[regulator] = Math.sqrt((vi * vj) / variance);
    for (const i of [target, regulator]) {
      const own = B[i * m + i];
      if (Math.abs(own) < 1e-6) return null;
      for (let g = 0; g < m; g++) B[i * m + g] /= own;
      sd[i] /= Math.abs(own);
    }
    const clean = identityMinus(B, m).map(x => (Math.abs(x) < 1e-12 ? 0 : x));
    return { W: clean, noiseSd: sd };
  };

  // Negative log-likelihood per cell with all noise variances 1, and its gradient
  const objective = (W, S, m) => {
    const B = identityMinus(W, m), BS = matmul(B, S, m, m, m), lu = factorise(B, m);
    let loss = -lu.logDet;
    for (let i = 0; i < m * m; i++) loss += 0.5 * BS[i] * B[i];
    const inverseT = solve(lu, identityMinus(zeros(m * m), m)); // row j: column j of B⁻¹
    return { loss, grad: BS.map((x, i) => inverseT[i] - x) };
  };

  // The same with noise of the given sd, or of the best sd for this W
  const lossWithNoise = (W, S, m, noiseSd = null) => {
    const B = identityMinus(W, m), BS = matmul(B, S, m, m, m);
    let loss = -factorise(B, m).logDet;
    for (let i = 0; i < m; i++) {
      let left = 0; // variance that W leaves over
      for (let j = 0; j < m; j++) left += BS[i * m + j] * B[i * m + j];
      const variance = noiseSd ? noiseSd[i] ** 2 : left;
      loss += 0.5 * (Math.log(variance) + left / variance);
    }
    return loss;
  };

  const l1 = W => W.reduce((sum, w) => sum + Math.abs(w), 0);

  // Proximal gradient descent with backtracking; `path` has each accepted W and its loss with α‖W‖₁
  const fit = (S, m, alpha, nSteps = 1000) => {
    let W = zeros(m * m), { loss, grad } = objective(W, S, m), step = 1;
    const path = [{ W, loss }];
    for (let n = 0; n < nSteps; n++) {
      const next = W.map((w, i) => {
        if (i % (m + 1) === 0) return 0;
        const moved = w - step * grad[i];
        return Math.sign(moved) * Math.max(Math.abs(moved) - step * alpha, 0);
      });
      const now = objective(next, S, m);
      let linear = 0, square = 0, largest = 0;
      next.forEach((x, i) => {
        const change = x - W[i];
        linear += grad[i] * change;
        square += change * change;
        largest = Math.max(largest, Math.abs(change));
      });
      if (!(now.loss <= loss + linear + square / (2 * step))) step /= 2;
      else {
        W = next;
        ({ loss, grad } = now);
        path.push({ W, loss: loss + alpha * l1(W) });
        if (largest < 1e-6) break;
      }
    }
    return path;
  };

  // Share of the paths regulator → … → target along which the variance grows; ties count one half
  const varsortability = (variances, W, m) => {
    const edge = W.map(w => +(w !== 0)), logs = Array.from(variances, Math.log);
    let paths = edge, total = 0, growing = 0;
    for (let length = 1; length < m; length++) {
      paths.forEach((path, i) => {
        if (!path) return;
        const growth = logs[Math.floor(i / m)] - logs[i % m];
        total += 1;
        growing += Math.abs(growth) < 1e-9 ? 0.5 : +(growth > 0);
      });
      paths = matmul(paths, edge, m, m, m).map(x => +(x > 0));
    }
    return total ? growing / total : NaN;
  };

  // Share of the true edges whose |score| is higher than that of the reversed edge; ties count one half
  const rightWay = (scores, truth, m) => {
    let edges = 0, right = 0;
    truth.forEach((w, i) => {
      const back = (i % m) * m + Math.floor(i / m);
      if (!w || truth[back]) return;
      const gap = Math.abs(scores[i]) - Math.abs(scores[back]);
      edges += 1;
      right += Math.abs(gap) < 1e-12 ? 0.5 : +(gap > 0);
    });
    return edges ? right / edges : NaN;
  };

  live.linear = {
    l1, modelCovariance, cellsOf, reverse, objective, lossWithNoise, fit, varsortability, rightWay,
  };
})(deepsemLive);
