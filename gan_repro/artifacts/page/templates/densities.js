// Densities on a line and the quantities of Theorem 1, in nats. Densities are mixtures of Gaussians:
// lists of {weight, mean, deviation} whose weights add up to one.
"use strict";

(() => {
  const page = (window.ganRepro ??= {});
  const LOG_ROOT_2PI = 0.5 * Math.log(2 * Math.PI);
  // A Gaussian has fallen to e^-72 so many deviations from its mean.
  const REACH = 12;
  // The trapezoid rule converges geometrically for functions as smooth as these.
  const NODES = 8001;

  function addLogs(a, b) {
    const high = Math.max(a, b);
    return high === -Infinity ? high : high + Math.log1p(Math.exp(Math.min(a, b) - high));
  }

  function logDensity(mixture, x) {
    let total = -Infinity;
    for (const { weight, mean, deviation } of mixture) {
      if (weight === 0) continue;
      const z = (x - mean) / deviation;
      total = addLogs(total, Math.log(weight) - 0.5 * z * z - Math.log(deviation) - LOG_ROOT_2PI);
    }
    return total;
  }

  // p_g: the mixture moved, stretched about zero, and with another weight of its first part.
  function transform(mixture, { shift, stretch, weight }) {
    const rest = 1 - mixture[0].weight;
    return mixture.map((part, index) => ({
      weight: index === 0 ? weight : (part.weight * (1 - weight)) / rest,
      mean: shift + stretch * part.mean,
      deviation: stretch * part.deviation,
    }));
  }

  // Eq. 2, from the difference of the logarithms: right even where both densities underflow.
  function optimalDiscriminator(data, model, x) {
    return 1 / (1 + Math.exp(logDensity(model, x) - logDensity(data, x)));
  }

  function interval(...mixtures) {
    const parts = mixtures.flat();
    return [
      Math.min(...parts.map((part) => part.mean - REACH * part.deviation)),
      Math.max(...parts.map((part) => part.mean + REACH * part.deviation)),
    ];
  }

  // KL both ways, JSD by its two KL terms (eq. 5), and C(G) by D* itself (eq. 4).
  function divergences(data, model, nodes = NODES) {
    const [low, high] = interval(data, model);
    const step = (high - low) / (nodes - 1);
    const sums = { klDataModel: 0, klModelData: 0, jsd: 0, criterion: 0 };
    for (let index = 0; index < nodes; index += 1) {
      const x = low + index * step;
      const logP = logDensity(data, x);
      const logQ = logDensity(model, x);
      const logSum = addLogs(logP, logQ);
      const p = Math.exp(logP);
      const q = Math.exp(logQ);
      sums.klDataModel += p * (logP - logQ);
      sums.klModelData += q * (logQ - logP);
      sums.jsd += 0.5 * (p * (logP - logSum + Math.LN2) + q * (logQ - logSum + Math.LN2));
      sums.criterion += p * (logP - logSum) + q * (logQ - logSum);
    }
    for (const name of Object.keys(sums)) sums[name] *= step;
    return sums;
  }

  Object.assign(page, { logDensity, transform, optimalDiscriminator, divergences });
  page.MINIMUM = -Math.log(4);
})();
