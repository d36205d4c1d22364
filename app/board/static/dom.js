// Elements are built, never parsed: whatever somebody wrote stays text.

export const byId = (id) => document.getElementById(id);

// An element with properties and children; strings among the children become text, null is left out.
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'class') made.className = value;
    else if (name === 'on') for (const [event, act] of Object.entries(value)) made.addEventListener(event, act);
    else made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

export function fill(parent, ...children) {
  parent.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined));
}

export function show(part, visible = true) {
  part.hidden = !visible;
}

let spoken = 0;

// For those who hear the page: said once, and again also when it is the same sentence.
export function announce(sentence) {
  spoken += 1;
  byId('announcer').textContent = sentence + (spoken % 2 ? '' : '\u00a0');
}
