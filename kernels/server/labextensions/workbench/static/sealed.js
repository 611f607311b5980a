// "Run sealed…": a notebook that was written on invented data runs as a whole on the real rows.

import { lane } from './banner.js';
import { el } from './dom.js';
import { RunsPanel } from './sealed-panel.js';
import { Runs } from './runs.js';
import { joined } from './script.js';
import { facts } from './words.js';

const COMMAND = 'workbench:run-sealed';

export async function sealedPlugin(shared) {
  const [{ INotebookTracker }, apputils, { PageConfig }, { Widget }, { LabIcon }] = await Promise.all([
    shared('@jupyterlab/notebook'),
    shared('@jupyterlab/apputils'),
    shared('@jupyterlab/coreutils'),
    shared('@lumino/widgets'),
    shared('@jupyterlab/ui-components'),
  ]);
  const { Dialog, ICommandPalette, showDialog } = apputils;
  return {
    id: 'workbench:run-sealed',
    autoStart: true,
    requires: [INotebookTracker, ICommandPalette],
    activate: (app, notebooks, palette) => {
      const told = facts(PageConfig);
      if (!told.lanes.includes('sealed')) {
        return; // no button where the permit opens no sealed runs; the launcher says why
      }
      const words = told.words.sealed;
      const panel = new RunsPanel(told, run => goTo(app, notebooks, run));
      const { kernels, sessions } = app.serviceManager;
      const memory = { storage: window.sessionStorage, key: `workbench-runs ${told.project}` };
      const runs = new Runs(kernels, sessions, memory, run => panel.draw(runs.list, run));
      panel.draw(runs.list);
      const side = new Widget({ node: panel.node });
      side.id = 'workbench-sealed-runs';
      side.title.icon = icon(LabIcon);
      side.title.caption = words.panel;
      app.shell.add(side, 'right', { rank: 100 });

      const current = () => notebooks.currentWidget;
      const ready = () => current() !== null && lane(current().sessionContext) === 'workbench';
      app.commands.addCommand(COMMAND, {
        label: words.command,
        caption: words.caption,
        isEnabled: ready,
        execute: async () => {
          const notebook = current();
          const cells = notebook.content.widgets.filter(cell => cell.model.type === 'code');
          const sources = cells.map(cell => cell.model.sharedModel.getSource());
          const name = notebook.title.label;
          const empty = sources.every(source => source.trim() === '');
          const says = empty ? [words.empty] : words.says(sources.length, name);
          const node = el('div', { lang: told.language, class: 'wb-dialog' }, ...says.map(one => el('p', {}, one)));
          const cancel = Dialog.cancelButton({ label: words.cancel });
          const go = Dialog.okButton({ label: words.go });
          const answer = await showDialog({
            title: words.title,
            body: new Widget({ node }),
            buttons: empty ? [cancel] : [cancel, go],
          });
          if (!answer.button.accept) {
            return;
          }
          // what ran shall be what the file says; a refusal to save is told by JupyterLab itself
          void notebook.context.save().catch(() => undefined);
          app.shell.activateById(side.id);
          const ids = cells.map(cell => cell.model.id);
          void runs.start({ name, path: notebook.context.path, sources, ids }, joined(sources));
        },
      });
      palette.addItem({ command: COMMAND, category: told.words.section });
      const again = () => app.commands.notifyCommandChanged(COMMAND);
      notebooks.currentChanged.connect((_, notebook) => {
        again();
        notebook?.sessionContext.kernelChanged.connect(again, side);
        notebook?.sessionContext.statusChanged.connect(again, side);
      });
    },
  };
}

// Show the cell and line of a run's error in its notebook; false when they are not there any more.
async function goTo(app, notebooks, run) {
  const opened = await app.commands.execute('docmanager:open', { path: run.path });
  const notebook = opened && notebooks.find(one => one.context.path === run.path);
  const at = notebook?.content.widgets.findIndex(cell => cell.model.id === run.ids[run.place.cell - 1]);
  if (at === undefined || at < 0) {
    return false;
  }
  notebook.content.activeCellIndex = at;
  notebook.content.mode = 'edit';
  await notebook.content.scrollToItem(at);
  const { editor } = notebook.content.widgets[at];
  editor?.setCursorPosition({ line: (run.place.line ?? 1) - 1, column: 0 });
  editor?.focus();
  return true;
}

const icon = LabIcon =>
  new LabIcon({
    name: 'workbench:sealed',
    svgstr:
      '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16" fill="none" ' +
      'class="wb-icon" stroke-width="1.4"><path d="M4.5 7V5a3.5 3.5 0 0 1 7 0v2M3 7h10v7H3z"/></svg>',
  });
