// Small conveniences: copying an id, dialogs, menus that close, forms that cannot be sent twice.
document.documentElement.classList.add("js");

// Said to who does not see it; emptied first, so that the same words are said again.
function say(text) {
  const said = document.getElementById("said");
  if (!said) return;
  said.textContent = "";
  setTimeout(() => {
    said.textContent = text;
  }, 50);
}

// Only HTTPS and localhost have a clipboard; elsewhere what is selected is copied, as browsers did before.
function copySelected(text, button) {
  const field = document.createElement("textarea");
  field.className = "visually-hidden";
  field.readOnly = true;
  field.value = text;
  button.after(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  button.focus({ preventScroll: true });
  return done;
}

async function written(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text, button);
  }
}

async function copy(button) {
  const text = button.dataset.copy;
  if (await written(text, button)) {
    say(`Copied ${text}`);
    button.classList.add("copy__button--done");
    setTimeout(() => button.classList.remove("copy__button--done"), 1500);
  } else {
    say(`${text} could not be copied; select it instead.`);
  }
}

const openMenus = () => document.querySelectorAll("details.menu[open]");

function closeOthers(target) {
  for (const menu of openMenus()) {
    if (!menu.contains(target)) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy], [data-dialog], [aria-disabled='true']");
  if (button?.dataset.copy) copy(button);
  if (button?.dataset.dialog) document.getElementById(button.dataset.dialog).showModal();
  if (button?.getAttribute("aria-disabled") === "true") event.preventDefault();
  closeOthers(event.target);
});

document.addEventListener("focusin", (event) => closeOthers(event.target));

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
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
