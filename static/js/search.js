// The header's search: "/" or Ctrl-K goes there, arrows walk through what is found, Escape closes it.
const form = document.querySelector(".search");
const field = form?.querySelector("input");
const found = form?.querySelector(".search__found");

const links = () => [...found.querySelectorAll("a")];

let closed = false; // since something was typed: an answer that comes late opens nothing

function close() {
  found.hidden = true;
  closed = true;
}

function typing(target) {
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

function walk(step) {
  const all = links();
  const at = all.indexOf(document.activeElement) + step;
  const next = at < 0 ? field : all[Math.min(at, all.length - 1)];
  next?.focus();
}

if (form) {
  document.addEventListener("keydown", (event) => {
    const asked = (event.key === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !typing(event.target));
    if (!asked || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    if (getComputedStyle(form).display === "none") {
      location.assign(form.action);
    } else {
      field.focus();
      field.select();
    }
  });

  form.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      walk(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape" && !found.hidden) {
      event.preventDefault(); // what was typed stays, this once
      close();
      field.focus();
    }
  });

  // Enter in the field opens the first that was found for what stands there, else the page of results.
  form.addEventListener("submit", (event) => {
    const [first] = links();
    if (found.hidden || !first || found.dataset.words !== field.value.trim()) return;
    event.preventDefault();
    location.assign(first.href);
  });

  field.addEventListener("input", () => {
    closed = false;
  });

  form.addEventListener("htmx:afterSwap", (event) => {
    found.hidden = !field.value.trim() || document.activeElement !== field || closed;
    found.dataset.words = new URLSearchParams(event.detail.pathInfo.finalRequestPath.split("?")[1]).get("q")?.trim() ?? "";
  });

  document.addEventListener("focusin", (event) => {
    if (!form.contains(event.target)) close();
  });
  document.addEventListener("click", (event) => {
    if (!form.contains(event.target)) close();
  });
}
