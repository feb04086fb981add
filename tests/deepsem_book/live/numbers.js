// Runs the page's sources under Node: reads a task as JSON, prints what they compute as JSON.
const fs = require("fs"), path = require("path");
const [folder, ...files] = process.argv.slice(2);
for (const file of files) require(path.join(folder, `${file}.js`));
const { rng, algebra, linear, linearState, deepsem, train, member, scores, truth, parts } = globalThis.deepsemLive;
const vector = list => Float64Array.from(list);

const modelOf = given => {
  const { m, config } = given, model = deepsem.create(m, config, rng(1));
  for (const name in model.P) model.P[name].set(given.P[name]);
  model.W.set(given.P["grn.W"]);
  return model;
};

const tasks = {
  linear: ({ S, m, alpha, steps }) =>
    steps.map(n => { const path = linear.fit(vector(S), m, alpha, n), last = path[path.length - 1];
      return { W: [...last.W], loss: last.loss }; }),
  reverse: ({ W, sd, target, regulator }) => {
    const mirror = linear.reverse(vector(W), vector(sd), target, regulator);
    return mirror && { W: [...mirror.W], sd: [...mirror.noiseSd] };
  },
  covariance: ({ W, sd }) => [...linear.modelCovariance(vector(W), vector(sd))],
  cellsOf: ({ S, m, Z }) => [...linear.cellsOf(vector(S), m, vector(Z))],
  varsortability: ({ variances, W, m }) => linear.varsortability(variances, vector(W), m),
  lossWithNoise: ({ W, S, m, sd }) => linear.lossWithNoise(vector(W), vector(S), m, sd && vector(sd)),
  standardise: ({ X, m, how, clip }) => [...truth.standardise(vector(X), m, how, clip)],
  centred: ({ W, m }) => [...scores.centred(vector(W), m)],
  bySign: ({ W, truth, m, nTfs }) => scores.bySign(vector(W), scores.pairs(vector(truth), m, nTfs)),
  configs: () => train,
  forData: ({ cells, genes }) => train.forData(cells, genes),
  auroc: ({ positives, negatives }) => scores.auroc(positives, negatives),
  normals: ({ n, seed }) => [...rng(seed).normals(n)],
  deepsem: given => {
    const model = modelOf(given), orders = given.orders.slice(), noises = given.noises.slice();
    const draws = { order: () => Int32Array.from(orders.shift()), normals: () => vector(noises.shift().flat()) };
    const keep = given.keep && vector(given.keep);
    const trainer = train.trainer(model, vector(given.X), keep, given.config, draws);
    return given.noises.map(() => {
      const said = trainer.advance(), P = { "grn.W": [...model.W] };
      for (const name in model.P) P[name] = [...model.P[name]];
      return { ...said, P };
    });
  },
  // Largest difference of analytic and finite-difference gradients, for each parameter
  gradients: given => {
    const model = modelOf(given), noise = vector(given.noises[0].flat()), n = noise.length;
    const x = vector(given.X).slice(0, n), keep = given.keep && vector(given.keep).slice(0, n);
    const value = part => {
      model.factor = null;
      const { mse, kl } = deepsem.loss(model, deepsem.scan(model, x), x, keep, noise, 0.7);
      return { all: mse + 0.7 * kl, mse, kl }[part];
    };
    const worst = (w, g, part) => {
      let gap = 0, size = 0;
      for (let i = 0; i < w.length; i += Math.max(1, Math.floor(w.length / 30))) {
        const kept = w[i], h = 1e-5;
        w[i] = kept + h; const up = value(part);
        w[i] = kept - h; const down = value(part);
        w[i] = kept;
        gap = Math.max(gap, Math.abs((up - down) / (2 * h) - g[i]));
        size = Math.max(size, Math.abs(g[i]));
      }
      return { gap, size };
    };
    const gradients = {};
    for (const part of ["all", "mse", "kl"]) {
      const s = deepsem.scan(model, x);
      model.factor = null;
      const result = deepsem.loss(model, s, x, keep, noise, 0.7, part), G = deepsem.mlpGrads(model, s, result);
      gradients[`${part} W`] = worst(model.W, result.gW, part);
      for (const name in G) gradients[`${part} ${name}`] = worst(model.P[name], G[name], part);
    }
    return gradients;
  },
};

// A preset of the first part: the drawn network, and what is fitted to each of `draws` draws of its cells
tasks.linearPreset = ({ key, changes, draws }) => {
  const state = { ...parts.linear.defaults, ...parts.linear.presets[key].state, ...changes };
  const { m, W, noiseSd } = linearState.networkOf(state);
  const fits = Array.from({ length: draws }, (_, i) => {
    const { path } = linearState.solved({ ...state, seed: i + 1 }), fit = path[path.length - 1].W;
    return { fit: [...fit], right: linear.rightWay(fit, W, m) };
  });
  return { m, W: [...W], noiseSd: [...noiseSd], fits };
};

// A preset of the second part, trained to its end
tasks.deepsemPreset = ({ key, changes }) => {
  const { defaults, presets } = parts.deepsem, run = member.begin({ ...defaults, ...presets[key].state, ...changes });
  const slope = curves => (curves.identity[60] - curves.identity[0]) / 6;
  while (!member.done(run)) member.step(run);
  const after = deepsem.curves(run.model, member.GRID), largest = Math.max(...run.model.W.map(Math.abs));
  return { history: run.history, start: slope(run.first), slope: slope(after), largest };
};

// Largest error of f₂'s table with the page's number of knots, after some training
tasks.tableError = ({ changes }) => {
  const run = member.begin({ ...parts.deepsem.defaults, ...changes, epochs: 10 });
  while (!member.done(run)) member.step(run);
  const x = run.Z.subarray(0, 64 * run.m), [coarse, fine] = [run.config.n_knots, 2048].map(knots => deepsem.scan({ ...run.model, knots }, x));
  return Math.max(...coarse.mu.map((v, i) => Math.abs(v - fine.mu[i])), ...coarse.logVar.map((v, i) => Math.abs(v - fine.logVar[i])));
};

tasks.presets = () => Object.fromEntries(Object.entries(parts).map(([name, { presets }]) => [name, presets]));

const { task, given } = JSON.parse(fs.readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(tasks[task](given)));
