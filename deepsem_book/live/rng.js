// Random numbers that a seed repeats: mulberry32 for uniforms, Box and Muller for normals.
(live => {
  live.rng = seed => {
    let state = (seed * 2654435761 + 1013904223) >>> 0, spare = null;
    const uniform = () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), state | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
    const normal = () => {
      if (spare !== null) { const kept = spare; spare = null; return kept; }
      const radius = Math.sqrt(-2 * Math.log(1 - uniform())), angle = 2 * Math.PI * uniform();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    };
    const order = n => { // 0 … n - 1, shuffled (Fisher and Yates)
      const list = Int32Array.from({ length: n }, (_, i) => i);
      for (let i = n - 1; i > 0; i--) {
        const j = Math.floor(uniform() * (i + 1));
        [list[i], list[j]] = [list[j], list[i]];
      }
      return list;
    };
    const normals = n => Float64Array.from({ length: n }, normal);
    return { uniform, normal, normals, order };
  };
})(globalThis.deepsemLive ??= {});
