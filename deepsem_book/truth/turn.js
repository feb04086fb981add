// Recorded scores of known truths: five sliders, of which one is away from the base, and what each method gets.
(live => {
  const { grid, plot, ui } = live;
  const { make, figure, signed } = plot;
  const NONE = "nothing";
  const TWO = ".plots { grid-template-columns: repeat(auto-fit, minmax(min(100%, 290px), 1fr)) !important; }";

  const presets = {
    base: {
      title: "The base",
      sentence: "1,000 cells, 100 genes, 20 of them TFs, 30 % zeros, depth divided out. Move a slider: the others go back to these values, because the grid was measured one knob at a time, and nothing between two marks was measured.",
      state: {},
    },
    depth: {
      title: "Depth left in",
      sentence: "Cells were sequenced more or less deeply, and nobody has divided it out. The correlation falls, for all genes rise and fall together; ridge regression and DeepSEM, which see all genes at once, stay. Move the slider of the depth down to “0.5 divided out”, and the correlation is back.",
      state: { knob: "depth", level: "last" },
    },
    cells: {
      title: "Enough cells",
      sentence: "How many of the edges are in a list of which half is true? Where a line crosses ½ the cells are enough for half of the network. With 50 cells nobody gets there; with 1,000 all but the correlation do.",
      state: { knob: "cells", level: "first", score: "recall_half" },
    },
    ridge: {
      title: "Against ridge",
      sentence: "Each method less ridge regression on the TFs, network by network. Below 0 ridge is better. With 50 cells DeepSEM is ahead, and so is every correlation; from 1,000 cells on all are behind.",
      state: { knob: "cells", less: "ridge" },
    },
    direction: {
      title: "Which way?",
      sentence: "Which of two linked TFs regulates the other? ½ says nothing, as for a correlation. Without zeros the oracle, which knows all other edges, is mostly right and ridge more often than not; DeepSEM is not even that. Move the zeros up, and all of them lose it.",
      state: { knob: "zeros", level: "first", score: "direction" },
    },
    hubs: {
      title: "Hubs",
      sentence: "How much of its score could a method have from the numbers of edges alone? Little, as long as the cells say something: move the slider of the zeros to 90 %, and most of what is left are degrees.",
      state: { knob: "hubs", level: "last", score: "from_degrees" },
    },
    seeds: {
      title: "Seeds agree",
      sentence: "Two seeds of DeepSEM share nine tenths of their first 200 pairs with 50 cells. Choose “early precision” above: most of these pairs are wrong. Agreement is no evidence.",
      state: { knob: "cells", level: "first", score: "shared" },
    },
    hidden: {
      title: "Unseen regulators",
      sentence: "Half of the regulators were not measured. Edges of those that were are found as before: the score does not ask for what nobody could see.",
      state: { knob: "hidden", level: "last" },
    },
  };
  const defaults = { preset: "", knob: "zeros", level: "", score: "auroc", less: NONE, off: "" };

  // ---- Numbers --------------------------------------------------------------------------------------

  const mean = values => values.reduce((a, b) => a + b, 0) / values.length;

  // Mean over networks with Student's 95 % interval; without one if there is a single network
  const summary = values => {
    const known = values.filter(v => v !== null), n = known.length;
    if (!n) return null;
    const middle = mean(known);
    if (n < 2) return { n, mean: middle, low: null, high: null };
    const sd = Math.sqrt(known.reduce((a, v) => a + (v - middle) ** 2, 0) / (n - 1));
    const half = (grid.quantiles[n] * sd) / Math.sqrt(n);
    return { n, mean: middle, low: middle - half, high: middle + half };
  };

  // Scores of a method by network, less those of another
  const scores = (setting, method, score, less) => {
    const own = grid.values[setting]?.[method]?.[score], other = grid.values[setting]?.[less]?.[score];
    if (!own || (less !== NONE && !other)) return null;
    return own.map((v, k) => (v === null || (other && other[k] === null) ? null : (v - (other ? other[k] : 0)) / 1000));
  };

  const scoreOf = state => grid.scores.find(s => s.key === state.score) ?? grid.scores[0];

  const measured = (setting, method, state) => {
    const values = state.less === method ? null : scores(setting, method, scoreOf(state).key, state.less);
    return values && summary(values);
  };

  const knobOf = state => grid.knobs.find(k => k.key === state.knob) ?? grid.knobs[0];
  const levelOf = state => {
    const knob = knobOf(state), last = knob.levels.length - 1;
    const given = { first: 0, last, "": knob.base }[state.level] ?? +state.level;
    return Number.isInteger(given) && given >= 0 && given <= last ? given : knob.base;
  };

  // What both figures draw: for each shown method its summaries along the slider, and the chosen one
  const seen = state => {
    const knob = knobOf(state), level = levelOf(state), hidden = state.off === "" ? grid.methods.filter(m => !m.shown).map(m => m.key) : state.off.split("|");
    const rows = grid.methods.map(m => ({ ...m, on: !hidden.includes(m.key), line: knob.levels.map(l => measured(l.setting, m.key, state)) }));
    rows.forEach(r => { r.now = r.line[level]; });
    return { knob, level, rows, score: scoreOf(state) };
  };

  const range = ({ rows, score }, less) => {
    if (less === NONE) return [score.low, score.high];
    const all = rows.filter(r => r.on).flatMap(r => r.line.filter(Boolean).flatMap(s => [s.mean, s.low ?? s.mean, s.high ?? s.mean]));
    const top = Math.max(0.05, ...all.map(Math.abs));
    return [-top, top];
  };

  const said = ({ mean: m, low, high }) => `${signed(m)}${low === null ? "" : ` [${signed(low)}, ${signed(high)}]`}`;

  // ---- Figures --------------------------------------------------------------------------------------

  const svg = (place, height, name) => {
    const root = make("svg", { viewBox: `0 0 340 ${height}`, role: "img", class: "chart", "aria-label": name });
    place.replaceChildren(root);
    return root;
  };
  const inside = (v, [low, high]) => Math.max(low, Math.min(high, v));

  // A row per method: mean and interval at the setting of the sliders
  const drawNow = ({ place, heading }, view, state) => {
    const rows = view.rows.filter(r => r.on && r.now).sort((a, b) => b.now.mean - a.now.mean);
    const limits = range(view, state.less), x = v => 94 + (108 * (inside(v, limits) - limits[0])) / (limits[1] - limits[0]);
    const text = rows.map(r => `${r.name} ${said(r.now)}, ${r.now.n} networks`).join("; ");
    const root = svg(place, 40 + 22 * rows.length, `${heading.textContent}: ${text || "not measured"}`);
    for (const v of [limits[0], (limits[0] + limits[1]) / 2, limits[1]]) {
      root.append(make("line", { class: "grid", x1: x(v), x2: x(v), y1: 4, y2: 16 + 22 * rows.length }),
        make("text", { x: x(v), y: 32 + 22 * rows.length, "text-anchor": "middle" }, signed(v)));
    }
    const nothing = state.less === NONE ? view.score.nothing : 0;
    if (nothing !== undefined) root.append(make("line", { class: "mark", x1: x(nothing), x2: x(nothing), y1: 4, y2: 16 + 22 * rows.length }));
    rows.forEach((r, k) => {
      const y = 18 + 22 * k, style = `--c:var(--${r.color})`, { low, high } = r.now;
      root.append(make("text", { x: 86, y: y + 4, "text-anchor": "end" }, r.name.split(" (")[0].replace(", paper's preset", ", paper")));
      if (low !== null) root.append(make("path", { class: "line", style, "stroke-width": 2, d: `M${x(low)} ${y}H${x(high)}` }));
      root.append(make("path", { class: "dots", style: `${style};stroke-width:9`, d: `M${x(r.now.mean)} ${y}h0` }),
        make("text", { x: 214, y: y + 4 }, said(r.now)));
    });
  };

  // A line per method over the marks of the slider that is away from the base
  const drawLine = ({ place }, view, state) => {
    const { knob, level } = view, n = knob.levels.length, limits = range(view, state.less);
    const x = k => 44 + (286 * (k + 0.5)) / n, y = v => 192 - (184 * (inside(v, limits) - limits[0])) / (limits[1] - limits[0]);
    const shown = view.rows.filter(r => r.on && r.line.some(Boolean));
    const root = svg(place, 250, `${view.score.label} along ${knob.label}: ${shown.map(r => `${r.name} ${r.line.map(s => (s ? signed(s.mean) : "not measured")).join(", ")}`).join("; ")}`);
    root.append(make("rect", { x: x(level) - 11, y: 6, width: 22, height: 188, fill: "var(--wash)" }));
    const steps = limits[1] - limits[0] === 0.5 ? 5 : 4;
    for (let k = 0; k <= steps; k++) {
      const v = limits[0] + (k * (limits[1] - limits[0])) / steps;
      root.append(make("line", { class: "grid", x1: 44, x2: 330, y1: y(v), y2: y(v) }), make("text", { x: 38, y: y(v) + 4, "text-anchor": "end" }, signed(v)));
    }
    for (const v of state.less === NONE ? [view.score.nothing, view.score.half] : [0]) {
      if (v !== undefined) root.append(make("line", { class: "mark", x1: 44, x2: 330, y1: y(v), y2: y(v) }));
    }
    knob.levels.forEach((l, k) => {
      const [first, ...rest] = l.say.split(" ");
      root.append(make("text", { x: x(k), y: 210, "text-anchor": "middle" }, first));
      if (rest.length) root.append(make("text", { x: x(k), y: 223, "text-anchor": "middle" }, rest.join(" ").replace("divided out", "divided")));
    });
    root.append(make("text", { x: 187, y: 243, "text-anchor": "middle", class: "label" }, knob.label));
    shown.forEach((r, j) => {
      const style = `--c:var(--${r.color})`, aside = 3 * (j - (shown.length - 1) / 2);
      const points = r.line.map((s, k) => s && [x(k) + aside, y(s.mean), s]).filter(Boolean);
      root.append(make("path", { class: "line", style, "stroke-width": 2, "stroke-dasharray": r.dash || null, d: points.map(([a, b], k) => `${k ? "L" : "M"}${a} ${b}`).join("") }));
      for (const [a, b, s] of points) {
        if (s.low !== null) root.append(make("path", { class: "line", style, "stroke-width": 1.2, d: `M${a} ${y(s.low)}V${y(s.high)}` }));
        root.append(make("path", { class: "dots", style, d: `M${a} ${b}h0` }));
      }
    });
    place.append(make("p", { class: "legend" }, ...shown.map(r => make("span", { class: r.dash && "dash", style: `--c:var(--${r.color})` }, r.name))));
  };

  // ---- The part -------------------------------------------------------------------------------------

  const mount = (root, wanted) => {
    const state = { ...defaults }, spoken = ui.announcer(), all = [];
    const now = figure("", "Mean over simulated networks with its 95 % interval. Bounds know the truth: nobody can have them."), line = figure("", "");
    const method = { scores: Object.fromEntries(grid.scores.map(s => [s.key, s.label])), less: { [NONE]: "nothing", ...Object.fromEntries(grid.methods.map(m => [m.key, m.name])) } };
    const slider = Object.fromEntries(grid.knobs.map(k => [k.key, k]));
    const off = () => seen(state).rows.filter(r => !r.on).map(r => r.key);
    const read = key => (slider[key] ? (knobOf(state).key === key ? levelOf(state) : slider[key].base) : key.startsWith("on-") ? !off().includes(key.slice(3)) : state[key]);
    const changes = (key, v) => {
      if (slider[key]) return { knob: key, level: String(v) };
      if (!key.startsWith("on-")) return { [key]: v };
      const hidden = new Set(off());
      hidden[v ? "delete" : "add"](key.slice(3));
      return { off: [...hidden].join("|") || NONE };
    };
    const draw = () => {
      const view = seen(state), { knob, level, score } = view, less = state.less === NONE ? "" : `, less ${method.less[state.less]}`;
      now.heading.textContent = `${score.label}${less}: ${level === knob.base ? "the base" : `${knob.label} ${knob.levels[level].say}`}`;
      line.heading.textContent = `Along ${knob.label}`;
      line.note.textContent = `All other knobs are at their base. Marks were measured; lines between them guide the eye.`;
      drawNow(now, view, state);
      drawLine(line, view, state);
      all.forEach(c => c.show());
      choice.show(state.preset);
      spoken.say(now.place.firstChild.getAttribute("aria-label"));
      root.host.live = { state: { ...state }, view };
    };
    const change = (key, v) => { Object.assign(state, { preset: "" }, changes(key, v)); draw(); ui.write("grid", state); };
    const open = given => { Object.assign(state, defaults, given); draw(); };
    const add = spec => { all.push(ui.control(spec, read, change)); return all.at(-1).root; };

    const choice = ui.presetPanel("grid", open);
    const knobs = ui.group("The truth and the cells: one slider at a time", ...grid.knobs.map(k => add({ key: k.key, label: k.label, max: k.levels.length - 1, say: i => k.levels[i].say })));
    const shown = ui.group("What is shown", add({ key: "score", label: "score", options: method.scores }), add({ key: "less", label: "less", options: method.less }));
    const methods = ui.group("Methods", ui.row(...grid.methods.map(m => add({ key: `on-${m.key}`, label: m.name, check: true }))));
    root.append(make("style", {}, TWO), make("section", { class: "live", "aria-label": "A truth you can turn" }, ...choice.roots,
      make("div", { class: "controls" }, knobs, shown), ui.plots([now, line]), make("div", { class: "controls" }, methods), spoken.root));
    ui.address("grid", root, wanted, open);
  };

  live.parts.grid = { mount, presets, defaults };
})(deepsemLive);
