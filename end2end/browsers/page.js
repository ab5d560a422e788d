// A user's actions in a tab and what the tab shows, the same for each browser. Each action waits for its result.
import { setTimeout as pause } from 'node:timers/promises';

const LIMIT_MS = 10_000;
const BETWEEN_LOOKS_MS = 50;

export class Page {
  #tab;
  #origin;

  constructor(tab, origin) {
    this.#tab = tab;
    this.#origin = origin;
  }

  /** Opens an address, relative to the app. */
  async goto(address) {
    await this.#tab.open(new URL(address, this.#origin).href);
  }

  /** Does not wait for the response. */
  async reload() {
    await this.#look(() => location.reload());
  }

  async goBack() {
    await this.#tab.traverse(-1);
  }

  async goForward() {
    await this.#tab.traverse(1);
  }

  /** Scrolls to the end and returns the position there. */
  async scrollToEnd() {
    return this.until('a page longer than the window', scrollToEnd);
  }

  async expectScrolledTo(position) {
    await this.until(`the scroll position ${position}`, isScrolledTo, position);
  }

  async clickButton(name) {
    await this.#click('button', name);
  }

  async clickLink(name) {
    await this.#click('link', name);
  }

  /** Opens the menu of the signed-in user. */
  async openMenu() {
    await this.#click('menu', '');
  }

  async clickInHeader(name) {
    await this.#click('header', name);
  }

  /** Chooses one of a group of radio buttons. */
  async choose(label) {
    await this.#click('field', label);
  }

  /** Replaces the text of a field. */
  async fill(label, text) {
    await this.#click('field', label);
    await this.until(`${label} to write over`, selectAll, label);
    await this.#tab.type(text);
    await this.until(`${label} has the text`, hasValue, label, text);
  }

  /** Sets a date; date fields differ between browsers. */
  async pickDate(label, date) {
    await this.until(`${label} is there`, setDate, label, date);
  }

  async expectPath(path) {
    await this.until(`the page ${path}`, isAt, this.#origin, path);
  }

  async expectText(text) {
    await this.until(`the text ${JSON.stringify(text)}`, hasText, text);
  }

  async expectHeading(text) {
    await this.until(`the heading ${JSON.stringify(text)}`, hasHeading, text);
  }

  /** The state that the page shows, such as "Live". */
  async expectStatus(text) {
    await this.until(`the status ${JSON.stringify(text)}`, hasStatus, text);
  }

  async expectListItem(text) {
    await this.until(`a list item with ${JSON.stringify(text)}`, hasListItem, text);
  }

  async expectReloaded() {
    await this.until('the page once more', isReloaded);
  }

  async expectButton(name) {
    await this.until(`a button ${JSON.stringify(name)} that works`, canPress, name);
  }

  async expectBusyButton(name) {
    await this.until(`a button ${JSON.stringify(name)} that is busy`, cannotPress, name);
  }

  async expectSignedIn() {
    await this.until('the header of newUser signed in', hasMenu);
  }

  async expectNobody() {
    await this.until('the header that shows nobody', hasNobodysHeader);
  }

  async expectSignedOut() {
    await this.until('the header of newUser signed out', hasHeader, 'Sign in', 'Create account');
  }

  /** Repeats `seen(see, ...args)` in the page until it returns a true value, and returns that. */
  async until(what, seen, ...args) {
    const deadline = Date.now() + LIMIT_MS;
    let last;
    while (Date.now() < deadline) {
      try {
        const found = await this.#look(seen, ...args);
        if (found) return found;
        last = undefined;
      } catch (error) {
        // A page that is unloading runs no script.
        last = error;
      }
      await pause(BETWEEN_LOOKS_MS);
    }
    const error = new Error(`${what} did not come within ${LIMIT_MS / 1000} s.`, { cause: last });
    throw Object.assign(error, { page: await this.#describe(), messages: this.#tab.messages });
  }

  async close() {
    await this.#tab.close();
  }

  async #click(kind, name) {
    await this.until('a page to click in', noteEvents);
    const [x, y] = await this.until(`a ${kind} ${JSON.stringify(name)} to click`, pointToClick, kind, name);
    await this.#tab.click(x, y);
  }

  #look(seen, ...args) {
    return this.#tab.evaluate(`(...args) => (${seen})((${eyes})(), ...args)`, args);
  }

  async #describe() {
    try {
      return await this.#look(describe);
    } catch (error) {
      return `The page cannot be asked: ${error.message}`;
    }
  }
}

// The functions below run in the page, so they use only their arguments.

/** Finds visible elements by their text. */
function eyes() {
  const shown = (selector) => [...document.querySelectorAll(selector)].filter((element) => element.checkVisibility());
  const textOf = (element) => element.getAttribute('aria-label') ?? element.innerText.trim();
  const find = {
    button: (name) => shown('button').filter((button) => textOf(button) === name),
    menu: () => shown('header nav summary'),
    header: (name) => shown('header nav :is(a[href], button)').filter((element) => textOf(element) === name),
    link: (name) => shown('a[href]').filter((link) => textOf(link) === name),
    field: (name) => shown('label').filter((label) => textOf(label) === name).map((label) => label.control),
  };
  /** Returns the only element of its kind with this name. A user could not choose between several. */
  const only = (kind, name) => {
    const found = find[kind](name);
    return found.length === 1 ? found[0] : undefined;
  };
  const isBusy = (button) => button.disabled || button.ariaDisabled === 'true';
  return { shown, textOf, find, only, isBusy };
}

/** Includes what the text does not show: the user's last events, which buttons are busy, what has the focus, and whether the tab is in front. */
function describe(see) {
  const { activeElement, body, readyState, visibilityState } = document;
  return {
    address: location.href,
    text: body?.innerText.slice(0, 1500),
    state: [readyState, visibilityState, document.hasFocus() ? 'in front' : 'not in front'].join(', '),
    focus: `${activeElement?.tagName} ${activeElement?.id}`,
    busy: see.shown('button').filter(see.isBusy).map(see.textOf),
    events: globalThis.userEvents?.slice(-20),
    time: performance.now(),
  };
}

/** Keeps a list of the user's events in this document. While the app starts or after it has failed, the page's script stops them before this. */
function noteEvents() {
  if (globalThis.userEvents) return true;
  const events = (globalThis.userEvents = []);
  const note = ({ type, timeStamp, target, clientX, clientY }) => events.push(`${Math.round(timeStamp)} ms: ${[type, target.tagName, target.id, clientX, clientY].join(' ')}`);
  for (const type of ['pointerdown', 'pointerup', 'click', 'submit', 'input', 'pagehide']) addEventListener(type, note, true);
  return true;
}

function pointToClick(see, kind, name) {
  const element = see.only(kind, name);
  // Before its style sheet is loaded, a page has its elements in other places.
  if (!element || element.disabled || document.readyState !== 'complete') return undefined;
  // Firefox clicks what is painted, so the new position must have been painted. Without JavaScript, Firefox does not tell its frames.
  const { currentTime } = document.timeline;
  const scroll = (globalThis.lastScroll ??= { frames: 2 });
  if (scroll.frames < 2 && scroll.looks < 10) {
    scroll.looks += 1;
    if (scroll.time !== currentTime) Object.assign(scroll, { time: currentTime, frames: scroll.frames + 1 });
    return undefined;
  }
  const { left, top, width, height } = element.getBoundingClientRect();
  const point = [Math.floor(left + width / 2), Math.floor(top + height / 2)];
  if (element.contains(document.elementFromPoint(...point))) return point;
  element.scrollIntoView({ block: 'center', behavior: 'instant' });
  Object.assign(scroll, { time: currentTime, frames: 0, looks: 0 });
  return undefined;
}

function hasValue(see, label, text) {
  return see.only('field', label)?.value === text;
}

function selectAll(see, label) {
  const field = see.only('field', label);
  if (!field || field !== document.activeElement) return false;
  field.select();
  return true;
}

function setDate(see, label, date) {
  const field = see.only('field', label);
  if (!field) return false;
  field.value = date;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  return true;
}

function isAt(_, origin, path) {
  return location.origin === origin && location.pathname + location.search === path && document.readyState !== 'loading';
}

function hasText(_, text) {
  return document.body.innerText.includes(text);
}

function hasHeading(see, text) {
  return see.shown('h1').some((heading) => see.textOf(heading) === text);
}

function hasStatus(see, text) {
  return see.shown('[role="status"]').some((status) => see.textOf(status) === text);
}

function hasListItem(see, text) {
  return see.shown('li').some((item) => item.innerText.includes(text));
}

function scrollToEnd() {
  if (document.readyState !== 'complete') return 0;
  window.scrollTo({ top: document.documentElement.scrollHeight, behavior: 'instant' });
  return window.scrollY;
}

function isScrolledTo(_, position) {
  return Math.abs(window.scrollY - position) <= 1;
}

function isReloaded() {
  return performance.getEntriesByType('navigation')[0].type === 'reload' && document.readyState === 'complete';
}

function canPress(see, name) {
  const button = see.only('button', name);
  return button !== undefined && !see.isBusy(button);
}

function cannotPress(see, name) {
  return see.only('button', name)?.ariaDisabled === 'true';
}

function hasNobodysHeader(see) {
  const shown = see.shown('header nav :is(a[href], button, summary)').map(see.textOf);
  return shown.join() === 'Leptos Appwrite,Birthdays';
}

function hasMenu(see) {
  return see.shown('header nav summary').length === 1;
}

function hasHeader(see, ...names) {
  const shown = see.shown('header nav :is(a[href], button)').map(see.textOf);
  return names.every((name) => shown.includes(name)) && see.shown('header nav summary').length === 0;
}
