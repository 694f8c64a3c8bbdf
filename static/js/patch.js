// Brings a piece of the page up to date and touches only what changed, so that focus, scroll position,
// an open <details> and a tooltip under the pointer stay as they are.

// White space between elements is no content: the server's layout of its templates must not matter.
const significant = (parent) =>
  [...parent.childNodes].filter((node) => node.nodeType !== Node.TEXT_NODE || node.nodeValue.trim());

const keyOf = (node) => node.id ?? "";

const sameKind = (a, b) => a.nodeName === b.nodeName && keyOf(a) === keyOf(b);

export function patchChildren(now, next, added) {
  const present = significant(now);
  const wanted = significant(next);
  if (present.length === wanted.length && present.every((node, index) => sameKind(node, wanted[index]))) {
    present.forEach((node, index) => patchNode(node, wanted[index], added));
  } else if (wanted.some(keyOf) && present.some(keyOf)) {
    reconcile(now, present, wanted, added);
  } else {
    now.replaceChildren(...next.childNodes);
    added.push(...now.children);
  }
}

// Children that carry ids: those known are patched where they stand, new ones put between them, others removed.
function reconcile(parent, present, wanted, added) {
  const spare = new Set(present);
  const take = (node) => {
    const found = [...spare].find((each) => sameKind(each, node));
    spare.delete(found);
    return found;
  };
  const pairs = wanted.map((node) => [take(node), node]);
  for (const node of spare) node.remove();
  let before = null;
  for (const [known, node] of pairs.reverse()) {
    const placed = known ?? node;
    if (known) patchNode(known, node, added);
    else if (node.nodeType === Node.ELEMENT_NODE) added.push(node);
    if (placed.parentNode !== parent || nextOf(placed) !== before) parent.insertBefore(placed, before);
    before = placed;
  }
}

function nextOf(node) {
  let next = node.nextSibling;
  while (next && next.nodeType === Node.TEXT_NODE && !next.nodeValue.trim()) next = next.nextSibling;
  return next;
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

// What is opened on a page belongs to its reader.
function patchAttributes(now, next) {
  for (const { name } of [...now.attributes]) {
    if (name !== "open" && !next.hasAttribute(name)) now.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (name !== "open" && now.getAttribute(name) !== value) now.setAttribute(name, value);
  }
}
