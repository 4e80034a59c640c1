  // What people press and click, on both pages.
  let told;
  function untell() {
    if ($("warning").dataset.name === "told") { $("warning").hidden = true; delete $("warning").dataset.name; }
  }
  function tell(text, warning = false) {
    $("status").textContent = text;
    clearTimeout(told);
    told = setTimeout(() => { $("status").textContent = ""; }, 8000);
    untell();
    if (warning) { $("warning").dataset.name ||= "told"; $("warning").textContent = text; $("warning").hidden = false; }
  }
  function toList() {
    document.body.dataset.view = "list";
    drawCurrent();
    ($("lines").querySelector("[aria-current]") ?? $("query")).focus();
  }
  function move(by) {
    const next = current === null ? shown[0] : nextOf(current, by);
    if (next !== undefined) show(next, true);
  }
  function toSearch() {
    document.body.dataset.view = "list";
    $("query").focus();
  }

  const KEYS = { j: () => move(1), ArrowDown: () => move(1), k: () => move(-1), ArrowUp: () => move(-1), "/": toSearch, Escape: toList };
  const keysOf = () => ({ ...KEYS, ...view.keys });
  function press(event) {
    const at = event.target, writing = at.matches?.("input:not([type=checkbox]), select, textarea"), keys = keysOf();
    if ($("keys")?.open || event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      const name = { z: event.shiftKey ? "y" : "u", y: "y" }[event.key.toLowerCase()];
      if (!writing && name && keys[name]) { event.preventDefault(); keys[name](); }
      return;
    }
    if (writing) { write(event, at); return; }
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by && at.closest?.("#rows")) { event.preventDefault(); inList(by); return; }
    if (event.key.startsWith("Arrow") && at.closest?.(".scroll")) return;
    if (!view.areKeysOn() && event.key !== "Escape") return;
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (!keys[name]) return;
    event.preventDefault();
    if (!event.repeat || KEYS[name]) keys[name](); // a key that is held moves on, and decides once
  }
  function write(event, at) { // what keys do where one writes
    if (event.key === "Escape" && at === $("query")) { event.preventDefault(); at.value = ""; filter(); }
    else if (event.key === "Escape" && current !== null) { event.preventDefault(); $("case-title").focus(); }
    else if (event.key === "Enter" && at === $("why")) { event.preventDefault(); reason(); $("case-title")?.focus(); }
    else if (event.key === "ArrowDown" && at === $("query")) { event.preventDefault(); $("lines").querySelector("button")?.focus(); }
  }
  function inList(by) { // from line to line, also to those that are not drawn yet
    const at = Number(document.activeElement.dataset.show ?? document.activeElement.dataset.select), next = nextOf(at, by);
    if (next === undefined) return;
    toSee(shown.indexOf(next));
    drawLines(true);
    $("lines").querySelector(`[data-show="${next}"]`)?.focus({ preventScroll: true });
  }

  function listen() {
    let waiting;
    $("query").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 100); });
    $("search").addEventListener("submit", (event) => { event.preventDefault(); filter(); $("lines").querySelector("button")?.click(); });
    $("rows").addEventListener("scroll", () => requestAnimationFrame(() => drawLines(false)));
    addEventListener("resize", () => drawLines(true));
    $("lines").addEventListener("click", (event) => { const at = event.target.closest("[data-show]"); if (at) show(Number(at.dataset.show), true); });
    $("back").addEventListener("click", toList);
    $("skip").addEventListener("click", (event) => { event.preventDefault(); ($("case-title") ?? $("case")).focus(); });
    addEventListener("keydown", press);
  }

  (async () => {
    await readPlan();
    view = plan.mode === "lookup" ? looking : deciding;
    height = parseFloat(getComputedStyle(document.documentElement).fontSize) * 4.25;
    listen();
    await view.start();
    document.body.dataset.ready = "yes";
  })().catch(() => { $("old").hidden = false; });
