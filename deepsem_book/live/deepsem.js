// DeepSEM itself, as deepsem_minimal/model.py: parameters, forward, loss and its gradients.
// Shapes: B cells in a batch, m genes, H hidden units; K = 1. Parameters have PyTorch's names.
(live => {
  const { zeros, identityMinus, factorise, solve, matmul, transpose } = live.algebra;
  const {
    layer, tanhLayer, tanhBackward, mlp, mlpBackward, knotsOf, withY, cubics, place, read, readBackward, tableBackward,
  } = live.tables;

  // ---- Parameters -------------------------------------------------------------------------------

  // name: [outputs, inputs] of each linear layer
  const layers = (m, H, seesY) => ({
    "f2.body.0": [H, seesY ? 2 : 1], "f2.body.2": [H, H], "f2.heads.0": [1, H], "f2.heads.1": [1, H],
    "f1.body.0": [H, 1], "f1.body.2": [H, H], "f1.heads.0": [1, H],
    "prior.mu.0": [H, 1], "prior.mu.2": [m, H], "prior.log_var.0": [H, 1], "prior.log_var.2": [m, H],
  });

  const parameters = (m, H, seesY) => {
    const P = {};
    for (const [name, [out, inputs]] of Object.entries(layers(m, H, seesY))) {
      P[`${name}.weight`] = zeros(out * inputs);
      P[`${name}.bias`] = zeros(out);
    }
    return P;
  };

  // Xavier-normal weights, biases 0
  const xavier = (P, m, H, seesY, rng) => {
    for (const [name, [out, inputs]] of Object.entries(layers(m, H, seesY))) {
      const sd = Math.sqrt(2 / (out + inputs)), weight = P[`${name}.weight`];
      for (let i = 0; i < weight.length; i++) weight[i] = sd * rng.normal();
    }
  };

  // W before training, diagonal 0 (ledger 9)
  const initialW = (m, how, rng) => {
    const draw = {
      paper: () => 1 / (m - 1) + 1e-4 * rng.normal(),
      authors: () => 1 / (m - 1) + 2e-4 * rng.uniform(),
      safe: () => 0.5 / (m - 1) + 2e-4 * (rng.uniform() - 0.5),
      zero: () => 2e-4 * (rng.uniform() - 0.5),
    }[how];
    return Float64Array.from({ length: m * m }, (_, i) => (i % (m + 1) ? draw() : 0));
  };

  const create = (m, { n_hidden: H, n_knots: knots, W_init, encoder_bias }, rng) => {
    const seesY = encoder_bias === "random", W = initialW(m, W_init, rng), P = parameters(m, H, seesY);
    xavier(P, m, H, seesY, rng);
    return { m, H, knots, seesY, W, P, factor: null };
  };

  // ---- Prior: an MLP of the constant y = 1 --------------------------------------------------------

  const ONE = Float64Array.of(1);

  const priorPart = (P, name, m) => {
    const hidden = tanhLayer(ONE, ...layer(P, `${name}.0`), 1), H = hidden.length;
    const [weight, bias] = layer(P, `${name}.2`), out = Float64Array.from(bias);
    for (let i = 0; i < m; i++) for (let k = 0; k < H; k++) out[i] += weight[i * H + k] * hidden[k];
    return { hidden, out };
  };

  const priorBackward = (P, G, name, { hidden }, g) => {
    const H = hidden.length, weight = P[`${name}.2.weight`], [gWeight, gBias] = layer(G, `${name}.2`), gHidden = zeros(H);
    for (let i = 0; i < g.length; i++) {
      gBias[i] += g[i];
      for (let k = 0; k < H; k++) {
        gHidden[k] += g[i] * weight[i * H + k];
        gWeight[i * H + k] += g[i] * hidden[k];
      }
    }
    tanhBackward(ONE, hidden, P[`${name}.0.weight`], ...layer(G, `${name}.0`), 1, gHidden);
  };

  // ---- GRN layer: h ↦ h - h Wᵀ ---------------------------------------------------------------------

  const grn = (W, h, m) => matmul(h, identityMinus(W, m, true), h.length / m, m, m);

  // gW (m × m) += left (B × m)ᵀ right (B × m)
  const addProduct = (gW, left, right, m, sign = 1) => {
    const n = left.length / m;
    matmul(transpose(left, n, m), right, m, n, m).forEach((v, i) => { gW[i] += sign * v; });
  };

  // Returns the gradient of h, given that of the result; adds that of W to gW
  const grnBackward = (W, gW, h, g, m) => {
    addProduct(gW, g, h, m, -1);
    return matmul(g, identityMinus(W, m), g.length / m, m, m);
  };

  // ---- Forward and gradients -----------------------------------------------------------------------

  // What the MLPs say before the GRN layer: μ and log σ² (B × m), and the prior's (m)
  const scan = (model, x) => {
    const { P, m, knots, seesY } = model, grid = knotsOf(x, knots);
    const table = mlp(P, "f2", withY(grid.points, seesY), knots, 2), at = place(x, grid, knots);
    const [mu, logVar] = table.outputs.map(y => read(cubics(y), at));
    const priorMu = priorPart(P, "prior.mu", m), priorLogVar = priorPart(P, "prior.log_var", m);
    return { mu, logVar, priorMu, priorLogVar, table, at };
  };

  const square = x => x.reduce((sum, v) => sum + v * v, 0);
  const mean = x => x.reduce((sum, v) => sum + v, 0) / x.length;

  // Loss of a batch without its L1 term, and its gradients: of W, and of what `scan` returned.
  // `part` chooses what is differentiated: "mse", "kl", or (default) mse + β kl.
  const loss = (model, s, x, keep, noise, beta, part = "all") => {
    const { P, W, m, knots } = model, n = x.length, gW = zeros(m * m);
    const weightMse = part === "kl" ? 0 : 1, weightKl = part === "mse" ? 0 : part === "kl" ? 1 : beta;
    model.factor ??= factorise(identityMinus(W, m, true), m);
    const distance = s.mu.map((v, i) => v - s.priorMu.out[i % m]);
    const shift = grn(W, distance, m), logVar = grn(W, s.logVar, m), priorLogVar = grn(W, s.priorLogVar.out, m);
    const perturbation = noise.map((e, i) => e * Math.exp(0.5 * logVar[i])); // z - μ
    const u = solve(model.factor, perturbation, true); // u (I - Wᵀ) = z - μ
    const h = s.mu.map((v, i) => v + u[i]), grid = knotsOf(h, knots), at = place(h, grid, knots);
    const table = mlp(P, "f1", grid.points, knots, 1), c = cubics(table.outputs[0]), xHat = read(c, at);
    const kept = keep ? Math.max(1, mean(keep) * n) : n;
    const error = xHat.map((v, i) => (keep ? keep[i] : 1) * (v - x[i]));
    const invSd = priorLogVar.map(v => Math.exp(-0.5 * v));
    const zScore = shift.map((v, i) => (v + perturbation[i]) * invSd[i % m]);
    const mse = square(error) / kept;
    const kl = 0.5 * (mean(priorLogVar) + square(zScore) / n - mean(logVar) - square(noise) / n);

    const gXHat = error.map(e => (weightMse * 2 * e) / kept); // keep is 0 or 1
    const gH = readBackward(c, at, grid.h, gXHat);
    const v = solve(model.factor, gH); // v (I - W) = gradient of u; gradient of W is vᵀ u
    addProduct(gW, v, u, m);
    const gShift = zScore.map((z, i) => (weightKl * z * invSd[i % m]) / n), gPriorLogVar = zeros(m);
    zScore.forEach((z, i) => { gPriorLogVar[i % m] += 0.5 * weightKl * ((1 - z * z) / n); });
    const gLogVar = v.map((g, i) => 0.5 * (g + gShift[i]) * perturbation[i] - (0.5 * weightKl) / n);
    const gDistance = grnBackward(W, gW, distance, gShift, m);
    const gS = {
      mu: gH.map((g, i) => g + gDistance[i]),
      logVar: grnBackward(W, gW, s.logVar, gLogVar, m),
      priorMu: zeros(m),
      priorLogVar: grnBackward(W, gW, s.priorLogVar.out, gPriorLogVar, m),
    };
    gDistance.forEach((g, i) => { gS.priorMu[i % m] -= g; });
    return { mse, kl, gW, gS, f1: { table, at, gXHat } };
  };

  // Gradients of all MLPs of what `loss` returned
  const mlpGrads = (model, s, result) => {
    const { P, m, H, knots, seesY } = model, G = parameters(m, H, seesY);
    mlpBackward(P, G, "f1", result.f1.table, [tableBackward(result.f1.at, result.f1.gXHat, knots)]);
    const tables = [result.gS.mu, result.gS.logVar].map(g => tableBackward(s.at, g, knots));
    mlpBackward(P, G, "f2", s.table, tables);
    priorBackward(P, G, "prior.mu", s.priorMu, result.gS.priorMu);
    priorBackward(P, G, "prior.log_var", s.priorLogVar, result.gS.priorLogVar);
    return G;
  };

  // f₂'s two heads and f₁ ∘ f₂ on a grid, without a table
  const curves = (model, x) => {
    const [mu, logVar] = mlp(model.P, "f2", withY(x, model.seesY), x.length, 2).outputs;
    return { mu, logVar, identity: mlp(model.P, "f1", mu, x.length, 1).outputs[0] };
  };

  live.deepsem = { create, parameters, scan, loss, mlpGrads, curves };
})(deepsemLive);
