// The recorded game of Figure 1, one frame at a time.
"use strict";

(() => {
  const { Plot, number, keepDrawn, read, MINIMUM } = ganRepro;
  const game = read("game-data");
  const root = document.getElementById("game-tool");
  if (!game || !root) return;

  const WIDE = [-2, 2];
  const X_LINE = -0.24;
  const Z_LINE = -0.64;
  const PACE = 350;
  const slider = root.querySelector("input[name=frame]");
  const play = root.querySelector("button[data-play]");
  const svg = root.querySelector("svg.players");
  const course = root.querySelector("svg.course");
  const letters = Object.entries(game.panels);
  const steps = game.frames.map((_, index) => index);
  const reach = Math.max(...game.z.map(Math.abs));
  let timer = 0;

  function optimum(frame) {
    return game.p_data.map((p, index) => {
      const total = p + frame.p_g[index];
      return total > 0 ? p / total : null;
    });
  }

  function drawPlayers(frame) {
    const plot = new Plot(svg, { x: WIDE, y: [Z_LINE - 0.04, 1.65], margin: { bottom: 8 } });
    plot.yAxis([[0, "0"], [0.5, "½"], [1, "1"], [1.5, "1.5"]], "density;  D(x)");
    const { left, right } = plot.inner;
    frame.g.forEach((x, index) => {
      const from = plot.x((0.8 * WIDE[1] * game.z[index]) / reach);
      plot.line(from, plot.y(Z_LINE), plot.x(x), plot.y(X_LINE), "arrow");
      plot.add("circle", { cx: plot.x(x), cy: plot.y(X_LINE), r: 2, class: "tip" });
    });
    for (const [height, name] of [[X_LINE, "x"], [Z_LINE, "z"]]) {
      plot.line(left, plot.y(height), right, plot.y(height), "axis");
      plot.text(left - 6, plot.y(height) + 4, name, { anchor: "end", kind: "label" });
    }
    plot.curve(game.x, optimum(frame), "d-star");
    plot.curve(game.x, frame.d, "d");
    plot.curve(game.x, game.p_data, "p-data");
    plot.curve(game.x, frame.p_g, "p-g");
  }

  function drawCourse(index) {
    const values = game.frames.map((frame) => frame.value);
    const best = game.frames.map((frame) => 2 * frame.jsd + MINIMUM);
    const range = [MINIMUM - 1, MINIMUM + 0.8];
    const chart = new Plot(course, { x: [0, steps.length - 1], y: range, margin: { left: 48 } });
    chart.yAxis([[-2, "−2"], [-1, "−1"]], "nats");
    chart.xAxis(letters.map(([letter, at]) => [at, `(${letter})`]), "frame");
    const { left, right, top, bottom } = chart.inner;
    chart.line(chart.x(index), top, chart.x(index), bottom, "now");
    chart.line(left, chart.y(MINIMUM), right, chart.y(MINIMUM), "minimum");
    chart.text(left - 6, chart.y(MINIMUM) + 4, "−log 4", { anchor: "end", kind: "tick strong" });
    chart.curve(steps, best, "criterion");
    chart.curve(steps, values, "d");
    chart.mark(index, best[index], "criterion");
    chart.mark(index, values[index], "d");
  }

  function draw() {
    const index = slider.valueAsNumber;
    const frame = game.frames[index];
    const panel = letters.find(([, at]) => at === index);
    const label = panel ? `(${panel[0]}) ${frame.label}` : frame.label;
    drawPlayers(frame);
    drawCourse(index);
    slider.setAttribute("aria-valuetext", `frame ${index + 1} of ${steps.length}: ${label}`);
    root.querySelector("output[for=game-frame]").textContent = `${index + 1} of ${steps.length}`;
    root.querySelector("[data-value=label]").textContent = label;
    root.querySelector("[data-value=game-jsd]").textContent = number(frame.jsd, 4);
    root.querySelector("[data-value=game-value]").textContent = number(frame.value, 4);
    for (const button of root.querySelectorAll("button[data-panel]")) {
      button.setAttribute("aria-pressed", String(game.panels[button.dataset.panel] === index));
    }
  }

  function show(index) {
    slider.value = index;
    draw();
  }

  function stop() {
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
  }

  function start() {
    if (slider.valueAsNumber === steps.length - 1) show(0);
    play.textContent = "Stop";
    timer = setInterval(() => {
      show(slider.valueAsNumber + 1);
      if (slider.valueAsNumber === steps.length - 1) stop();
    }, PACE);
  }

  slider.max = steps.length - 1;
  slider.addEventListener("input", () => {
    stop();
    draw();
  });
  play.addEventListener("click", () => (timer ? stop() : start()));
  for (const button of root.querySelectorAll("button[data-panel]")) {
    button.addEventListener("click", () => {
      stop();
      show(game.panels[button.dataset.panel]);
    });
  }

  keepDrawn(svg, draw);
})();
