import { Chromium } from './chromium.js';
import { testIn } from './setting.js';

testIn(Chromium);
