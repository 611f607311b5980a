// Sealed runs of this window: sends a script to a kernel of the sealed lane, follows what the gate
// daemon says of it. The kernel is kept for the next run; several runs wait in its queue. The list
// outlives a reload of the page, but the line to a run does not.

import { place } from './script.js';

// "queued", "queued: 2 before it", "running", "ended: ok (within 3 s, up to 1 GiB of memory)".
const SAID = /^(queued|running|ended)(?:: (?:ok|Error))?(?:(?:: | \()([^)]*)\)?)?$/;

// What a line of the gate daemon says: { state, note }, either of them missing.
export function said(line) {
  const [, state, note] = SAID.exec(line) ?? [null, null, line];
  return { state, note };
}

const UNDER_WAY = ['asked', 'queued', 'running'];
const KEPT = 20; // runs of the list that a reload does not forget

// The runs that an earlier page of this window noted; those then under way are out of reach.
export function recalled(text) {
  try {
    const list = JSON.parse(text ?? '[]').map(run => ({
      ...run,
      started: new Date(run.started),
      state: UNDER_WAY.includes(run.state) ? 'lost' : run.state,
    }));
    return list.every(run => run.name && run.path && run.notes && run.ids) ? list : [];
  } catch {
    return [];
  }
}

export class Runs {
  // kernels: JupyterLab's kernel manager; sessions: its session manager. memory: a Storage and the
  // key there. changed: called whenever something is to be drawn anew.
  constructor(kernels, sessions, memory, changed) {
    this.list = recalled(memory.storage.getItem(memory.key));
    this._memory = memory;
    this._kernels = kernels;
    this._sessions = sessions;
    this._draw = changed;
    this._kernel = null;
  }

  // Start a run: { path, name, sources, ids of cells } of a notebook and its script. Resolves at its end.
  async start(notebook, script) {
    const run = { ...notebook, started: new Date(), state: 'asked', notes: [], place: null };
    this.list.unshift(run);
    this._changed(run);
    try {
      const kernel = await this._sealed();
      const future = kernel.requestExecute({ code: script, allow_stdin: false, stop_on_error: true });
      future.onIOPub = message => this._told(run, message.header.msg_type, message.content);
      const cut = (_, line) => {
        if (line !== 'connected' && UNDER_WAY.includes(run.state)) {
          run.state = 'lost'; // until it is heard again: its end may pass unheard
          this._changed(run);
        }
      };
      kernel.connectionStatusChanged.connect(cut);
      const reply = await future.done.finally(() => kernel.connectionStatusChanged.disconnect(cut));
      run.state = reply.content.status === 'ok' ? 'ok' : 'error';
    } catch (error) {
      // a refusal of the daemon comes as the server's answer, with its sentence
      run.state = run.state === 'asked' ? 'error' : 'lost';
      run.refusal = run.state === 'error' ? String(error?.message ?? '') : '';
    }
    this._changed(run);
    return run;
  }

  _changed(run) {
    // the code itself stays in the notebook
    const kept = this.list.slice(0, KEPT).map(({ sources, ...rest }) => rest);
    try {
      this._memory.storage.setItem(this._memory.key, JSON.stringify(kept));
    } catch {
      // a full or forbidden storage: a reload forgets
    }
    this._draw(run);
  }

  _told(run, kind, content) {
    if (kind === 'stream') {
      for (const line of String(content.text).split('\n').filter(Boolean)) {
        const { state, note } = said(line);
        if (state === 'queued' || state === 'running') {
          run.state = state;
        }
        if (note) {
          run.notes.push(note);
        }
      }
    } else if (kind === 'error') {
      run.place = place(String(content.evalue), run.sources);
    }
    this._changed(run);
  }

  // The sealed kernel of this window, else one that an earlier window left, else a new one.
  async _sealed() {
    if (this._kernel && !this._kernel.isDisposed && this._kernel.status !== 'dead') {
      return this._kernel;
    }
    await Promise.all([this._kernels.refreshRunning(), this._sessions.refreshRunning()]);
    const taken = new Set([...this._sessions.running()].map(one => one.kernel?.id));
    const left = [...this._kernels.running()].find(one => one.name === 'sealed' && !taken.has(one.id));
    this._kernel = left
      ? this._kernels.connectTo({ model: left })
      : await this._kernels.startNew({ name: 'sealed' });
    return this._kernel;
  }
}
