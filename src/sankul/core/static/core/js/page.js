/* What the page does beyond HTML; everything works without it. */
"use strict";

/* A form that came back with errors shows them to keyboard and screen reader at once. */
document.querySelector("[data-focus]:not([data-specimen] *)")?.focus();

/* "/" goes to the filter of the page, as readers of long lists expect. */
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const field = document.querySelector(".filters input[type=search], .filters input[type=text]");
  if (!field) return;
  event.preventDefault();
  field.focus();
});

/* A filter by choice applies itself; typing waits for the button or Enter. */
document.addEventListener("change", (event) => {
  const form = event.target.closest("form.filters[data-apply]");
  if (form && event.target.matches("select, input[type=checkbox], input[type=radio]")) {
    form.requestSubmit();
  }
});
