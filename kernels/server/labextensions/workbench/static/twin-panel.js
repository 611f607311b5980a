// How the data browser looks: datasets, their variables with label, type, unit and codes, and a few
// invented rows. Everything that came from a kernel is set as text.

import { el, sign } from './dom.js';

export class TwinPanel {
  // ask: resolves to the description; insert: puts text into the notebook, false if there is none.
  constructor(told, { ask, insert }) {
    this._told = told;
    this._words = told.words.twin;
    this._ask = ask;
    this._insert = insert;
    this._body = el('div', {});
    this._said = el('p', { class: 'wb-note', role: 'status' });
    this.node = el(
      'section',
      { class: 'wb-panel', lang: told.language, 'aria-label': this._words.panel, tabindex: -1 },
      el('h2', {}, this._words.panel),
      el('p', { class: 'wb-note' }, this._words.intro),
      this._body,
      this._said
    );
    this._offer(this._words.show);
  }

  _offer(label) {
    const load = async () => {
      this._body.replaceChildren();
      this._said.textContent = this._words.loading;
      try {
        this._show(await this._ask());
      } catch (error) {
        this._offer(this._words.again);
        const why = error?.response ? ` ${error.message}` : ''; // a refusal has a sentence
        this._said.textContent = `${this._words.failed}${why}`;
      }
    };
    this._body.replaceChildren(el('button', { type: 'button', class: 'wb-button', onclick: load }, label));
  }

  _show({ datasets }) {
    const words = this._words;
    const sets = datasets.map(one => this._dataset(one));
    const all = sets.flatMap(one => one.variables);
    const search = el('input', {
      type: 'search',
      class: 'wb-search',
      oninput: () => {
        const wanted = search.value.trim().toLowerCase();
        for (const set of sets) {
          const hits = set.variables.filter(one => (one.node.hidden = !one.text.includes(wanted)) === false);
          set.node.hidden = hits.length === 0;
          set.node.open = wanted !== '' || set === sets[0];
        }
        const left = all.filter(one => !one.node.hidden).length;
        this._said.textContent = wanted === '' ? '' : words.found(left, all.length);
      },
    });
    if (sets.length > 0) {
      sets[0].node.open = true;
    }
    this._said.textContent = '';
    this._body.replaceChildren(el('label', {}, words.search, search), this._said, ...sets.map(one => one.node));
    search.focus();
  }

  _dataset(set) {
    const words = this._words;
    const variables = set.variables.map(one => this._variable(set, one));
    const node = el(
      'details',
      { class: 'wb-dataset' },
      el('summary', {},
        el('strong', {}, String(set.name)),
        el('span', { class: 'wb-note' }, `${this._label(set.label)} · ${words.kinds[set.kind] ?? ''}`)),
      el('p', { class: 'wb-variable' },
        el('span', { class: 'wb-type' }, words.frame),
        this._button(`p[${JSON.stringify(String(set.name))}]`)),
      el('ul', { class: 'wb-variables' }, ...variables.map(one => one.node)),
      this._rows(set)
    );
    return { node, variables };
  }

  _variable(set, one) {
    const words = this._words;
    const type = [words.types[one.type] ?? String(one.type), one.unit].filter(Boolean).join(', ');
    const codes = one.codes.map(([code, label]) => [String(code), this._label(label)]);
    const expression = `p[${JSON.stringify(String(set.name))}].${one.name}`;
    const node = el(
      'li',
      {},
      el('span', { class: 'wb-variable' },
        el('code', {}, String(one.name)),
        el('span', { class: 'wb-type' }, type),
        this._button(expression)),
      el('span', { class: 'wb-note' }, this._label(one.label)),
      codes.length === 0
        ? null
        : el('details', { class: 'wb-codes' },
            el('summary', {}, `${words.codes} (${codes.length + one.more})`),
            el('dl', {}, ...codes.flatMap(([code, label]) => [el('dt', {}, code), el('dd', {}, label)])),
            one.more > 0 ? el('p', { class: 'wb-note' }, words.more(one.more)) : null)
    );
    const text = [set.name, one.name, this._label(one.label), ...codes.flat()].join(' ').toLowerCase();
    return { node, text };
  }

  _rows(set) {
    const words = this._words;
    const head = set.variables.map(one => el('th', { scope: 'col' }, String(one.name)));
    const rows = set.rows.map(row => el('tr', {}, ...row.map(one => el('td', {}, one === null ? '·' : String(one)))));
    return el(
      'div',
      { class: 'wb-rows', tabindex: 0, role: 'region', 'aria-label': `${words.rows}: ${set.name}` },
      el('p', { class: 'wb-invented' }, sign('workbench'), words.invented),
      el('table', {},
        el('thead', {}, el('tr', {}, ...head)),
        el('tbody', {}, ...rows))
    );
  }

  _button(text) {
    const words = this._words;
    return el('button', {
      type: 'button',
      class: 'wb-insert',
      title: words.insert(text),
      'aria-label': words.insert(text),
      onclick: () => {
        this._said.textContent = this._insert(text) ? '' : words.nowhere;
      },
    }, words.insertShort);
  }

  _label(labels) {
    return String(labels?.[this._told.language] ?? labels?.en ?? labels?.nb ?? '');
  }
}
