// The list of this window's sealed runs: their state in words, what the daemon noted, the way to
// the line of an error, and to the outputs.

import { el, sign } from './dom.js';

const BEFORE = /^(\d+) before it$/;
const USED = /^within (\S+) s, up to (\S+) GiB of memory$/;

// A note of the gate daemon, in the words of the page where it is one of the usual two.
export function noted(note, words) {
  const [, before] = BEFORE.exec(note) ?? [];
  const [, seconds, memory] = USED.exec(note) ?? [];
  return before ? words.before(before) : seconds ? words.used(seconds, memory) : note;
}

export class RunsPanel {
  // go: shows the place of a run's error, resolves to false when it is not there any more.
  constructor(told, go) {
    this._told = told;
    this._words = told.words.sealed;
    this._go = go;
    this._list = el('ol', { class: 'wb-runs' });
    this._said = el('p', { class: 'wb-visually-hidden', role: 'status' });
    this._none = el('p', { class: 'wb-note' }, this._words.none);
    this.node = el(
      'section',
      { class: 'wb-panel', lang: told.language, 'aria-label': this._words.panel, tabindex: -1 },
      el('h2', {}, this._words.panel),
      this._said,
      this._none,
      this._list,
      el('p', {}, el('a', { href: told.portal, target: '_blank', rel: 'noopener' }, this._words.outputs))
    );
  }

  // Draw all runs anew; say aloud what has become of one, if one has changed.
  draw(runs, changed) {
    this._none.hidden = runs.length > 0;
    this._list.replaceChildren(...runs.map(run => this._run(run)));
    if (!changed) {
      return;
    }
    const said = `${changed.name}: ${this._words.states[changed.state]}`;
    if (this._said.textContent !== said) {
      this._said.textContent = said;
    }
  }

  _run(run) {
    const words = this._words;
    const failed = run.refusal === undefined || run.refusal === '' ? null : run.refusal;
    const place = run.place && words.place(run.place.cell, run.place.line);
    const note = el('p', { class: 'wb-note', role: 'status' });
    const jump =
      place &&
      el('button', {
        type: 'button',
        class: 'wb-jump',
        onclick: async () => {
          note.textContent = (await this._go(run)) ? '' : words.gone;
        },
      }, place);
    return el(
      'li',
      { class: 'wb-run', 'data-state': run.state },
      el('span', { class: 'wb-run-head' }, el('strong', {}, run.name), el('span', { class: 'wb-time' }, `${words.started} ${this._told.time(run.started)}`)),
      el('span', { class: 'wb-state' }, sign('sealed'), words.states[run.state]),
      ...run.notes.map(one => el('p', { class: 'wb-note' }, noted(one, words))),
      failed && el('p', { class: 'wb-note' }, words.refused, ' ', failed),
      run.state === 'lost' ? el('p', { class: 'wb-note' }, words.lost) : null,
      jump,
      place && note
    );
  }
}
