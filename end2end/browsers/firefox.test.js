import { Firefox } from './firefox.js';
import { testIn } from './setting.js';

testIn(Firefox);
