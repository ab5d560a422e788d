// Reads and writes the table of birthdays like another client of Appwrite, without the app.
import { randomUUID } from 'node:crypto';
import { expect } from '@playwright/test';
import { birthdays } from './people.js';

const ROWS = '/tablesdb/main/tables/birthdays/rows';
const SEEN_BY_ALL_SIGNED_IN = ['read("users")'];
/** Concurrent requests of a batch. */
const AT_ONCE = 8;
/** The maximum number of rows of a writer: they fit on a page of the list together with a test's own rows. */
const KEPT = 8;
/** The rows on a page of the list. */
const ON_A_PAGE = 25;

/** Adds a row that all signed-in users may see, and returns its id. */
export async function addRow(backend, name) {
  const body = { rowId: randomUUID(), data: { name, birthday: '1906-12-09T00:00:00.000+00:00' }, permissions: SEEN_BY_ALL_SIGNED_IN };
  await call(backend, 'POST', ROWS, body);
  return body.rowId;
}

/** Adds rows as the page's user. */
export async function addOwnRows(page, backend, count) {
  const session = await sessionOf(page);
  await forEach(Array.from({ length: count }), async () => {
    const body = { rowId: randomUUID(), data: { name: 'Grace Hopper', birthday: '1906-12-09T00:00:00.000+00:00' } };
    const { status } = await backend.call('POST', ROWS, { session, body });
    expect(status).toBe(201);
  });
}

/** The secret of the page's session. */
async function sessionOf(page) {
  const [cookie] = (await page.context().cookies()).filter(({ name }) => name === 'session');
  return decodeURIComponent(cookie.value);
}

export async function renameRow(backend, id, name) {
  await call(backend, 'PATCH', `${ROWS}/${id}`, { data: { name } });
}

/** Hides the row from all users, without the app. */
export async function hideRow(backend, id) {
  await call(backend, 'PATCH', `${ROWS}/${id}`, { permissions: [] });
}

export async function deleteRow(backend, id) {
  await call(backend, 'DELETE', `${ROWS}/${id}`);
}

/** Calls an async function with each value, some at the same time. Returns the results in the order of the values. */
export async function forEach(values, action) {
  const waiting = values.map((value, at) => [value, at]);
  const results = [];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) results[next[1]] = await action(next[0]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

/** Adds, renames and deletes rows until it is stopped, also during an outage of the backend. */
export class Writing {
  /** The changes that the backend has acknowledged. */
  changes = 0;
  #isStopped = false;
  #writers;

  constructor(backend) {
    this.#writers = Array.from({ length: 2 }, () => this.#write(backend));
  }

  async stop() {
    this.#isStopped = true;
    await Promise.all(this.#writers);
  }

  async #write(backend) {
    const steps = [];
    const keep = [];
    while (!this.#isStopped) {
      try {
        if (steps.length === 0) {
          const [kept, doomed] = [await addRow(backend, `Added ${randomUUID()}`), await addRow(backend, `Doomed ${randomUUID()}`)];
          steps.push(() => renameRow(backend, kept, `Renamed ${randomUUID()}`), () => deleteRow(backend, doomed));
          keep.push(kept);
          if (keep.length > KEPT) {
            const oldest = keep.shift();
            steps.push(() => deleteRow(backend, oldest));
          }
        } else {
          await steps[0]();
          steps.shift();
        }
        this.changes += 1;
      } catch (error) {
        // Retries during an outage. A 404 means that the row was deleted and only the response was lost.
        if (error.status === 404) steps.shift();
        else if (error.status) throw error;
      }
    }
  }
}

/** Asserts that the page lists the first rows that Appwrite returns for its user, and their number. Returns the number. */
export async function expectTrueList(page, backend) {
  const queries = [{ method: 'orderAsc', attribute: 'name' }, { method: 'limit', values: [ON_A_PAGE] }];
  const query = queries.map((query) => `queries[]=${encodeURIComponent(JSON.stringify(query))}`).join('&');
  const { body } = await backend.call('GET', `${ROWS}?${query}`, { session: await sessionOf(page) });
  const truth = body.rows.map(({ name }) => name);
  await expect.poll(() => shownNames(page), { timeout: 30_000 }).toEqual(truth);
  const all = `${body.total} birthdays`;
  const shown = truth.length < body.total ? `1–${truth.length} of ${all}` : all;
  await expect(page.getByText(shown, { exact: true })).toBeVisible({ timeout: 30_000 });
  return body.total;
}

/** The names in the list, from the top. */
async function shownNames(page) {
  const texts = await birthdays(page).getByRole('listitem').allInnerTexts();
  return texts.map((text) => text.trim().split('\n')[0].trim());
}

async function call(backend, method, path, body) {
  const answer = await backend.call(method, path, { body });
  if (answer.status >= 400) {
    throw Object.assign(new Error(`${method} ${path} answered ${answer.status}: ${answer.body?.message}`), { status: answer.status });
  }
  return answer.body;
}
