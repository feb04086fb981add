// DeepSEM itself, as in deepsem_minimal/model.py, engine and train.py: forward, gradients, alternation.
// Shapes: B cells in a batch, m genes, H hidden units; K = 1. Parameters have PyTorch's names.
(live => {
  const { zeros, identityMinus, factorise, solve } = live.algebra;

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
    }[how];
    return Float64Array.from({ length: m * m }, (_, i) => (i % (m + 1) ? draw() : 0));
  };

  // ---- f₁ and f₂: an MLP on the knots of a table, and the table's cubics -------------------------

  // Rows come in fours, so that a weight is read once for all of them; missing rows are 0.
  const padded = (x, n, columns) => {
    const out = zeros(((n + 3) & ~3) * columns);
    out.set(x);
    return out;
  };

  // x (padded rows × inputs) → tanh(x weightᵀ + bias) (padded rows × out)
  const tanhLayer = (x, weight, bias, inputs) => {
    const out = bias.length, n = x.length / inputs, h = zeros(n * out);
    for (let A = 0; A < x.length; A += 4 * inputs) {
      const B = A + inputs, C = B + inputs, D = C + inputs, row = (A / inputs) * out;
      for (let o = 0; o < out; o++) {
        const start = o * inputs;
        let a = bias[o], b = a, c = a, d = a;
        for (let i = 0; i < inputs; i++) {
          const w = weight[start + i];
          a += x[A + i] * w;
          b += x[B + i] * w;
          c += x[C + i] * w;
          d += x[D + i] * w;
        }
        h[row + o] = a;
        h[row + out + o] = b;
        h[row + 2 * out + o] = c;
        h[row + 3 * out + o] = d;
      }
    }
    for (let i = 0; i < h.length; i++) h[i] = Math.tanh(h[i]);
    return h;
  };

  // x (n × inputs) → one Float64Array (n) for each head; keeps what `mlpBackward` needs
  const mlp = (P, name, rows, n, nHeads) => {
    const H = P[`${name}.body.0.bias`].length, inputs = rows.length / n, x = padded(rows, n, inputs);
    const h1 = tanhLayer(x, P[`${name}.body.0.weight`], P[`${name}.body.0.bias`], inputs);
    const h2 = tanhLayer(h1, P[`${name}.body.2.weight`], P[`${name}.body.2.bias`], H);
    const outputs = [];
    for (let head = 0; head < nHeads; head++) {
      const weight = P[`${name}.heads.${head}.weight`], y = zeros(n);
      for (let r = 0; r < n; r++) {
        let sum = P[`${name}.heads.${head}.bias`][0];
        for (let i = 0; i < H; i++) sum += h2[r * H + i] * weight[i];
        y[r] = sum;
      }
      outputs.push(y);
    }
    return { x, n, inputs, H, h1, h2, outputs };
  };

  // Adds to G the gradients of the parameters, given those of the outputs
  const mlpBackward = (P, G, name, { x, n, inputs, H, h1, h2 }, outputGrads) => {
    const W2 = P[`${name}.body.2.weight`], gW2 = G[`${name}.body.2.weight`], gb2 = G[`${name}.body.2.bias`];
    const gW1 = G[`${name}.body.0.weight`], gb1 = G[`${name}.body.0.bias`];
    const g2 = zeros(h2.length), g1 = zeros(4 * H);
    outputGrads.forEach((gy, head) => headBackward(P, G, `${name}.heads.${head}`, h2, gy, g2));
    for (let i = 0; i < g2.length; i++) g2[i] *= 1 - h2[i] * h2[i];
    for (let r = 0; r < n; r += 4) {
      g1.fill(0);
      const A = r * H, B = A + H, C = B + H, D = C + H;
      for (let o = 0; o < H; o++) {
        const start = o * H, a = g2[A + o], b = g2[B + o], c = g2[C + o], d = g2[D + o];
        gb2[o] += a + b + c + d;
        for (let i = 0; i < H; i++) {
          const w = W2[start + i];
          gW2[start + i] += a * h1[A + i] + b * h1[B + i] + c * h1[C + i] + d * h1[D + i];
          g1[i] += a * w;
          g1[H + i] += b * w;
          g1[2 * H + i] += c * w;
          g1[3 * H + i] += d * w;
        }
      }
      for (let k = 0; k < 4 && r + k < n; k++) {
        for (let i = 0; i < H; i++) {
          const h = h1[A + k * H + i], g = g1[k * H + i] * (1 - h * h);
          gb1[i] += g;
          for (let j = 0; j < inputs; j++) gW1[i * inputs + j] += g * x[(r + k) * inputs + j];
        }
      }
    }
  };

  // One head: adds the gradient of its input to g2 (n × H)
  const headBackward = (P, G, name, h2, gy, g2) => {
    const weight = P[`${name}.weight`], gWeight = G[`${name}.weight`], gBias = G[`${name}.bias`];
    const H = weight.length;
    for (let r = 0; r < gy.length; r++) {
      gBias[0] += gy[r];
      for (let o = 0; o < H; o++) {
        gWeight[o] += gy[r] * h2[r * H + o];
        g2[r * H + o] += gy[r] * weight[o];
      }
    }
  };

  // `knots` points spread over the range of x, with one more at either end; y = 1 beside each for f₂
  const knotsOf = (x, knots) => {
    let low = Infinity, high = -Infinity;
    for (const v of x) { low = Math.min(low, v); high = Math.max(high, v); }
    const h = Math.max(high - low, 1e-6) / (knots - 3);
    return { low, h, points: Float64Array.from({ length: knots }, (_, i) => low + h * (i - 1)) };
  };

  const withY = (points, seesY) =>
    seesY ? Float64Array.from({ length: 2 * points.length }, (_, i) => (i % 2 ? 1 : points[i >> 1])) : points;

  // The cubic through the four nearest knots, in t ∈ [0, 1] from the left knot to the right
  const cubics = y => {
    const n = y.length - 3, c = zeros(4 * n);
    for (let i = 0; i < n; i++) {
      const before = y[i], left = y[i + 1], right = y[i + 2], after = y[i + 3];
      c[4 * i] = left;
      c[4 * i + 1] = right - before / 3 - left / 2 - after / 6;
      c[4 * i + 2] = (before + right) / 2 - left;
      c[4 * i + 3] = (after - before) / 6 + (left - right) / 2;
    }
    return c;
  };

  // Where each x lies in a table: interval and t
  const place = (x, { low, h }, knots) => {
    const interval = new Int32Array(x.length), t = zeros(x.length);
    for (let i = 0; i < x.length; i++) {
      const position = (x[i] - low) / h;
      interval[i] = Math.max(0, Math.min(knots - 4, Math.floor(position)));
      t[i] = position - interval[i];
    }
    return { interval, t };
  };

  const read = (c, { interval, t }) => {
    const y = zeros(t.length);
    for (let i = 0; i < y.length; i++) {
      const k = 4 * interval[i];
      y[i] = c[k] + t[i] * (c[k + 1] + t[i] * (c[k + 2] + t[i] * c[k + 3]));
    }
    return y;
  };

  // Gradient of the argument, given that of the value
  const readBackward = (c, { interval, t }, h, g) => {
    const out = zeros(t.length);
    for (let i = 0; i < out.length; i++) {
      const k = 4 * interval[i];
      out[i] = (g[i] * (c[k + 1] + t[i] * (2 * c[k + 2] + 3 * t[i] * c[k + 3]))) / h;
    }
    return out;
  };

  // Gradient of the knots' values, given that of the values read
  const tableBackward = ({ interval, t }, g, knots) => {
    const out = zeros(knots);
    for (let i = 0; i < g.length; i++) {
      const k = interval[i], s = t[i], g0 = g[i], g1 = g0 * s, g2 = g1 * s, g3 = g2 * s;
      out[k] += -g1 / 3 + g2 / 2 - g3 / 6;
      out[k + 1] += g0 - g1 / 2 - g2 + g3 / 2;
      out[k + 2] += g1 + g2 / 2 - g3 / 2;
      out[k + 3] += -g1 / 6 + g3 / 6;
    }
    return out;
  };

  // ---- Prior: an MLP of the constant y = 1 --------------------------------------------------------

  const priorPart = (P, name, m) => {
    const H = P[`${name}.0.bias`].length, one = padded([1], 1, 1);
    const hidden = tanhLayer(one, P[`${name}.0.weight`], P[`${name}.0.bias`], 1).subarray(0, H);
    const out = Float64Array.from(P[`${name}.2.bias`]), weight = P[`${name}.2.weight`];
    for (let i = 0; i < m; i++) for (let k = 0; k < H; k++) out[i] += weight[i * H + k] * hidden[k];
    return { hidden, out };
  };

  const priorBackward = (P, G, name, { hidden }, g) => {
    const H = hidden.length, weight = P[`${name}.2.weight`], gWeight = G[`${name}.2.weight`];
    const gHidden = zeros(H);
    for (let i = 0; i < g.length; i++) {
      G[`${name}.2.bias`][i] += g[i];
      for (let k = 0; k < H; k++) {
        gHidden[k] += g[i] * weight[i * H + k];
        gWeight[i * H + k] += g[i] * hidden[k];
      }
    }
    gHidden.forEach((gh, k) => {
      const slope = gh * (1 - hidden[k] ** 2);
      G[`${name}.0.weight`][k] += slope;
      G[`${name}.0.bias`][k] += slope;
    });
  };

  // ---- GRN layer: h ↦ h - h Wᵀ ---------------------------------------------------------------------

  const grn = (W, h, m) => {
    const out = Float64Array.from(h);
    for (let r = 0; r < h.length; r += m) {
      for (let i = 0; i < m; i++) {
        let sum = 0;
        for (let j = 0; j < m; j++) sum += W[i * m + j] * h[r + j];
        out[r + i] -= sum;
      }
    }
    return out;
  };

  // Returns the gradient of h; adds that of W to gW
  const grnBackward = (W, gW, h, g, m) => {
    const out = Float64Array.from(g);
    for (let r = 0; r < h.length; r += m) {
      for (let i = 0; i < m; i++) {
        const gi = g[r + i];
        for (let j = 0; j < m; j++) {
          gW[i * m + j] -= gi * h[r + j];
          out[r + j] -= gi * W[i * m + j];
        }
      }
    }
    return out;
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
    for (let r = 0; r < n; r += m) {
      for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) gW[i * m + j] += v[r + i] * u[r + j];
    }
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

  // ---- Training ------------------------------------------------------------------------------------

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
      const said = { mse: result.mse, kl: result.kl, pivot, onW: state.onW, epoch: state.epoch, lastOfEpoch };
      if (lastOfEpoch) { state.epoch += 1; order = null; }
      return said;
    };
    return state;
  };

  const create = (m, { n_hidden: H, n_knots: knots, W_init, encoder_bias }, rng) => {
    const seesY = encoder_bias === "random", W = initialW(m, W_init, rng), P = parameters(m, H, seesY);
    xavier(P, m, H, seesY, rng);
    return { m, H, knots, seesY, W, P, factor: null };
  };

  // f₂'s two heads and f₁ ∘ f₂ on a grid, without a table
  const curves = (model, x) => {
    const [mu, logVar] = mlp(model.P, "f2", withY(x, model.seesY), x.length, 2).outputs;
    return { mu, logVar, identity: mlp(model.P, "f1", mu, x.length, 1).outputs[0] };
  };

  const DEFAULTS = { // Config.nonspecific()
    alpha: 100, beta: 1, n_epochs: 91, reconstruct: "all", standardise: "cells", clip: Infinity,
    W_init: "authors", encoder_bias: "random", K1: 1, K2: 2, lr: 1e-4, lr_W: 2e-5, lr_decay: 0.95,
    batch_size: 64, n_hidden: 128, n_knots: 256,
  };
  const SPECIFIC = { // Config.cell_type_specific()
    ...DEFAULTS, alpha: 1, beta: 0.01, n_epochs: 151, reconstruct: "nonzero", standardise: "nonzero", clip: 10,
  };

  live.deepsem = { create, parameters, scan, loss, mlpGrads, trainer, curves, DEFAULTS, SPECIFIC };
})(globalThis.deepsemLive ??= {});
