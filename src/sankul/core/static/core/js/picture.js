/* Draws the specification on the page with Vega, whose expressions are interpreted, not evaluated. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  for (const place of document.querySelectorAll("[data-picture]")) {
    const spec = JSON.parse(document.getElementById(place.dataset.picture).textContent);
    spec.width = Math.min(place.clientWidth, 1100);
    window.vegaEmbed(place, spec, {
      actions: false,
      ast: true,
      defaultStyle: false,
      mode: "vega",
      renderer: "svg",
      tooltip: { disableDefaultStyle: true, theme: "sankul" },
    });
  }
});
