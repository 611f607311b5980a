// The launcher: one card a lane that the permit opens, in plain words; nothing else to start.

import { el, sign } from './dom.js';
import { facts } from './words.js';

const COMMAND = 'launcher:create'; // the name by which JupyterLab asks for a launcher

export async function launcherPlugin(shared) {
  const [{ ILauncher }, { MainAreaWidget }, { PageConfig }, { Widget }, { ILabShell }] =
    await Promise.all([
      shared('@jupyterlab/launcher'),
      shared('@jupyterlab/apputils'),
      shared('@jupyterlab/coreutils'),
      shared('@lumino/widgets'),
      shared('@jupyterlab/application'),
    ]);
  return {
    id: 'workbench:launcher',
    description: 'Provides the launcher.',
    autoStart: true,
    requires: [ILabShell],
    provides: ILauncher,
    activate: (app, shell) => {
      const told = facts(PageConfig);
      let number = 0;
      app.commands.addCommand(COMMAND, {
        label: told.words.newLauncher,
        execute: (given = {}) => {
          const content = new Widget({ node: page(told, start) });
          const tab = new MainAreaWidget({ content });
          tab.id = `launcher-${number++}`;
          tab.title.label = told.words.launcher;
          tab.title.closable = true;
          async function start(kernelName) {
            await app.commands.execute('notebook:create-new', { cwd: given.cwd ?? '', kernelName });
            tab.dispose();
          }
          shell.add(tab, 'main', { activate: given.activate, ref: given.ref });
          shell.layoutModified.connect(() => {
            tab.title.closable = [...shell.widgets('main')].length > 1;
          }, tab);
          return tab;
        },
      });
      const whenEmpty = () => shell.isEmpty('main') && void app.commands.execute(COMMAND);
      void app.restored.then(() => {
        shell.layoutModified.connect(whenEmpty);
        whenEmpty();
        if (shell.isEmpty('right')) {
          shell.collapseRight();
        }
      });
      shell.addButtonEnabled = true;
      shell.addRequested.connect((_, bar) => {
        const ref = bar.currentTitle?.owner.id ?? bar.titles.at(-1)?.owner.id;
        return app.commands.execute(COMMAND, { ref });
      });
      // What other plugins would like to see in a launcher is left out.
      return { add: () => ({ isDisposed: true, dispose: () => undefined }) };
    },
  };
}

function page(told, start) {
  const { words, lanes } = told;
  const permit = told.until && el('p', {}, `${words.until} ${told.day(told.until)}`);
  return el(
    'div',
    { class: 'wb-Launcher', lang: told.language, tabindex: -1 },
    el(
      'section',
      { class: 'wb-Launcher-page', 'aria-label': words.section },
      el('header', {},
        el('p', { class: 'wb-overline' }, `${words.project} ${told.project}`),
        el('h1', {}, words.section),
        el('p', { class: 'wb-lead' }, words.choose)),
      el('div', { class: 'wb-cards' }, ...lanes.map(lane => card(lane, words, start))),
      lanes.includes('sealed') ? null : el('p', { class: 'wb-closed' }, words.closed),
      el('footer', {},
        permit,
        el('a', { href: told.portal, target: '_blank', rel: 'noopener' }, words.portal))
    )
  );
}

function card(lane, words, start) {
  const said = words.cards[lane];
  const part = (title, text) => el('span', { class: 'wb-part' }, el('b', {}, title), el('span', {}, text));
  return el(
    'button',
    {
      type: 'button',
      class: `wb-card wb-lane-${lane}`,
      'data-lane': lane,
      onclick: event => {
        event.currentTarget.disabled = true; // one notebook a press
        void start(lane);
      },
    },
    el('span', { class: 'wb-mark' }, sign(lane), said.mark),
    el('span', { class: 'wb-title' }, said.title),
    part(words.sees, said.sees),
    part(words.shows, said.shows),
    part(words.useFor, said.useFor)
  );
}
