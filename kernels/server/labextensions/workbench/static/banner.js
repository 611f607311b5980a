// A line in every notebook that says which lane one is in: by words, by a sign, and by colour.

import { el, sign } from './dom.js';
import { facts } from './words.js';

export async function bannerPlugin(shared) {
  const [{ INotebookTracker }, { PageConfig }, { Widget }] = await Promise.all([
    shared('@jupyterlab/notebook'),
    shared('@jupyterlab/coreutils'),
    shared('@lumino/widgets'),
  ]);
  return {
    id: 'workbench:banner',
    autoStart: true,
    requires: [INotebookTracker],
    activate: (_app, notebooks) => {
      const told = facts(PageConfig);
      const add = (_, panel) => {
        const line = new Widget({ node: el('div', { role: 'note' }) });
        const session = panel.sessionContext;
        const draw = () => fill(line.node, lane(session), told);
        panel.contentHeader.insertWidget(0, line);
        session.kernelChanged.connect(draw, line);
        session.statusChanged.connect(draw, line);
        draw();
      };
      notebooks.forEach(panel => add(notebooks, panel));
      notebooks.widgetAdded.connect(add);
    },
  };
}

// The name of the notebook's kernel, which is its lane; "none" without one.
export function lane(session) {
  const starting = session.isReady ? undefined : session.kernelPreference.name;
  return session.session?.kernel?.name ?? starting ?? 'none';
}

function fill(node, name, told) {
  const known = name in told.words.banners ? name : 'none';
  if (node.dataset.lane === known) {
    return;
  }
  const [title, text] = told.words.banners[known];
  node.dataset.lane = known;
  node.className = `wb-banner wb-lane-${known}`;
  node.lang = told.language;
  node.setAttribute('aria-label', told.words.lane);
  node.title = `${title}: ${text}`; // where the window is too narrow for it
  node.replaceChildren(
    sign(known),
    el('strong', {}, title),
    el('span', { class: 'wb-banner-text' }, text),
    el('span', { class: 'wb-banner-end' },
      el('span', { class: 'wb-banner-project' }, told.project),
      told.until && el('span', { class: 'wb-banner-until' }, `${told.words.until} ${told.day(told.until)}`))
  );
}
