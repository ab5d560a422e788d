import { Firefox } from './firefox.js';
import { firefoxPath } from './programs.js';
import { testIn } from './setting.js';

testIn(Firefox, { isInstalled: Boolean(firefoxPath()) });
