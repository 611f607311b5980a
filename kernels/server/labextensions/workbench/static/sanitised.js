// HTML, Markdown and SVG are always shown as if the notebook were not trusted: sanitised. A
// notebook says itself whether it is trusted, and so may a file that somebody sent.

export async function sanitisedPlugin(shared) {
  const rendermime = await shared('@jupyterlab/rendermime');
  const { IRenderMimeRegistry, RenderedHTML, RenderedMarkdown } = rendermime;
  return {
    id: 'workbench:sanitised',
    autoStart: true,
    requires: [IRenderMimeRegistry],
    activate: (_app, registry) => {
      const plain = (Stock, mimeTypes, defaultRank) => {
        class Sanitised extends Stock {
          renderModel(model) {
            return super.renderModel(distrusted(model));
          }
        }
        const createRenderer = options => new Sanitised(options);
        registry.addFactory({ safe: true, mimeTypes, defaultRank, createRenderer });
      };
      plain(RenderedHTML, ['text/html'], 50);
      plain(RenderedMarkdown, ['text/markdown'], 60);
      registry.removeMimeType('application/javascript');
      registry.removeMimeType('text/javascript');
    },
  };
}

// The model with `trusted` false whatever it says.
function distrusted(model) {
  return new Proxy(model, {
    get: (target, name) => {
      const value = name === 'trusted' ? false : Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
