// Sign-in for programs: POST /api/login and GET /api/user.
import { expect, test } from '../support/test.js';
import { newUser } from '../support/people.js';
import { cookieOf, postForm, postJson, request } from '../support/wire.js';

test('sign-in returns success and a cookie for pages', async ({ newAccount, baseURL }) => {
  const person = await newAccount();
  const answer = await postJson(baseURL, '/api/login', { email: person.email, password: person.password });
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  expect(answer.headers['cache-control']).toContain('no-store');
  expect(JSON.parse(answer.body)).toEqual({ success: true });

  const page = await request(baseURL, '/account', { headers: { cookie: `session=${answer.setCookies[0].value}` } });
  expect(page.status).toBe(200);
  expect(page.body).toContain(person.email);
});

test('user is returned only with the cookie', async ({ newAccount, baseURL }) => {
  const person = await newAccount();
  const answer = await request(baseURL, '/api/user', { headers: { cookie: await cookieOf(baseURL, person) } });
  expect(answer.status).toBe(200);
  expect(answer.headers['cache-control']).toContain('no-store');
  const { success, user } = JSON.parse(answer.body);
  expect(success).toBe(true);
  expect(user).toMatchObject({ name: person.name, email: person.email });

  const nobody = await request(baseURL, '/api/user');
  expect(nobody.status).toBe(401);
  expect(JSON.parse(nobody.body)).toMatchObject({ success: false, error: expect.any(String) });
});

test('wrong password and unknown address get identical 401 responses', async ({ newAccount, baseURL }) => {
  const person = await newAccount();
  const wrong = await postJson(baseURL, '/api/login', { email: person.email, password: 'not the password' });
  const unknown = await postJson(baseURL, '/api/login', { email: newUser().email, password: 'not the password' });
  for (const answer of [wrong, unknown]) {
    expect(answer.status).toBe(401);
    expect(answer.setCookies).toEqual([]);
  }
  expect(JSON.parse(wrong.body)).toEqual({ success: false, error: 'Incorrect email or password.' });
  expect(unknown.body).toBe(wrong.body);
});

for (const [what, body] of [
  ['no JSON', 'email=a'],
  ['an empty body', ''],
  ['a missing password', '{"email":"ada@example.org"}'],
  ['a missing address', '{"password":"long enough"}'],
  ['a password that is no text', '{"email":"ada@example.org","password":12345678}'],
  ['a malformed address', '{"email":"ada at example","password":"long enough"}'],
  ['a list', '[]'],
]) {
  test(`${what} gets 400 with a message`, async ({ baseURL }) => {
    const answer = await postJson(baseURL, '/api/login', body);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({ success: false, error: expect.stringMatching(/\w/) });
    expect(answer.setCookies).toEqual([]);
  });
}

test('other content types are refused with a message', async ({ newAccount, baseURL }) => {
  const person = await newAccount();
  for (const answer of [
    await postForm(baseURL, '/api/login', { email: person.email, password: person.password }),
    await postJson(baseURL, '/api/login', person, { 'content-type': 'text/plain' }),
  ]) {
    expect([400, 415]).toContain(answer.status);
    expect(answer.setCookies).toEqual([]);
    expect(JSON.parse(answer.body)).toMatchObject({ success: false });
  }
});

test('sign-in by GET is refused', async ({ baseURL }) => {
  expect((await request(baseURL, '/api/login?email=a%40example.org&password=longenough')).status).toBe(405);
});
