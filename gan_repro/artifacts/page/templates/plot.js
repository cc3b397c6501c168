// Line plots as SVG, drawn at the size they have on the page, so that text keeps its size.
"use strict";

(() => {
  const page = (window.ganRepro ??= {});
  const SPACE = "http://www.w3.org/2000/svg";

  function element(name, attributes = {}, text = "") {
    const made = document.createElementNS(SPACE, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    return made;
  }

  function number(value, digits = 2) {
    const shown = value.toFixed(digits).replace("-", "−");
    return /^−[0.]*$/.test(shown) ? shown.slice(1) : shown;
  }

  class Plot {
    constructor(svg, { x, y, margin }) {
      this.svg = svg;
      this.domain = { x, y };
      this.margin = { top: 28, right: 12, bottom: 30, left: 40, ...margin };
      this.width = svg.clientWidth || 640;
      this.height = svg.clientHeight || 300;
      svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
      svg.replaceChildren();
    }

    get inner() {
      const { top, right, bottom, left } = this.margin;
      return { left, top, right: this.width - right, bottom: this.height - bottom };
    }

    x(value) {
      const { left, right } = this.inner;
      const [low, high] = this.domain.x;
      return left + ((value - low) / (high - low)) * (right - left);
    }

    y(value) {
      const { top, bottom } = this.inner;
      const [low, high] = this.domain.y;
      return bottom - ((value - low) / (high - low)) * (bottom - top);
    }

    // The value on the x axis under a place on the screen.
    value(clientX) {
      const { left, right } = this.inner;
      const [low, high] = this.domain.x;
      const place = clientX - this.svg.getBoundingClientRect().left;
      return low + ((place - left) / (right - left)) * (high - low);
    }

    add(name, attributes, text) {
      const made = element(name, attributes, text);
      this.svg.append(made);
      return made;
    }

    line(x1, y1, x2, y2, kind) {
      return this.add("line", { x1, y1, x2, y2, class: kind });
    }

    text(x, y, words, { anchor = "middle", kind = "tick" } = {}) {
      return this.add("text", { x, y, "text-anchor": anchor, class: kind }, words);
    }

    xAxis(ticks, label) {
      const { left, right, bottom } = this.inner;
      this.line(left, bottom, right, bottom, "axis");
      for (const [value, words] of ticks) {
        this.line(this.x(value), bottom, this.x(value), bottom + 4, "axis");
        this.text(this.x(value), bottom + 16, words);
      }
      if (label) this.text(right, bottom + 28, label, { anchor: "end", kind: "label" });
    }

    yAxis(ticks, label) {
      const { left, right } = this.inner;
      for (const [value, words] of ticks) {
        this.line(left, this.y(value), right, this.y(value), "grid");
        this.text(left - 6, this.y(value) + 4, words, { anchor: "end" });
      }
      if (label) this.text(0, 11, label, { anchor: "start", kind: "label" });
    }

    // A gap is left where a value is missing; what lies outside of the plot is cut off.
    curve(xs, ys, kind) {
      let open = false;
      let path = "";
      xs.forEach((x, index) => {
        if (ys[index] !== null) {
          path += `${open ? "L" : "M"}${this.x(x).toFixed(1)} ${this.y(ys[index]).toFixed(1)}`;
        }
        open = ys[index] !== null;
      });
      return this.add("path", { d: path, class: `curve ${kind}`, "clip-path": `url(#${this.window()})` });
    }

    window() {
      const id = `${this.svg.classList[0]}-window`;
      if (!this.svg.querySelector("clipPath")) {
        const { left, top, right, bottom } = this.inner;
        const area = { x: left, y: top - 3, width: right - left, height: bottom - top + 6 };
        this.add("clipPath", { id }).append(element("rect", area));
      }
      return id;
    }

    mark(x, y, kind) {
      const [low, high] = this.domain.y;
      if (y >= low && y <= high) this.add("circle", { cx: this.x(x), cy: this.y(y), r: 5.5, class: `place ${kind}` });
    }
  }

  function ticks(low, high, step, digits) {
    const found = [];
    for (let index = Math.ceil(low / step - 1e-9); index * step <= high + 1e-9; index += 1) {
      found.push([index * step, number(index * step, digits)]);
    }
    return found;
  }

  // Draw now, and again whenever the width changes.
  function keepDrawn(svg, draw) {
    let width = 0;
    new ResizeObserver(() => {
      if (svg.clientWidth !== width) {
        width = svg.clientWidth;
        draw();
      }
    }).observe(svg);
    window.matchMedia("print").addEventListener("change", draw);
  }

  function read(id) {
    const source = document.getElementById(id);
    return source ? JSON.parse(source.textContent) : null;
  }

  Object.assign(page, { Plot, ticks, number, keepDrawn, read });
})();
