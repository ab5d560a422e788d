import { WebKit } from './webkit.js';
import { testIn } from './setting.js';

testIn(WebKit);
