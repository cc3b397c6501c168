// Theorem 1 by hand: p_data stands still, p_g is moved, stretched and given other weights.
"use strict";

(() => {
  const { Plot, ticks, number, keepDrawn, read, transform, divergences, logDensity } = ganRepro;
  const { optimalDiscriminator, MINIMUM } = ganRepro;
  const data = read("theorem-data");
  const root = document.getElementById("theorem-tool");
  if (!data || !root) return;

  const WIDE = [-7, 7];
  const CURVE = 421;
  const COARSE = 1201;
  const PATIENCE = 400;
  const NAMES = { shift: "shift", stretch: "stretch", weight: "weight of the left bump" };
  const controls = Object.fromEntries(
    Object.keys(NAMES).map((name) => [name, root.querySelector(`input[name=${name}]`)]),
  );
  const svg = root.querySelector("svg.densities");
  const valley = root.querySelector("svg.valley");
  const live = root.querySelector("[aria-live]");
  let varied = "shift";
  let handles = [];
  let plot = null;
  let announcement = 0;

  const state = () =>
    Object.fromEntries(Object.entries(controls).map(([name, input]) => [name, input.valueAsNumber]));

  function moments(mixture) {
    const mean = mixture.reduce((sum, part) => sum + part.weight * part.mean, 0);
    const square = mixture.reduce(
      (sum, part) => sum + part.weight * (part.deviation ** 2 + (part.mean - mean) ** 2),
      0,
    );
    return { mean, deviation: Math.sqrt(square) };
  }

  function drawDensities(model) {
    const xs = Array.from({ length: CURVE }, (_, i) => WIDE[0] + (i / (CURVE - 1)) * (WIDE[1] - WIDE[0]));
    const density = (mixture) => xs.map((x) => Math.exp(logDensity(mixture, x)));
    const modelled = density(model);
    const top = Math.max(1.05, 1.05 * Math.max(...modelled));
    plot = new Plot(svg, { x: WIDE, y: [0, top] });
    plot.yAxis(ticks(0, top, 0.5, 1), "density;  D*(x)");
    plot.xAxis(ticks(-6, 6, 2, 0), "x");
    const { left, right, bottom } = plot.inner;
    plot.line(left, plot.y(0.5), right, plot.y(0.5), "half");
    plot.curve(xs, xs.map((x) => optimalDiscriminator(data, model, x)), "d-star");
    plot.curve(xs, density(data), "p-data");
    plot.curve(xs, modelled, "p-g");
    const { mean, deviation } = moments(model);
    handles = [
      { name: "shift", at: plot.x(mean) },
      { name: "stretch", at: plot.x(mean + deviation) },
    ];
    plot.line(handles[0].at, bottom, handles[1].at, bottom, "span");
    plot.add("circle", { cx: handles[0].at, cy: bottom, r: 7, class: "handle" });
    plot.add("rect", { x: handles[1].at - 5, y: bottom - 7, width: 10, height: 14, rx: 2, class: "handle" });
  }

  function drawValley(chosen, criterion) {
    const { min, max } = controls[varied];
    const range = [Number(min), Number(max)];
    const xs = Array.from({ length: 81 }, (_, i) => range[0] + (i / 80) * (range[1] - range[0]));
    const ys = xs.map(
      (x) => divergences(data, transform(data, { ...chosen, [varied]: x }), COARSE).criterion,
    );
    const chart = new Plot(valley, { x: range, y: [-1.5, 0.02], margin: { left: 48 } });
    chart.yAxis([[0, "0"], [-0.5, "−0.5"], [-1, "−1"]], "C(G), nats");
    chart.xAxis(ticks(range[0], range[1], varied === "shift" ? 2 : 0.5, varied === "shift" ? 0 : 1), NAMES[varied]);
    const { left, right } = chart.inner;
    chart.line(left, chart.y(MINIMUM), right, chart.y(MINIMUM), "minimum");
    chart.text(left - 6, chart.y(MINIMUM) + 4, "−log 4", { anchor: "end", kind: "tick strong" });
    chart.curve(xs, ys, "criterion");
    chart.mark(chosen[varied], Math.max(criterion, MINIMUM), "criterion");
  }

  function write(chosen, found) {
    const above = Math.max(found.criterion - MINIMUM, 0);
    const texts = {
      klDataModel: number(found.klDataModel, 4),
      klModelData: number(found.klModelData, 4),
      jsd: number(found.jsd, 4),
      criterion: number(found.criterion, 4),
      above: number(above, 4),
    };
    for (const [name, text] of Object.entries(texts)) {
      root.querySelector(`[data-value=${name}]`).textContent = text;
    }
    root.querySelector("meter").value = Math.max(found.jsd, 0);
    for (const [name, value] of Object.entries(chosen)) {
      root.querySelector(`output[for=theorem-${name}]`).textContent = number(value);
    }
    // Said once the hand has come to rest, not at every step.
    clearTimeout(announcement);
    announcement = setTimeout(() => {
      live.textContent =
        above < 5e-5
          ? "p_g is p_data: C(G) is −log 4, and D* is one half everywhere."
          : `C(G) is ${texts.criterion}, ${texts.above} above −log 4; JSD ${texts.jsd}.`;
    }, PATIENCE);
  }

  function draw() {
    const chosen = state();
    const model = transform(data, chosen);
    const found = divergences(data, model);
    drawDensities(model);
    drawValley(chosen, found.criterion);
    write(chosen, found);
  }

  function set(name, value) {
    controls[name].value = value;
    varied = name;
    draw();
  }

  for (const [name, input] of Object.entries(controls)) {
    input.addEventListener("input", () => set(name, input.value));
    input.addEventListener("focus", () => set(name, input.value));
  }
  for (const button of root.querySelectorAll("button[data-state]")) {
    button.addEventListener("click", () => {
      const wanted = JSON.parse(button.dataset.state);
      for (const [name, value] of Object.entries(wanted)) controls[name].value = value;
      draw();
    });
  }

  const KEYS = {
    ArrowLeft: ["shift", -1],
    ArrowRight: ["shift", 1],
    ArrowUp: ["stretch", 1],
    ArrowDown: ["stretch", -1],
  };
  svg.addEventListener("keydown", (event) => {
    if (!(event.key in KEYS)) return;
    event.preventDefault();
    const [name, direction] = KEYS[event.key];
    set(name, controls[name].valueAsNumber + direction * (event.shiftKey ? 0.5 : 0.1));
  });

  let held = null;
  svg.addEventListener("pointerdown", (event) => {
    const place = event.clientX - svg.getBoundingClientRect().left;
    const near = [...handles].sort((a, b) => Math.abs(a.at - place) - Math.abs(b.at - place))[0];
    const low = event.clientY - svg.getBoundingClientRect().top > plot.inner.bottom - 24;
    if (event.pointerType !== "mouse" && !(low && Math.abs(near.at - place) < 24)) return;
    held = {
      name: low && Math.abs(near.at - place) < 24 ? near.name : "shift",
      from: plot.value(event.clientX),
      start: state(),
    };
    svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener("pointermove", (event) => {
    if (!held) return;
    const x = plot.value(event.clientX);
    if (held.name === "shift") set("shift", held.start.shift + x - held.from);
    else {
      const { mean, deviation } = moments(transform(data, { ...held.start, stretch: 1, shift: 0 }));
      set("stretch", Math.abs((x - held.start.shift) / (mean + deviation)));
    }
  });
  for (const end of ["pointerup", "pointercancel"]) {
    svg.addEventListener(end, () => {
      held = null;
    });
  }

  keepDrawn(svg, draw);
})();
