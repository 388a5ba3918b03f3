/* A drag over the plot fills the times from and to, and those of the zoom; everything works without it. */
"use strict";

const fill = (name, time) => {
  for (const field of document.querySelectorAll(`[data-fill=${name}]`)) field.value = time;
};

for (const plot of document.querySelectorAll("[data-review]")) {
  const chosen = plot.querySelector("[data-chosen]");
  const [left, right, wide, since, until, offset] = ["left", "right", "wide", "since", "until", "offset"].map(
    (name) => Number(plot.dataset[name]),
  );
  let start = null;

  const placeOf = (event) => {
    const box = plot.getBoundingClientRect();
    return Math.min(Math.max(((event.clientX - box.left) / box.width) * wide, left), right);
  };
  const timeOf = (x) => {
    const ms = since + ((x - left) / (right - left)) * (until - since) + offset * 60000;
    return new Date(ms).toISOString().slice(0, 19);
  };

  plot.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    start = placeOf(event);
    plot.setPointerCapture(event.pointerId);
  });
  plot.addEventListener("pointermove", (event) => {
    if (start === null) return;
    const [first, last] = [start, placeOf(event)].sort((one, other) => one - other);
    chosen.setAttribute("x", first);
    chosen.setAttribute("width", last - first);
    fill("since", timeOf(first));
    fill("until", timeOf(last));
    const stretch = document.querySelector("input[name=which][value=stretch]");
    if (stretch) stretch.checked = true;
  });
  plot.addEventListener("pointerup", () => {
    start = null;
  });
}

document.addEventListener("change", (event) => {
  if (!event.target.matches("input[name=chosen]:checked")) return;
  const ticked = document.querySelector("input[name=which][value=ticked]");
  if (ticked) ticked.checked = true;
});
