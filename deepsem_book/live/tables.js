// f₁ and f₂ of deepsem_minimal/engine.py: an MLP on the knots of a table, and the table's cubics.
// n rows, H hidden units. Parameters have PyTorch's names; a function …Backward returns gradients.
(live => {
  const { zeros } = live.algebra;

  // x (n × inputs) → tanh(x weightᵀ + bias) (n × out)
  const tanhLayer = (x, weight, bias, inputs) => {
    const out = bias.length, h = zeros((x.length / inputs) * out);
    for (let i = 0; i < h.length; i++) {
      const o = i % out, row = ((i - o) / out) * inputs;
      let sum = bias[o];
      for (let k = 0; k < inputs; k++) sum += x[row + k] * weight[o * inputs + k];
      h[i] = Math.tanh(sum);
    }
    return h;
  };

  // The same backwards: adds to the gradients of weight and bias, returns that of x
  const tanhBackward = (x, h, weight, gWeight, gBias, inputs, gOut) => {
    const out = gBias.length, gX = zeros(x.length);
    for (let i = 0; i < h.length; i++) {
      const o = i % out, row = ((i - o) / out) * inputs, g = gOut[i] * (1 - h[i] * h[i]);
      gBias[o] += g;
      for (let k = 0; k < inputs; k++) {
        gWeight[o * inputs + k] += g * x[row + k];
        gX[row + k] += g * weight[o * inputs + k];
      }
    }
    return gX;
  };

  // Weight (outputs × inputs) and bias of a linear layer, among parameters or gradients
  const layer = (P, name) => [P[`${name}.weight`], P[`${name}.bias`]];

  // x (n × inputs) → one Float64Array (n) for each head; keeps what `mlpBackward` needs
  const mlp = (P, name, x, n, nHeads) => {
    const inputs = x.length / n, outputs = [];
    const h1 = tanhLayer(x, ...layer(P, `${name}.body.0`), inputs), H = h1.length / n;
    const h2 = tanhLayer(h1, ...layer(P, `${name}.body.2`), H);
    for (let head = 0; head < nHeads; head++) {
      const [weight, bias] = layer(P, `${name}.heads.${head}`), y = zeros(n).fill(bias[0]);
      for (let i = 0; i < h2.length; i++) y[Math.floor(i / H)] += h2[i] * weight[i % H];
      outputs.push(y);
    }
    return { x, inputs, H, h1, h2, outputs };
  };

  // Adds to G the gradients of the parameters, given those of the outputs
  const mlpBackward = (P, G, name, { x, inputs, H, h1, h2 }, outputGrads) => {
    const back = (i, from, to, size, g) => tanhBackward(from, to, P[`${name}.body.${i}.weight`], ...layer(G, `${name}.body.${i}`), size, g);
    const g2 = zeros(h2.length);
    outputGrads.forEach((gy, head) => headBackward(P, G, `${name}.heads.${head}`, h2, gy, g2));
    back(0, x, h1, inputs, back(2, h1, h2, H, g2));
  };

  // One head: adds the gradient of its input to g2 (n × H)
  const headBackward = (P, G, name, h2, gy, g2) => {
    const weight = P[`${name}.weight`], [gWeight, gBias] = layer(G, name), H = weight.length;
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

  live.tables = {
    layer, tanhLayer, tanhBackward, mlp, mlpBackward, knotsOf, withY, cubics, place, read, readBackward, tableBackward,
  };
})(deepsemLive);
