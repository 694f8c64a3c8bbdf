// Live parts: htmx polls, a 304 changes nothing, and new content is patched in. Polling rests while nobody looks.
import { patchChildren } from "./patch.js";
import { tick } from "./ticking.js";
import { localise } from "./zone.js";

window.htmx.defineExtension("patch", {
  isInlineSwap: (style) => style === "patch",
  handleSwap(style, target, fragment) {
    if (style !== "patch") return false;
    localise(fragment); // before it is compared: what did not change shall be the same
    const added = [];
    patchChildren(target, fragment, added);
    tick();
    return added;
  },
});

const connection = () => document.getElementById("connection");

document.addEventListener("htmx:configRequest", ({ detail }) => {
  const { etag } = detail.elt.dataset;
  if (etag) detail.headers["If-None-Match"] = etag;
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.detail.elt.id === "live") event.preventDefault();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, pathInfo } = event.detail;
  // Led elsewhere (the session ended): let the browser go there instead of showing that page inside of this one.
  if (xhr.responseURL && new URL(xhr.responseURL).pathname !== new URL(pathInfo.requestPath, location).pathname) {
    event.detail.shouldSwap = false;
    location.reload();
  }
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.elt.id !== "live") return;
  const etag = detail.xhr.getResponseHeader("ETag");
  if (detail.successful && etag) detail.elt.dataset.etag = etag;
  const answered = detail.xhr.status > 0 && detail.xhr.status < 500;
  const note = connection();
  if (note && note.hidden !== answered) note.hidden = answered;
});

document.addEventListener("visibilitychange", () => {
  const live = document.getElementById("live");
  if (!document.hidden && live?.hasAttribute("hx-get")) window.htmx.trigger(live, "look");
});

// A part that is loaded by itself and does not come says so; the link in it still leads there.
for (const failed of ["htmx:timeout", "htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failed, ({ detail }) => {
    const note = detail.elt.querySelector(":scope > [data-late]");
    if (note) note.firstChild.nodeValue = `${note.dataset.late} `;
  });
}

// What is loaded into a page later tells times as the rest of it does.
document.addEventListener("htmx:load", ({ target }) => {
  localise(target);
  tick();
});
