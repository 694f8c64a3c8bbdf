// A form with a preview: its button starts only what is shown. As soon as the form says something else, it asks anew.
const TYPED = 600; // milliseconds of rest after typing until the preview is asked for
const CHOSEN = 150;
const BESIDE_THE_PLAN = ["csrfmiddlewaretoken", "reason", "on_failure", "confirmation", "preview", "previewed", "queue"];

const form = document.querySelector("form[data-starts]");
const button = () => document.getElementById(form.dataset.starts);
let timer;
let asked = planOf();

function planOf() {
  const values = new URLSearchParams(new FormData(form));
  for (const name of BESIDE_THE_PLAN) values.delete(name);
  return values.toString();
}

// Of a push: an AMI is either chosen from the list or typed: the one just touched counts.
function oneImage(touched) {
  const { image, other_image: other } = form.elements;
  if (!image || !other) return;
  if (touched === image && image.value) other.value = "";
  if (touched === other && other.value.trim()) image.value = "";
}

function becomePreview() {
  const now = button();
  if (now.getAttribute("aria-disabled") === "true") return; // somebody else changes the cluster
  now.disabled = false;
  now.name = "preview";
  now.value = "yes";
  now.textContent = "Preview";
}

function follow(event) {
  oneImage(event.target);
  const plan = planOf();
  if (plan === asked) return;
  asked = plan;
  window.htmx.trigger(form, "htmx:abort");
  becomePreview();
  clearTimeout(timer);
  const typing = event.type === "input" && event.target.matches("input[type=text], input[type=number]");
  timer = setTimeout(() => window.htmx.trigger(form, "ask"), typing ? TYPED : CHOSEN);
}

// An answer to what the form no longer says must not bring back a button that starts it.
function tooLate(event) {
  if (event.detail.elt === form && planOf() !== sent) event.detail.shouldSwap = false;
}

let sent = asked;
form.addEventListener("htmx:beforeRequest", () => {
  sent = planOf();
});
form.addEventListener("htmx:beforeSwap", tooLate);
form.addEventListener("input", follow);
form.addEventListener("change", follow);

document.addEventListener("htmx:afterSettle", () => {
  for (const errors of form.querySelectorAll(".field__errors")) {
    const field = document.getElementById(errors.id.replace(/_errors$/, ""));
    field?.toggleAttribute("aria-invalid", false);
    if (errors.childElementCount) field?.setAttribute("aria-invalid", "true");
    if (errors.childElementCount) errors.closest("details")?.setAttribute("open", "");
  }
});
