// Every method of `node-appwrite` with the request that it makes.

import * as sdk from 'node-appwrite';

const ORIGIN = 'http://sdk.invalid';

/** Parameters that are all there, each with its own name as its value, marked so that it is told from other words. */
const NAMED = new Proxy({}, { has: () => true, get: (_, name) => (typeof name === 'string' ? `~${name}` : undefined) });

/** A client that keeps the request instead of sending it. */
function keeping() {
  const client = new sdk.Client().setEndpoint(`${ORIGIN}/v1`).setProject('demo').setKey('key');
  const keep = (method, url, _headers, payload) => {
    client.kept = { method: method.toUpperCase(), path: new URL(url).pathname.slice('/v1'.length), payload };
    return {};
  };
  client.call = async (...request) => keep(...request);
  client.chunkedUpload = async (...request) => keep(...request);
  client.redirect = async (...request) => keep(...request);
  return client;
}

const isService = (name) => typeof sdk[name] === 'function' && !/Client|AppwriteException|ID|Query|Role|Permission|Operator/.test(name);

/** `[{service, name, method, path, payload}]`: a parameter stands in the path as `~name`. */
export async function sdkMethods() {
  const methods = [];
  for (const service of Object.keys(sdk).filter(isService)) {
    for (const name of Object.getOwnPropertyNames(sdk[service].prototype)) {
      if (name === 'constructor') continue;
      const client = keeping();
      try {
        await new sdk[service](client)[name](NAMED);
      } catch (error) {
        throw new Error(`${service}.${name}: ${error.message}`);
      }
      if (client.kept) methods.push({ service, name, ...client.kept });
    }
  }
  return methods;
}
