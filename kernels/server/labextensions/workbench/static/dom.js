// Elements from data, as text only: nothing here, or anywhere in this extension, parses HTML.

const SVG = 'http://www.w3.org/2000/svg';

// el('p', { class: 'x', onclick: f }, 'text', child): an element; strings become text nodes.
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      made.addEventListener(key.slice(2), value);
    } else if (value !== undefined && value !== null && value !== false) {
      made.setAttribute(key, value === true ? '' : String(value));
    }
  }
  made.append(...children.filter(one => one !== null && one !== undefined));
  return made;
}

// A sign of 16 by 16 beside words that say the same: a flask for invented data, a lock for real.
export function sign(lane) {
  const drawn = document.createElementNS(SVG, 'svg');
  drawn.setAttribute('viewBox', '0 0 16 16');
  drawn.setAttribute('class', 'wb-sign');
  drawn.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[lane] ?? PATHS.workbench);
  drawn.append(path);
  return drawn;
}

const LOCK = 'M4.5 7V5a3.5 3.5 0 0 1 7 0v2M3 7h10v7H3zM8 10v1.5';
const PATHS = {
  workbench: 'M6 2h4M6.8 2v4L3 13.2c-.3.6 0 1.3.8 1.3h8.4c.8 0 1.1-.7.8-1.3L9.2 6V2M5 10.5h6',
  sealed: LOCK,
  interactive: LOCK,
};
