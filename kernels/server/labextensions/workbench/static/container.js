// The container that JupyterLab loads: it answers the two calls of module federation by hand.
// No build step makes it. What our modules need of JupyterLab they get through shared().
(() => {
  const here = document.currentScript.src;
  let scope = null;

  // JupyterLab's own copy of a package, so that tokens are the identical objects.
  async function shared(name) {
    const versions = Object.values(scope[name] ?? {});
    if (versions.length === 0) {
      throw new Error(`JupyterLab shares no package ${name}`);
    }
    const factory = await versions[0].get();
    return factory();
  }

  async function extension() {
    const { plugins } = await import(new URL('./plugins.js', here).href);
    const found = await plugins(shared);
    return () => ({ __esModule: true, default: found });
  }

  function style() {
    const sheet = document.createElement('link');
    sheet.rel = 'stylesheet';
    sheet.href = new URL('./workbench.css', here).href;
    document.head.append(sheet);
    return () => ({});
  }

  window._JUPYTERLAB = window._JUPYTERLAB ?? {};
  window._JUPYTERLAB['workbench'] = {
    init(given) {
      scope = scope ?? given;
    },
    async get(name) {
      return name === './style' ? style() : extension();
    },
  };
})();
