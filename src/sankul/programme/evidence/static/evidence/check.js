/* Keys for who verifies many claims; they work only while the form has the focus, and everything works without them. */
"use strict";

const form = document.querySelector("form[data-check]");
const choices = form ? [...form.querySelectorAll("input[name=finding]")] : [];

form?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey) {
    event.preventDefault();
    form.requestSubmit();
    return;
  }
  const writing = event.target.closest("textarea, input:not([type=radio], [type=checkbox])");
  const choice = choices[Number(event.key) - 1];
  if (writing || !choice || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  choice.checked = true;
  choice.focus();
});
