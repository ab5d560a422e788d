const address = () => location.pathname + location.search;
let failed = false;
let shown;
const handBack = () => {
  if (failed) return;
  failed = true;
  shown = address();
  for (const button of document.querySelectorAll("button[aria-busy]")) {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
};
const keepFromApp = (event) => failed && event.stopImmediatePropagation();
for (const type of ["click", "submit", "reset", "input", "change", "keydown", "focusin", "focusout", "visibilitychange", "pageshow", "pagehide", "online", "offline"]) {
  addEventListener(type, keepFromApp, true);
}
addEventListener("popstate", (event) => {
  keepFromApp(event);
  if (failed && address() !== shown) location.reload();
}, true);
addEventListener("error", (event) => failed && event.error instanceof WebAssembly.RuntimeError && event.preventDefault());
addEventListener("unhandledrejection", (event) => failed && event.reason instanceof WebAssembly.RuntimeError && event.preventDefault());
addEventListener("apppanic", handBack);
try {
  await start({ module_or_path: wasm });
  hydrate();
} catch (error) {
  if (!failed) console.error(error);
  handBack();
}
