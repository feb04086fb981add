// What both parts of the page share: controls, presets, the state in the address, the theme, the element.
(live => {
  const { make, short } = live.plot;

  // ---- Controls: each has {root, show}; spec is {key, label, title} and what its kind needs -----------

  const kinds = {
    choice({ id, options }, read, change) {
      const input = make("select", { id }, ...Object.entries(options).map(([value, text]) => make("option", { value }, text)));
      input.addEventListener("change", () => change(input.value));
      return { input, show: () => { input.value = read(); } };
    },
    check({ id }, read, change) {
      const input = make("input", { id, type: "checkbox" });
      input.addEventListener("change", () => change(+input.checked));
      return { input, show: () => { input.checked = Boolean(read()); } };
    },
    // A slider from min to max, or over a list of `values`; `say` gives the text beside it
    range({ id, values, say = short, min = 0, max = values && values.length - 1, step = 1 }, read, change) {
      const input = make("input", { id, type: "range", min, max, step }), output = make("output", { for: id });
      const nearest = v => values.reduce((best, w, i) => (Math.abs(w - v) < Math.abs(values[best] - v) ? i : best), 0);
      input.addEventListener("input", () => change(values ? values[+input.value] : +input.value));
      const show = () => {
        const value = read();
        input.value = values ? nearest(value) : value;
        output.textContent = say(value);
        input.setAttribute("aria-valuetext", output.textContent);
      };
      return { input, show, output };
    },
  };

  const control = (spec, read, change) => {
    const id = `live-${spec.key}`, kind = spec.options ? "choice" : spec.check ? "check" : "range";
    const { input, show, output = null } = kinds[kind]({ id, ...spec }, () => read(spec.key), v => change(spec.key, v));
    input.dataset.key = spec.key;
    return { root: make("div", { class: `control ${kind}` }, make("label", { for: id }, spec.label), output, input), show };
  };

  const button = (text, name, onclick, attributes = {}) => make("button", { type: "button", "data-do": name, onclick, ...attributes }, text);

  const group = (legend, ...children) => make("fieldset", {}, make("legend", {}, legend), ...children);

  const row = (...children) => make("div", { class: "row" }, ...children);

  const plots = figures => make("div", { class: "plots" }, ...figures.map(f => f.root));

  // Buttons for the presets of a part, and the sentence of the chosen one; `choose` gets the state.
  const presetPanel = (part, choose) => {
    const { presets } = live.parts[part], sentence = make("p", { class: "sentence" });
    const buttons = Object.entries(presets).map(([key, { title }]) => make("button", { type: "button", "data-preset": key,
      onclick: () => { choose(stateOf(live.parts[part], { preset: key }), true); write(part, { preset: key }); } }, title));
    const show = (chosen, text) => {
      buttons.forEach(b => b.setAttribute("aria-pressed", b.dataset.preset === chosen));
      sentence.textContent = text || (presets[chosen]?.sentence ?? "Your own state. It is in the address of this page: copy it to share it.");
    };
    return { roots: [make("div", { class: "presets", role: "group", "aria-label": "Presets" }, ...buttons), sentence], show };
  };

  // Text for a screen reader, at most one a second
  const announcer = () => {
    const root = make("p", { class: "spoken", role: "status", "aria-live": "polite" });
    let timer = null;
    return { root, say: text => { clearTimeout(timer); timer = setTimeout(() => { root.textContent = text; }, 1000); } };
  };

  const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  // ---- The state in the address: #part-preset, or #part?key=value of what differs from the defaults -----

  const stateOf = ({ presets, defaults }, given) => ({ ...defaults, ...presets[given.preset]?.state, ...given });

  // Calls open(state, false) with what the address says, or else the wanted preset; and open(state, true)
  // whenever a link on the page changes the address.
  const address = (part, root, wanted, open) => {
    const { presets, defaults } = live.parts[part], start = `#${part}?`, preset = key => stateOf(live.parts[part], { preset: key });
    const read = () => { // null: the address speaks of something else
      const chosen = Object.keys(presets).find(key => location.hash === `#${part}-${key}`), given = {};
      if (chosen || !location.hash.startsWith(start)) return chosen ? preset(chosen) : null;
      for (const [key, text] of new URLSearchParams(location.hash.slice(start.length))) {
        const isNumber = typeof defaults[key] === "number";
        if (isNumber ? text !== "" && Number.isFinite(+text) : key in defaults) given[key] = isNumber ? +text : text;
      }
      return { ...defaults, ...given, preset: "" };
    };
    const follow = isLink => {
      const state = read();
      if (state && root.isConnected) {
        open(state, isLink);
        root.host.scrollIntoView();
      }
      return state;
    };
    addEventListener("hashchange", () => follow(true));
    if (!follow(false)) open(preset(wanted in presets ? wanted : Object.keys(presets)[0]), false);
  };

  const write = (part, state) => {
    const { defaults } = live.parts[part];
    const query = new URLSearchParams(Object.entries(state).filter(([key, v]) => String(v) !== String(defaults[key])));
    try { history.replaceState(null, "", `#${part}${state.preset ? `-${state.preset}` : `?${query}`}`); } catch { /* an output frame has no address */ }
  };

  // ---- The element ----------------------------------------------------------------------------------

  // Dark where the book, Jupyter or Colab says so; else what the reader's system prefers
  const dark = () => {
    const page = document.documentElement, jupyter = { true: "light", false: "dark" }[document.body.dataset.jpThemeLight];
    const theme = page.dataset.theme ?? page.getAttribute("theme") ?? jupyter;
    return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  };

  const followTheme = element => {
    const theme = () => element.setAttribute("data-theme", dark() ? "dark" : "light");
    const watch = new MutationObserver(theme);
    for (const node of [document.documentElement, document.body]) {
      watch.observe(node, { attributeFilter: ["data-theme", "theme", "data-jp-theme-light"] });
    }
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", theme);
    theme();
  };

  // Draws the part that an element asks for, once; waits where the script of this part comes later.
  const mount = element => {
    const part = element.getAttribute("part");
    if (element.shadowRoot || !live.parts[part]) return;
    const root = element.attachShadow({ mode: "open" });
    root.append(make("style", {}, live.css));
    followTheme(element);
    live.parts[part].mount(root, element.getAttribute("preset"));
  };

  // The first is there at once; others come after the first frame.
  const mountSoon = element => {
    if (document.querySelector("deepsem-live") === element) mount(element);
    else requestAnimationFrame(() => setTimeout(() => mount(element)));
  };

  // Called at the end of each script: of one part in a notebook, of both in a page
  const define = () => {
    if (!customElements.get("deepsem-live")) {
      customElements.define("deepsem-live", class extends HTMLElement {
        connectedCallback() { mountSoon(this); }
      });
    }
    document.querySelectorAll("deepsem-live").forEach(mountSoon);
  };

  live.parts ??= {};
  live.ui = { control, button, group, row, plots, presetPanel, announcer, calm, address, write, define };
})(deepsemLive);
