// Matrices as rows in one Float64Array: LU factors with row pivots, solves, inverse, moments.
(live => {
  const zeros = n => new Float64Array(n);

  // I - W, or I - Wᵀ, of W (m × m)
  const identityMinus = (W, m, transposed = false) => {
    const A = zeros(m * m);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < m; j++) A[i * m + j] = (i === j) - (transposed ? W[j * m + i] : W[i * m + j]);
    }
    return A;
  };

  // P A = L U; `pivot` is |smallest| / |largest| pivot, near 0 where A is singular
  const factorise = (A, m) => {
    const lu = Float64Array.from(A), perm = Int32Array.from({ length: m }, (_, i) => i);
    for (let k = 0; k < m; k++) {
      let best = k;
      for (let i = k + 1; i < m; i++) if (Math.abs(lu[i * m + k]) > Math.abs(lu[best * m + k])) best = i;
      if (best !== k) {
        [perm[k], perm[best]] = [perm[best], perm[k]];
        for (let j = 0; j < m; j++) {
          [lu[k * m + j], lu[best * m + j]] = [lu[best * m + j], lu[k * m + j]];
        }
      }
      for (let i = k + 1; i < m; i++) {
        const factor = (lu[i * m + k] /= lu[k * m + k]);
        if (factor) for (let j = k + 1; j < m; j++) lu[i * m + j] -= factor * lu[k * m + j];
      }
    }
    let low = Infinity, high = 0, logDet = 0;
    for (let k = 0; k < m; k++) {
      const size = Math.abs(lu[k * m + k]);
      low = Math.min(low, size);
      high = Math.max(high, size);
      logDet += Math.log(size);
    }
    return { lu, perm, m, logDet, pivot: low / high };
  };

  // Each row b of `rows` (n × m) becomes the x with A x = b, or with Aᵀ x = b if `transposed`.
  const solve = ({ lu, perm, m }, rows, transposed = false) => {
    const out = zeros(rows.length), x = zeros(m);
    for (let start = 0; start < rows.length; start += m) {
      if (transposed) {
        for (let k = 0; k < m; k++) x[k] = rows[start + k];
        for (let k = 0; k < m; k++) { // Uᵀ
          const value = (x[k] /= lu[k * m + k]);
          for (let j = k + 1; j < m; j++) x[j] -= lu[k * m + j] * value;
        }
        for (let k = m - 1; k > 0; k--) { // Lᵀ
          for (let j = 0; j < k; j++) x[j] -= lu[k * m + j] * x[k];
        }
        for (let k = 0; k < m; k++) out[start + perm[k]] = x[k];
      } else {
        for (let k = 0; k < m; k++) x[k] = rows[start + perm[k]];
        for (let k = 1; k < m; k++) { // L
          for (let j = 0; j < k; j++) x[k] -= lu[k * m + j] * x[j];
        }
        for (let k = m - 1; k >= 0; k--) { // U
          for (let j = k + 1; j < m; j++) x[k] -= lu[k * m + j] * x[j];
          x[k] /= lu[k * m + k];
        }
        out.set(x, start);
      }
    }
    return out;
  };

  const identity = m => identityMinus(zeros(m * m), m);
  // Row j of solve(A, I) is column j of A⁻¹; the transposed solve gives A⁻¹ row by row.
  const inverse = (A, m) => solve(factorise(A, m), identity(m), true);

  // (n × k) times (k × m)
  const matmul = (A, B, n, k, m) => {
    const C = zeros(n * m);
    for (let i = 0; i < n; i++) {
      for (let l = 0; l < k; l++) {
        const a = A[i * k + l];
        if (a) for (let j = 0; j < m; j++) C[i * m + j] += a * B[l * m + j];
      }
    }
    return C;
  };

  const transpose = (A, n, m) => {
    const T = zeros(n * m);
    for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) T[j * n + i] = A[i * m + j];
    return T;
  };

  // Lower triangular L with L Lᵀ = S
  const cholesky = (S, m) => {
    const L = zeros(m * m);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = S[i * m + j];
        for (let k = 0; k < j; k++) sum -= L[i * m + k] * L[j * m + k];
        L[i * m + j] = i === j ? Math.sqrt(Math.max(sum, 0)) : sum / L[j * m + j];
      }
    }
    return L;
  };

  const covariance = (X, m) => { // m × m, divided by the number of cells
    const n = X.length / m, mean = zeros(m);
    X.forEach((x, i) => { mean[i % m] += x / n; });
    const centred = X.map((x, i) => x - mean[i % m]);
    return matmul(transpose(centred, n, m), centred, m, n, m).map(s => s / n);
  };

  live.algebra = {
    zeros, identityMinus, factorise, solve, inverse, matmul, transpose, cholesky, covariance,
  };
})(deepsemLive);
