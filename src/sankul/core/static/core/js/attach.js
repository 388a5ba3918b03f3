/* Files can be dropped on a file input from anywhere on its field, and those chosen are listed; without this the input works as ever. */
"use strict";

for (const input of document.querySelectorAll("input[type=file][data-drop]")) {
  const field = input.closest(".field");
  const list = document.createElement("ul");
  list.className = "chosen";
  list.setAttribute("aria-live", "polite");
  input.after(list);

  const show = () => {
    list.replaceChildren(
      ...Array.from(input.files, (file) => {
        const item = document.createElement("li");
        item.textContent = `${file.name} (${Math.max(Math.round(file.size / 1000), 1)} kB)`;
        return item;
      }),
    );
  };

  const over = (event, is) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    field.classList.toggle("field--over", is);
  };

  field.addEventListener("dragover", (event) => over(event, true));
  field.addEventListener("dragleave", (event) => over(event, false));
  field.addEventListener("drop", (event) => {
    over(event, false);
    const all = new DataTransfer();
    for (const file of [...input.files, ...event.dataTransfer.files]) all.items.add(file);
    input.files = all.files;
    show();
  });
  input.addEventListener("change", show);
}
