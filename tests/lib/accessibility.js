// What a program can see of WCAG 2.2 AA; see accessibility.py.
() => {
  const faults = [];
  const say = (rule, node) => faults.push(`${rule}: ${(node.outerHTML || '').slice(0, 120)}`);
  const seen = node => {
    const style = getComputedStyle(node), box = node.getBoundingClientRect();
    return style.visibility !== 'hidden' && style.display !== 'none' && box.width > 1 && box.height > 1;
  };
  const name = node => {
    const by = node.getAttribute('aria-labelledby');
    const text = by ? by.split(' ').map(id => document.getElementById(id)?.textContent || '').join(' ')
      : node.getAttribute('aria-label') || node.textContent || '';
    return (text + [...node.querySelectorAll('img')].map(i => i.alt).join('')).trim();
  };

  if (!document.documentElement.lang) faults.push('3.1.1 no language');
  if (!document.title.trim()) faults.push('2.4.2 no title');
  for (const [selector, count] of [['main', 1], ['h1', 1], ['header', null], ['footer', 1]]) {
    const found = document.querySelectorAll(selector === 'header' ? 'body > header' : selector).length;
    if (found !== (count ?? 1)) faults.push(`1.3.1 ${found} ${selector}`);
  }
  let level = 0;
  for (const head of document.querySelectorAll('h1,h2,h3,h4')) {
    const now = +head.tagName[1];
    if (now > level + 1) say(`1.3.1 heading skips from ${level}`, head);
    level = now;
  }
  const ids = [...document.querySelectorAll('[id]')].map(n => n.id);
  for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) faults.push(`duplicate id ${id}`);
  for (const attribute of ['aria-labelledby', 'aria-describedby', 'for'])
    for (const node of document.querySelectorAll(`[${attribute}]`))
      for (const id of node.getAttribute(attribute).split(' '))
        if (!document.getElementById(id)) say(`1.3.1 ${attribute} points nowhere`, node);
  for (const node of document.querySelectorAll('a[href],button,[role=region],section,nav,[role=meter]'))
    if (!name(node)) say('4.1.2 no name', node);
  for (const node of document.querySelectorAll('input:not([type=hidden]),textarea,select'))
    if (!node.labels.length) say('3.3.2 no label', node);
  for (const node of document.querySelectorAll('img')) if (!node.hasAttribute('alt')) say('1.1.1 no alt', node);
  for (const node of document.querySelectorAll('th')) if (!node.scope && node.closest('.preview') === null) say('1.3.1 no scope', node);
  for (const node of document.querySelectorAll('[tabindex]')) if (node.tabIndex > 0) say('2.4.3 tabindex', node);
  for (const node of document.querySelectorAll('button,.button,nav a,.side a')) {
    const box = node.getBoundingClientRect();
    if (seen(node) && node.checkVisibility() && !node.closest('.crumbs') && (box.width < 24 || box.height < 24)) say('2.5.8 small target', node);
  }
  for (const node of document.querySelectorAll('*')) {
    const style = getComputedStyle(node);
    const scrolls = /(auto|scroll)/.test(style.overflowX + style.overflowY);
    if (scrolls && node !== document.documentElement && node.tagName !== 'TEXTAREA' && node.scrollWidth > node.clientWidth + 1
        && node.tabIndex < 0 && !node.querySelector('a,button')) say('2.1.1 scrolls only by mouse', node);
  }
  if (document.documentElement.scrollWidth > innerWidth) faults.push(`1.4.10 ${document.documentElement.scrollWidth} wide in ${innerWidth}`);

  const parse = text => { const n = text.match(/[\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
  const channel = c => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ground = node => {
    for (let at = node; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour[3] > 0.99) return colour;
    }
    return [255, 255, 255, 1];
  };
  for (const node of document.querySelectorAll('body *')) {
    const own = [...node.childNodes].some(c => c.nodeType === 3 && c.textContent.trim());
    if (!own || !seen(node) || node.classList.contains('hidden') || node.closest('svg')) continue;
    const style = getComputedStyle(node), size = parseFloat(style.fontSize), bold = +style.fontWeight >= 700;
    const [a, b] = [light(parse(style.color)), light(ground(node))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (size >= 24 || (bold && size >= 18.66) ? 3 : 4.5)) say(`1.4.3 contrast ${ratio.toFixed(2)}`, node);
  }
  return faults;
}
