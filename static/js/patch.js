// Brings a piece of the page up to date and touches only what changed, so that focus, scroll position,
// an open <details> and a tooltip under the pointer stay as they are.

function sameKind(a, b) {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName && (a.id ?? "") === (b.id ?? "");
}

function patchAttributes(now, next) {
  for (const { name } of [...now.attributes]) {
    if (!next.hasAttribute(name) && !(name === "open")) now.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (name !== "open" && now.getAttribute(name) !== value) now.setAttribute(name, value);
  }
}

function keyed(parent) {
  return new Map([...parent.children].filter((child) => child.id).map((child) => [child.id, child]));
}

export function patchChildren(now, next, added) {
  const byId = keyed(now);
  let place = now.firstChild;
  for (const wanted of [...next.childNodes]) {
    const known = wanted.id ? byId.get(wanted.id) : undefined;
    if (known && known !== place) {
      now.insertBefore(known, place);
      place = known;
    }
    if (place && sameKind(place, wanted)) {
      patchNode(place, wanted, added);
      place = place.nextSibling;
    } else {
      now.insertBefore(wanted, place);
      if (wanted.nodeType === Node.ELEMENT_NODE) added.push(wanted);
    }
  }
  while (place) {
    const after = place.nextSibling;
    place.remove();
    place = after;
  }
}

function patchNode(now, next, added) {
  if (now.isEqualNode(next)) return;
  if (now.nodeType !== Node.ELEMENT_NODE) {
    now.nodeValue = next.nodeValue;
    return;
  }
  patchAttributes(now, next);
  patchChildren(now, next, added);
}
