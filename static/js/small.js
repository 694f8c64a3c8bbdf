// Small conveniences: copying an id, dialogs, menus that close, forms that cannot be sent twice.
document.documentElement.classList.add("js");

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  const before = button.title;
  button.title = "Copied";
  button.classList.add("copy__button--done");
  setTimeout(() => {
    button.title = before;
    button.classList.remove("copy__button--done");
  }, 1500);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy], [data-dialog], [aria-disabled='true']");
  if (button?.dataset.copy) copy(button);
  if (button?.dataset.dialog) document.getElementById(button.dataset.dialog).showModal();
  if (button?.getAttribute("aria-disabled") === "true") event.preventDefault();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog" || form.method === "get" || event.defaultPrevented) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});

// Coming back by the browser's history: the form may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
