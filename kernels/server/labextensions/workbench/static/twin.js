// The data browser at the left: what the permit opens, described by a Workbench kernel, which has
// the schema and the synthetic twin. There are no data in this server, and none come here.

import { el } from './dom.js';
import { TwinPanel } from './twin-panel.js';
import { facts } from './words.js';

const COMMAND = 'workbench:show-data';
const CODE = 'import workbench.sdk.browse\nworkbench.sdk.browse.show()';
const PATIENCE = 60_000; // milliseconds until an answer

export async function twinPlugin(shared) {
  const [{ INotebookTracker }, { ICommandPalette }, { PageConfig }, { Widget }, { LabIcon }] =
    await Promise.all([
      shared('@jupyterlab/notebook'),
      shared('@jupyterlab/apputils'),
      shared('@jupyterlab/coreutils'),
      shared('@lumino/widgets'),
      shared('@jupyterlab/ui-components'),
    ]);
  return {
    id: 'workbench:data-browser',
    autoStart: true,
    requires: [INotebookTracker, ICommandPalette],
    activate: (app, notebooks, palette) => {
      const told = facts(PageConfig);
      const words = told.words.twin;
      const panel = new TwinPanel(told, {
        ask: () => described(app.serviceManager.kernels),
        insert: text => insert(notebooks.currentWidget, text),
      });
      const side = new Widget({ node: panel.node });
      side.id = 'workbench-data';
      side.title.icon = icon(LabIcon);
      side.title.caption = words.panel;
      app.shell.add(side, 'left', { rank: 150 });
      app.commands.addCommand(COMMAND, {
        label: words.panel,
        execute: () => {
          app.shell.activateById(side.id);
          panel.node.focus();
        },
      });
      palette.addItem({ command: COMMAND, category: told.words.section });
    },
  };
}

// Ask a Workbench kernel of our own, which ends as soon as it has answered: nobody's notebook is
// touched, and no memory is kept. Resolves to what `workbench.sdk.browse.described` returns.
async function described(kernels) {
  const kernel = await kernels.startNew({ name: 'workbench' });
  try {
    const asked = { code: CODE, silent: true, store_history: false, allow_stdin: false };
    const future = kernel.requestExecute(asked);
    let found = null;
    future.onIOPub = message => {
      found = message.content.data?.['application/json'] ?? found;
    };
    const late = new Promise((_, reject) => setTimeout(() => reject(new Error('late')), PATIENCE));
    await Promise.race([future.done, late]);
    if (!Array.isArray(found?.datasets)) {
      throw new Error('no description');
    }
    return found;
  } finally {
    await kernel.shutdown().catch(() => undefined);
    kernel.dispose();
  }
}

// Put text at the cursor of the notebook's active cell; false when no notebook is open.
function insert(notebook, text) {
  const editor = notebook?.content.activeCell?.editor;
  if (!editor) {
    return false;
  }
  notebook.content.mode = 'edit';
  editor.replaceSelection(text);
  editor.focus();
  return true;
}

const icon = LabIcon =>
  new LabIcon({
    name: 'workbench:data',
    svgstr:
      '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16" fill="none" ' +
      'class="wb-icon" stroke-width="1.4"><path d="M2.5 3h11v10h-11zM2.5 6.3h11M2.5 9.6h11M6.5 3v10"/></svg>',
  });
