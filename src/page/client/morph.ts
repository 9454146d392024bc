/**
 * Makes the children of an element equal to those of another, and keeps each node that is the same: with it stay the
 * focus, the selection, and what was opened. Elements with an id are found by it, others by their place.
 */
export function morphChildren(old: Element, wanted: ParentNode): void {
  let at: ChildNode | null = old.firstChild;
  for (const node of Array.from(wanted.childNodes)) {
    const match = matchOf(old, at, node);
    if (match === null) {
      old.insertBefore(node, at);
      continue;
    }
    if (match === at) at = at.nextSibling;
    else old.insertBefore(match, at);
    morph(match, node);
  }
  while (at !== null) {
    const next: ChildNode | null = at.nextSibling;
    at.remove();
    at = next;
  }
}

/** The node that becomes the wanted one; null where a new one is needed. */
function matchOf(parent: Element, at: ChildNode | null, wanted: ChildNode): ChildNode | null {
  if (wanted instanceof Element && wanted.id !== '') {
    for (const child of parent.children) {
      if (child.id === wanted.id && child.nodeName === wanted.nodeName) return child;
    }
    return null;
  }
  if (at === null || at.nodeType !== wanted.nodeType || at.nodeName !== wanted.nodeName)
    return null;
  return at instanceof Element && at.id !== '' ? null : at;
}

function morph(old: ChildNode, wanted: ChildNode): void {
  if (old instanceof Element && wanted instanceof Element) {
    morphAttributes(old, wanted);
    morphChildren(old, wanted);
  } else if (old.nodeValue !== wanted.nodeValue) {
    old.nodeValue = wanted.nodeValue;
  }
}

function morphAttributes(old: Element, wanted: Element): void {
  // What a person has opened or closed stays so.
  const keeps = (name: string): boolean => name === 'open' && old.nodeName === 'DETAILS';
  for (const { name } of Array.from(old.attributes)) {
    if (!wanted.hasAttribute(name) && !keeps(name)) old.removeAttribute(name);
  }
  for (const { name, value } of wanted.attributes) {
    if (old.getAttribute(name) !== value && !keeps(name)) old.setAttribute(name, value);
  }
}
