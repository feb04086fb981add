// What test_page.py asks the page; each script that it sends begins with these functions.
const host = name => document.querySelector(`deepsem-live[part=${name}]`);
const part = name => host(name).shadowRoot;
const one = (name, css) => part(name).querySelector(css);
const all = (name, css) => [...part(name).querySelectorAll(css)];
const text = (name, css) => one(name, css).textContent;
const drawn = svg => [...svg.querySelectorAll("path.line, path.dots")].map(p => p.getAttribute("d")).join();

const middle = element => {
  const box = element.getBoundingClientRect();
  return [box.x + box.width / 2, box.y + box.height / 2];
};

const linearSays = () => {
  const rows = all("linear", "table tr").map(row => [...row.children].map(cell => cell.textContent));
  const bars = [...one("linear", ".bars").children].map(li => ({
    pair: li.children[0].textContent,
    value: +li.children[2].textContent.replace("−", "-"),
    color: li.querySelector("i").style.getPropertyValue("--c"),
  }));
  const networks = all("linear", ".network").map(svg => svg.getAttribute("aria-label"));
  return {
    drawn: networks[0], fitted: networks[1], drawing: one("linear", ".network").innerHTML, bars,
    yours: rows[1].slice(1).map(Number), sortable: text("linear", "[data-say=varsortability]"),
    right: text("linear", "[data-say=right]"), loss: drawn(one("linear", ".chart")), hash: location.hash,
  };
};

// Variance over cells of the mean z-score: what all genes share
const spread = ({ m, Z }) => {
  let sum = 0;
  for (let c = 0; c < Z.length; c += m) sum += (Z.subarray(c, c + m).reduce((a, b) => a + b, 0) / m) ** 2;
  return (sum * m) / Z.length;
};

const deepsemSays = () => {
  const { member, state } = host("deepsem").live;
  return {
    step: member.trainer.step, epoch: member.trainer.epoch, m: member.m, cells: member.Z.length / member.m,
    W: [...member.model.W], truth: [...member.truth], zeros: member.zeros, config: member.config, state,
    spread: spread(member), hash: location.hash, charts: all("deepsem", ".chart").map(drawn),
  };
};

const trainTo = epochs => {
  const { member } = host("deepsem").live;
  while (member.trainer.epoch < epochs) deepsemLive.member.step(member);
};

const firstFrame = () => new Promise(resolve => new PerformanceObserver(list => {
  for (const e of list.getEntries()) if (e.name === "first-contentful-paint") resolve(e.startTime);
}).observe({ type: "paint", buffered: true }));

const controls = () => ["linear", "deepsem"].flatMap(p => all(p, "button, input, select"));

// Notes in window.reached what the focus comes by; returns the number of controls that can have it
const followFocus = () => {
  window.reached = new Set();
  for (const p of ["linear", "deepsem"]) {
    part(p).addEventListener("focusin", event => reached.add(event.target));
  }
  return controls().filter(e => !e.disabled).length;
};

const beyondTheEdge = () => ["linear", "deepsem"].flatMap(p => all(p, "*"))
  .filter(e => e.getBoundingClientRect().right > innerWidth + 0.5 && !e.closest(".spoken"))
  .map(e => e.className || e.tagName);

const colours = () => {
  const style = getComputedStyle(one("linear", ".live"));
  const light = rgb => rgb.match(/\d+/g).slice(0, 3).reduce((a, v) => a + +v, 0) / 765;
  return [light(style.backgroundColor), light(style.color)];
};
