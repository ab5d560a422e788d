import { WebKit } from './webkit.js';
import { webkitPaths } from './programs.js';
import { testIn } from './setting.js';

testIn(WebKit, { isInstalled: Boolean(webkitPaths()) });
