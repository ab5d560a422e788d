// Goes through the pages of the built-in OAuth2 provider like a user.

import assert from 'node:assert/strict';
import { exchange } from './http.mjs';

const attribute = (tag, name) => tag.match(new RegExp(`\\b${name}="([^"]*)"`))?.[1].replaceAll('&quot;', '"').replaceAll('&amp;', '&');

/** Returns the buttons and links of a page, by their text. */
function choicesOf(page, address) {
  const forms = [...page.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)].flatMap(([form]) => {
    const fields = [...form.matchAll(/<input\b[^>]*>/g)]
      .filter(([input]) => attribute(input, 'name'))
      .map(([input]) => [attribute(input, 'name'), attribute(input, 'value') ?? '']);
    return [...form.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/g)].map(([, button, text]) => ({
      text: text.trim(),
      method: (attribute(form, 'method') ?? 'get').toUpperCase(),
      url: new URL(attribute(button, 'formaction') ?? attribute(form, 'action') ?? '', address),
      fields: attribute(button, 'name') ? [...fields, [attribute(button, 'name'), attribute(button, 'value') ?? '']] : fields,
    }));
  });
  const links = [...page.matchAll(/<a\b([^>]*)>([\s\S]*?)<\/a>/g)].map(([, tag, text]) => ({
    text: text.trim(), method: 'GET', url: new URL(attribute(tag, 'href') ?? '', address), fields: [],
  }));
  return [...forms, ...links];
}

/** Sends one request like a browser, without following redirects. */
function visit({ method = 'GET', url, fields = [] }) {
  const target = new URL(url);
  const content = new URLSearchParams(fields).toString();
  if (method === 'GET') for (const [name, value] of fields) target.searchParams.append(name, value);
  return exchange(target.origin, {
    method,
    path: target.pathname + target.search,
    headers: { Accept: 'text/html', ...(method === 'GET' ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }) },
    body: method === 'GET' ? null : content,
  });
}

/** Follows every redirect from the provider's page to the application's own URL. */
export async function choose(backend, address, words) {
  let at = new URL(address);
  let answer = await visit({ url: at });
  for (let step = 0; step < 10; step += 1) {
    const { location } = answer.headers;
    if (location) {
      at = new URL(location, at);
      if (at.origin !== backend.origin) return at;
      answer = await visit({ url: at });
    } else {
      assert.equal(answer.status, 200, `${at} answered ${answer.status}`);
      const choice = choicesOf(answer.body, at).find(({ text }) => words.test(text));
      assert.ok(choice, `no ${words} on ${at}`);
      at = choice.url;
      answer = await visit(choice);
    }
  }
  return assert.fail(`no end of redirects from ${address}`);
}
