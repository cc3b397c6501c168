// On paper everything that unfolds is open, and the ledger has every row.
"use strict";

(() => {
  let closed = [];
  let hidden = [];

  window.addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    hidden = [...document.querySelectorAll("tbody tr[hidden]")];
    for (const part of closed) part.open = true;
    for (const row of hidden) row.hidden = false;
  });
  window.addEventListener("afterprint", () => {
    for (const part of closed) part.open = false;
    for (const row of hidden) row.hidden = true;
  });
})();
