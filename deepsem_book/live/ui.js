// What both parts of the page share: controls, presets, the state in the address, the theme, the element.
(live => {
  const { make } = live.plot;

  // One control for `key` of the state; spec {key, label, values or min, max, step, options, say}
  const control = (spec, state, change) => {
    const id = `live-${spec.key}`, label = make("label", { for: id }, spec.label);
    const said = make("output", { for: id });
    let input, show;
    if (spec.options) {
      input = make("select", { id }, ...Object.entries(spec.options).map(([value, text]) => make("option", { value }, text)));
      show = () => { input.value = state[spec.key]; };
      input.addEventListener("change", () => change(spec.key, input.value));
    } else if (spec.check) {
      input = make("input", { id, type: "checkbox" });
      show = () => { input.checked = Boolean(state[spec.key]); };
      input.addEventListener("change", () => change(spec.key, +input.checked));
    } else {
      const values = spec.values, say = spec.say ?? live.plot.short;
      const ends = values ? { min: 0, max: values.length - 1, step: 1 } : spec;
      input = make("input", { id, type: "range", min: ends.min, max: ends.max, step: ends.step });
      show = () => {
        const value = state[spec.key];
        input.value = values ? values.reduce((best, v, i) => (Math.abs(v - value) < Math.abs(values[best] - value) ? i : best), 0) : value;
        said.textContent = say(value);
        input.setAttribute("aria-valuetext", said.textContent);
      };
      input.addEventListener("input", () => change(spec.key, values ? values[+input.value] : +input.value));
    }
    input.dataset.key = spec.key;
    if (spec.title) label.title = spec.title;
    const kind = spec.options ? "choice" : spec.check ? "check" : "range";
    return { root: make("div", { class: `control ${kind}` }, label, said, input), show };
  };

  const button = (text, onclick, attributes = {}) => make("button", { type: "button", onclick, ...attributes }, text);

  // ---- The state in the address: #part?key=value, only what differs from the defaults ------------

  const write = (part, state, defaults) => {
    const query = new URLSearchParams(Object.entries(state).filter(([k, v]) => String(v) !== String(defaults[k])));
    try { history.replaceState(null, "", `#${part}?${query}`); } catch { /* an output frame has no address */ }
  };

  const read = (part, defaults) => {
    const hash = decodeURIComponent(location.hash);
    if (!hash.startsWith(`#${part}?`)) return null;
    const state = {};
    for (const [key, value] of new URLSearchParams(hash.slice(part.length + 2))) {
      if (key in defaults) state[key] = typeof defaults[key] === "number" && value !== "" && Number.isFinite(+value) ? +value : value;
      if (typeof defaults[key] === "number" && typeof state[key] !== "number") delete state[key];
    }
    return state;
  };

  // A row of presets: {key: {title, sentence, state}}
  const presetRow = (presets, choose) => {
    const buttons = Object.entries(presets).map(([key, { title }]) =>
      button(title, () => choose(key), { "data-preset": key, "aria-pressed": "false" }));
    const show = chosen => buttons.forEach(b => b.setAttribute("aria-pressed", String(b.dataset.preset === chosen)));
    return { root: make("div", { class: "presets", role: "group", "aria-label": "Presets" }, ...buttons), show };
  };

  // Text for a screen reader, at most one a second
  const announcer = () => {
    const root = make("p", { class: "spoken", role: "status", "aria-live": "polite" });
    let timer = null;
    return { root, say: text => { clearTimeout(timer); timer = setTimeout(() => { root.textContent = text; }, 1000); } };
  };

  const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  // Dark where the book, Jupyter or Colab says so; else what the reader's system prefers
  const dark = () => {
    const { dataset } = document.documentElement, colab = document.documentElement.getAttribute("theme");
    const said = dataset.theme ?? colab ?? { true: "light", false: "dark" }[document.body.dataset.jpThemeLight];
    return said ? said === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  };

  const define = () => {
    if (customElements.get("deepsem-live")) return;
    customElements.define("deepsem-live", class extends HTMLElement {
      connectedCallback() {
        if (this.shadowRoot) return;
        const root = this.attachShadow({ mode: "open" });
        root.append(make("style", {}, live.css));
        const theme = () => this.setAttribute("data-theme", dark() ? "dark" : "light");
        theme();
        const watch = new MutationObserver(theme);
        for (const node of [document.documentElement, document.body]) {
          watch.observe(node, { attributeFilter: ["data-theme", "theme", "data-jp-theme-light"] });
        }
        matchMedia("(prefers-color-scheme: dark)").addEventListener("change", theme);
        const part = this.getAttribute("part"), mount = () => {
          live.parts[part](root, this.getAttribute("preset"));
          if (location.hash.startsWith(`#${part}?`)) this.scrollIntoView();
        };
        // The first is there at once; others come after the first frame.
        if (document.querySelector("deepsem-live") === this) mount();
        else requestAnimationFrame(() => setTimeout(mount));
      }
    });
  };

  live.parts ??= {};
  live.ui = { control, button, write, read, presetRow, announcer, calm, define };
})(globalThis.deepsemLive ??= {});
