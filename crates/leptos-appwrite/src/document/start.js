const address = () => location.pathname + location.search;
let failed = false;
let starting = false;
let shown;
const handBack = (error) => {
  if (failed) return;
  failed = true;
  if (error) console.error(error);
  shown = address();
  for (const button of document.querySelectorAll("button")) {
    button.disabled = false;
    button.removeAttribute("aria-disabled");
    button.removeAttribute("aria-busy");
  }
  for (const reveal of document.querySelectorAll(".reveal")) reveal.remove();
  for (const badge of document.querySelectorAll(".badge-live, .badge-wait")) {
    const status = document.createElement("span");
    status.setAttribute("role", "status");
    status.textContent = notLiveText;
    const notLive = document.createElement("p");
    notLive.className = "badge";
    notLive.append(status);
    badge.replaceWith(notLive);
  }
};
const keepFromApp = (event) => (failed || starting) && event.stopImmediatePropagation();
addEventListener("appstarts", () => {
  starting = true;
  shown = address();
});
for (const type of ["click", "submit", "reset", "input", "change", "keydown", "focusin", "focusout", "visibilitychange", "pageshow", "pagehide", "online", "offline"]) {
  addEventListener(type, keepFromApp, true);
}
addEventListener("popstate", (event) => {
  keepFromApp(event);
  if ((failed || starting) && address() !== shown) location.reload();
}, true);
// After a panic, the wasm throws.
const onPanic = (event, error) => {
  if (!(error instanceof WebAssembly.RuntimeError)) return;
  event.preventDefault();
  handBack(error);
};
addEventListener("error", (event) => onPanic(event, event.error));
addEventListener("unhandledrejection", (event) => onPanic(event, event.reason));
// Password managers and extensions add elements beside inputs, where hydration expects its own nodes.
const moveForeignElements = () => {
  for (const input of document.querySelectorAll(".control > input, [hidden] > input")) {
    for (const sibling of [...input.parentNode.children]) {
      if (sibling !== input) input.parentNode.append(sibling);
    }
  }
};
addEventListener("apphydrates", () => {
  starting = false;
  moveForeignElements();
  // Hydration empties the title, which an effect sets in a later task.
  const { title } = document;
  queueMicrotask(() => { document.title = title; });
});
// The page works without the app, so nothing of the app delays the page. A tab in the background is not painted, so it waits for a second.
const painted = () => new Promise((done) => {
  requestAnimationFrame(() => setTimeout(done));
  setTimeout(done, 1000);
});
const idle = () => new Promise((done) => (window.requestIdleCallback ?? setTimeout)(done, { timeout: 200 }));
const preload = (href) => {
  const link = document.createElement("link");
  // Not at the end, where hydration expects the app's own elements.
  document.head.prepend(Object.assign(link, { rel: "preload", as: "fetch", type: "application/wasm", crossOrigin: "anonymous", fetchPriority: "low", href }));
};
// In a function: WebKit repeats a module's own `await` forever if the user leaves the page meanwhile, and the next page hangs.
const startApp = async () => {
  await painted();
  // First, because a browser may have only six connections.
  const loading = import(script);
  [wasm, ...partFiles.split(" ").filter(Boolean)].forEach(preload);
  const { default: start, hydrate } = await loading;
  await start({ module_or_path: wasm });
  // Meanwhile the browser answers the user.
  await idle();
  await hydrate();
};
startApp().catch(handBack);
