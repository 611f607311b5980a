// Every plugin of the extension, in the order in which a reader meets them.

import { bannerPlugin } from './banner.js';
import { launcherPlugin } from './launcher.js';
import { sealedPlugin } from './sealed.js';
import { sanitisedPlugin } from './sanitised.js';
import { settingsPlugin } from './settings.js';
import { twinPlugin } from './twin.js';

const MAKERS = [
  settingsPlugin,
  sanitisedPlugin,
  launcherPlugin,
  bannerPlugin,
  sealedPlugin,
  twinPlugin,
];

// shared: gives JupyterLab's own copy of a package.
export function plugins(shared) {
  return Promise.all(MAKERS.map(make => make(shared)));
}
