// All methods of Appwrite's SDKs, each with its request.

import * as server from 'node-appwrite';
import { newest } from '../sdk/browser.mjs';

const ORIGIN = 'http://sdk.invalid';

/** Arguments for all parameters: each is the parameter's name, marked so that it cannot be other text. */
const NAMED = new Proxy({}, { has: () => true, get: (_, name) => (typeof name === 'string' ? `~${name}` : undefined) });

/** A client that stores the request instead of sending it. */
function keeping(sdk) {
  const client = new sdk.Client().setEndpoint(`${ORIGIN}/v1`).setProject('demo');
  client.setKey?.('key');
  const keep = (method, url, _headers, payload) => {
    client.kept = { method: method.toUpperCase(), path: new URL(url).pathname.slice('/v1'.length), payload };
    return {};
  };
  client.call = async (...request) => keep(...request);
  client.chunkedUpload = async (...request) => keep(...request);
  client.redirect = async (...request) => keep(...request);
  return client;
}

const NO_SERVICE = /^(Client|AppwriteException|ID|Query|Role|Permission|Operator|Channel|Realtime)$/;

/** `[{service, name, method, path, payload}]`; in the path, a parameter is `~name`. */
async function methodsOf(sdk) {
  const methods = [];
  for (const service of Object.keys(sdk).filter((name) => typeof sdk[name] === 'function' && !NO_SERVICE.test(name))) {
    for (const name of Object.getOwnPropertyNames(sdk[service].prototype)) {
      if (name === 'constructor') continue;
      const client = keeping(sdk);
      try {
        const address = await new sdk[service](client)[name](NAMED);
        if (!client.kept && typeof address === 'string') client.kept = { method: 'GET', path: new URL(address).pathname.slice('/v1'.length) };
      } catch (error) {
        throw new Error(`${service}.${name}: ${error.message}`);
      }
      if (client.kept) methods.push({ service, name, ...client.kept });
    }
  }
  return methods;
}

/** The methods of `node-appwrite`. */
export const sdkMethods = () => methodsOf(server);

/** The methods of `appwrite`, the SDK for browsers, without those that redirect to a provider. */
export const webMethods = () => methodsOf(newest);
