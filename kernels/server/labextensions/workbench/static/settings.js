// JupyterLab's settings without a compiler. The stock registry turns every schema into JavaScript
// by eval, which our content security policy forbids. Schemas and settings come from our own
// server; here they are merged with their defaults and not judged.

const ID = 'workbench:settings';

export async function settingsPlugin(shared) {
  const [registry, { PageConfig }] = await Promise.all([
    shared('@jupyterlab/settingregistry'),
    shared('@jupyterlab/coreutils'),
  ]);
  const { ISettingRegistry, ISettingConnector, SettingRegistry } = registry;
  return {
    id: ID,
    description: 'Provides the setting registry.',
    autoStart: true,
    requires: [ISettingConnector],
    provides: ISettingRegistry,
    activate: async (app, connector) => {
      const listed = await connector.list('active');
      const settings = new SettingRegistry({
        connector,
        validator: { validateData },
        plugins: listed.values.filter(one => app.hasPlugin(one.id)),
      });
      void app.restored.then(async () => {
        const { ids } = await connector.list('ids');
        const missing = ids.filter(
          id => app.hasPlugin(id) && !PageConfig.Extension.isDisabled(id) && !(id in settings.plugins)
        );
        await Promise.allSettled(missing.map(id => settings.load(id)));
      });
      return settings;
    },
  };
}

// The registry's validator: fills in `plugin.data` and returns null, for "no errors".
function validateData(plugin, populate = true) {
  let user;
  try {
    user = parsed(plugin.raw);
  } catch {
    return [{ instancePath: '', keyword: 'syntax', schemaPath: '', message: 'No valid JSON.' }];
  }
  if (populate) {
    plugin.data = { composite: withDefaults(plugin.schema, structuredClone(user)), user };
  }
  return null;
}

// Settings are JSON with comments; what JupyterLab writes itself is plain JSON.
function parsed(raw) {
  const bare = (raw ?? '').replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_, text) => text ?? '');
  return bare.trim() === '' ? {} : JSON.parse(bare.replace(/,(\s*[}\]])/g, '$1'));
}

// A value with its schema's defaults where it says nothing, as JSON Schema's `default` means it.
function withDefaults(schema, value, root = schema) {
  const rule = resolved(schema, root);
  if (value === undefined) {
    value = structuredClone(rule.default);
  }
  if (isObject(value)) {
    for (const [name, part] of Object.entries(rule.properties ?? {})) {
      const filled = withDefaults(part, value[name], root);
      if (filled !== undefined) {
        value[name] = filled;
      }
    }
  } else if (Array.isArray(value) && isObject(rule.items)) {
    value.forEach((item, at) => {
      value[at] = withDefaults(rule.items, item, root);
    });
  }
  return value;
}

// `$ref` and `allOf`, the two ways in which JupyterLab's schemas refer to others.
function resolved(schema, root) {
  const found = schema.$ref?.startsWith('#/')
    ? schema.$ref.slice(2).split('/').reduce((at, name) => at?.[name], root) ?? {}
    : schema;
  const parts = (found.allOf ?? []).map(part => resolved(part, root));
  return parts.reduce(
    (all, part) => ({ ...part, ...all, properties: { ...part.properties, ...all.properties } }),
    found
  );
}

const isObject = value => typeof value === 'object' && value !== null && !Array.isArray(value);
