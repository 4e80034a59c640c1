  // What people press and click.
  function tell(text, warning = false) {
    $("status").textContent = text;
    if ($("warning").dataset.name === "told") { $("warning").hidden = true; delete $("warning").dataset.name; }
    if (warning) { $("warning").dataset.name ||= "told"; $("warning").textContent = text; $("warning").hidden = false; }
  }
  function drawHead() {
    const count = decidedCount(), open = rows.length - count, minutes = minutesLeft(open), unsaved = unsavedCount();
    $("progress").value = count;
    $("done").textContent = say("progress", { done: number.format(count), all: number.format(rows.length) })
      + (open && minutes ? ", " + say("pace", { minutes: number.format(minutes) }) : "");
    $("unsaved").textContent = unsaved ? say("unsaved", { n: number.format(unsaved) })
      : states.size === 0 ? say("nothing") : say(open ? "saved" : "saved");
    if (unsaved && !open) $("unsaved").textContent += ". " + say("all done");
    $("unsaved").className = unsaved ? "bad" : "quiet";
    $("undo").disabled = !done.length;
    $("redo").disabled = !undone.length;
  }
  function drawAll() {
    drawHead();
    drawList();
  }

  function answer(decision) {
    if (current === null || !isDrawn()) return;
    const row = rows[current];
    if (!fits(decision.split(":")[0], row)) return;
    if (decision === "into") { $("into").hidden = false; $("lead").focus(); $("lead").select(); return; }
    decide([row], decision, $("why").value.trim());
    tell(say("decided now", { name: visible(titleOf(row)), decision: wordOf(decision) }));
    const next = nextOpen(row.at);
    drawAll();
    show(next ?? row.at, true);
  }
  function answerAll(decision) {
    const some = [...selected].sort((a, b) => a - b).map((at) => rows[at]);
    decide(some, decision, "");
    tell(say("decided many", { n: number.format(some.length), decision: say(decision) }));
    selected.clear();
    drawAll();
    show(current ?? shown[0]);
    $("query").focus();
  }
  function walk(change, word) {
    if (!change) return;
    tell(say(word));
    drawAll();
    const [[id]] = change.before, row = rows.find((one) => one.id === id);
    show(row ? row.at : current, document.body.dataset.view === "case" || current !== null);
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
  function select(at, chosen) {
    if (chosen) selected.add(at); else selected.delete(at);
    drawList();
  }
  function reason() {
    if (current === null) return;
    const row = rows[current], state = stateOf(row), why = $("why").value.trim();
    if (state && state.why !== why) {
      step([[row.id, { ...state, why }]]);
      document.querySelector("#screen .answer").replaceWith(answeredOf(row)); // the buttons stay: one may be pressed just now
      drawAll();
    }
  }

  const KEYS = {
    j: () => move(1), ArrowDown: () => move(1), k: () => move(-1), ArrowUp: () => move(-1),
    u: () => walk(back(), "undone"), y: () => walk(again(), "redone"), s: () => save("json"),
    r: () => { if (!$("decide").hidden) $("why").focus(); }, "/": () => { document.body.dataset.view = "list"; $("query").focus(); },
    "?": () => $("keys").showModal(), Escape: toList, b: toggleBits,
    x: () => { if (current !== null) select(current, !selected.has(current)); },
  };
  function press(event) {
    const at = event.target, writing = at.matches?.("input:not([type=checkbox]), select, textarea");
    if ($("keys").open || event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      const name = event.key.toLowerCase(), back_ = name === "z" && !event.shiftKey;
      if (!writing && (back_ || name === "y" || name === "z")) { event.preventDefault(); KEYS[back_ ? "u" : "y"](); }
      return;
    }
    if (writing) {
      if (event.key === "Escape") { event.preventDefault(); if (at === $("query")) { at.value = ""; filter(); } else if (current !== null) $("case-title").focus(); }
      if (event.key === "Enter" && at === $("why")) { event.preventDefault(); reason(); $("case-title")?.focus(); }
      if (at === $("query") && event.key === "ArrowDown") { event.preventDefault(); $("lines").querySelector("button")?.focus(); }
      return;
    }
    if (at.closest?.("#rows") && (event.key === "ArrowDown" || event.key === "ArrowUp")) { event.preventDefault(); inList(event.key === "ArrowDown" ? 1 : -1); return; }
    if (at.closest?.(".scroll") && event.key.startsWith("Arrow")) return;
    if (!$("keys-on").checked && event.key !== "Escape") return;
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (/^[1-8]$/.test(name)) { event.preventDefault(); answer(ANSWERS[Number(name) - 1]); }
    else if (KEYS[name]) { event.preventDefault(); KEYS[name](); }
  }
  function inList(by) { // from line to line, also to those that are not drawn yet
    const at = Number(document.activeElement.dataset.show ?? document.activeElement.dataset.select), next = nextOf(at, by);
    if (next === undefined) return;
    const place = shown.indexOf(next), view = $("rows");
    if (place * height < view.scrollTop) view.scrollTop = place * height;
    if ((place + 1) * height > view.scrollTop + view.clientHeight) view.scrollTop = (place + 1) * height - view.clientHeight;
    drawLines(true);
    $("lines").querySelector(`[data-show="${next}"]`)?.focus({ preventScroll: true });
  }

  function listen() {
    for (const id of ["by-rule", "by-owner", "by-master", "by-likely", "by-state", "sort"]) $(id).addEventListener("change", filter);
    let waiting;
    $("query").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 100); });
    $("search").addEventListener("submit", (event) => { event.preventDefault(); filter(); $("lines").querySelector("button")?.click(); });
    $("rows").addEventListener("scroll", () => requestAnimationFrame(() => drawLines(false)));
    addEventListener("resize", () => drawLines(true));
    $("lines").addEventListener("click", (event) => { const at = event.target.closest("[data-show]"); if (at) show(Number(at.dataset.show), true); });
    $("lines").addEventListener("change", (event) => select(Number(event.target.dataset.select), event.target.checked));
    $("select-all").addEventListener("change", (event) => {
      for (const at of shown) if (event.target.checked) selected.add(at); else selected.delete(at);
      drawList();
    });
    $("bulk").addEventListener("click", (event) => { const at = event.target.closest("[data-all]"); if (at) answerAll(at.dataset.all); });
    $("answers").addEventListener("click", (event) => { const at = event.target.closest("[data-answer]"); if (at) answer(at.dataset.answer); });
    $("into").addEventListener("submit", (event) => {
      event.preventDefault();
      const id = $("lead").value.trim();
      if (id) answer("into: " + id); else tell(say("id first"), true);
    });
    $("why").addEventListener("change", reason);
    const buttons = { undo: KEYS.u, redo: KEYS.y, save: () => save("json"), "save-csv": () => save("csv"), open: () => $("file").click(),
      help: KEYS["?"], back: toList, previous: KEYS.k, next: KEYS.j, "keys-close": () => $("keys").close() };
    for (const [id, run] of Object.entries(buttons)) $(id).addEventListener("click", run);
    $("file").addEventListener("change", async () => { for (const file of $("file").files) await read(file); $("file").value = ""; });
    addEventListener("dragover", (event) => event.preventDefault());
    addEventListener("drop", async (event) => { event.preventDefault(); for (const file of event.dataTransfer.files) await read(file); });
    $("who").addEventListener("change", () => kept.setting("who", nameTyped()));
    $("keys-on").addEventListener("change", () => kept.setting("keys", $("keys-on").checked ? "" : "off"));
    $("skip").addEventListener("click", (event) => { event.preventDefault(); ($("case-title") ?? $("case")).focus(); });
    addEventListener("keydown", press);
    addEventListener("hashchange", () => show(asked() ?? current, true));
    addEventListener("beforeunload", (event) => { if (unsavedCount()) event.preventDefault(); });
    addEventListener("storage", async (event) => { if (kept.isOwn(event.key)) { await load(); drawAll(); show(current); } }); // another window
  }
  function asked() { // the case that a link names: its record, and where there are several cases the other one
    const parts = location.hash.slice(1).split("&").map((part) => { try { return decodeURIComponent(part); } catch { return part; } });
    if (!parts[0]) return undefined;
    const mine = rows.filter((row) => row.key === parts[0]);
    return (mine.find((row) => row.other === (parts[1] ?? "")) ?? mine[0])?.at;
  }
  async function load() {
    for (const [id, state] of await kept.all()) if (!(states.get(id)?.at > state.at)) states.set(id, state);
    last = Math.max(last, ...[...states.values()].map((state) => state.at || 0));
  }

  (async () => {
    await readPlan();
    kept.start(plan.digest);
    $("who").value = kept.setting("who");
    $("keys-on").checked = kept.setting("keys") !== "off";
    savedAt = Number(kept.setting("saved " + plan.digest)) || 0;
    await load();
    prepareList();
    listen();
    filter();
    drawHead();
    const at = asked();
    await show(at ?? nextOpen(shown.length ? shown[shown.length - 1] : 0) ?? shown[0], at !== undefined);
    document.body.dataset.ready = "yes";
  })().catch(() => { $("old").hidden = false; });
