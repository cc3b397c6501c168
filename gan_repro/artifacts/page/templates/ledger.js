// The claims ledger: rows that fit the filters, in the order of a column. Without a script it is
// the whole table.
"use strict";

(() => {
  const root = document.getElementById("ledger-tool");
  if (!root) return;

  const body = root.querySelector("tbody");
  const rows = [...body.rows];
  const text = root.querySelector("input[type=search]");
  const selects = [...root.querySelectorAll("select[data-filter]")];
  const count = root.querySelector("[aria-live]");
  const heads = [...root.querySelectorAll("th[aria-sort]")];
  const words = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

  function filter() {
    const wanted = text.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      row.hidden = !(
        selects.every((select) => !select.value || row.dataset[select.dataset.filter] === select.value) &&
        wanted.every((word) => words.get(row).includes(word))
      );
      shown += row.hidden ? 0 : 1;
    }
    count.textContent = `${shown} of ${rows.length} claims`;
  }

  const value = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();

  // What is empty comes last in either direction; equal rows keep the ledger's order.
  function compare(column, direction) {
    return (one, two) => {
      const [a, b] = [value(one, column), value(two, column)];
      if (!a || !b) return Number(!a) - Number(!b);
      const [x, y] = [Number(a), Number(b)];
      const order = Number.isNaN(x) || Number.isNaN(y) ? collator.compare(a, b) : x - y;
      return direction * order;
    };
  }

  function sort(head) {
    const direction = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    for (const other of heads) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
    body.append(...[...rows].sort(compare(head.cellIndex, direction)));
  }

  function reset() {
    text.value = "";
    for (const select of selects) select.value = "";
    for (const head of heads) head.setAttribute("aria-sort", "none");
    body.append(...rows);
    filter();
  }

  text.addEventListener("input", filter);
  for (const select of selects) select.addEventListener("change", filter);
  for (const head of heads) head.querySelector("button").addEventListener("click", () => sort(head));
  root.querySelector("button[data-reset]").addEventListener("click", reset);
  for (const link of document.querySelectorAll("a[data-verdict]")) {
    link.addEventListener("click", () => {
      reset();
      root.querySelector("select[data-filter=verdict]").value = link.dataset.verdict;
      filter();
    });
  }
  filter();
})();
