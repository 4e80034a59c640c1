  // The open cases: what people decide, one by one or several at once.
  const unsure = (row) => row.likely === null ? 1 : Math.abs(row.likely - 0.5);
  const ORDERS = {
    records: (a, b) => b.records - a.records || unsure(a) - unsure(b) || a.at - b.at,
    sure: (a, b) => unsure(a) - unsure(b) || b.records - a.records || a.at - b.at,
    name: (a, b) => collator.compare(a.name, b.name) || a.at - b.at,
    plan: (a, b) => a.at - b.at,
  };
  const drafts = new Map(); // the reasons that were typed last: they are there before a decision, and after it is taken back
  const placeOfDraft = (id) => `reason ${plan.digest} ${id}`;
  const draftOf = (row) => drafts.get(row.id) ?? kept.setting(placeOfDraft(row.id));
  const isUnkept = ([id, why]) => kept.setting(placeOfDraft(id)) !== why;
  function draft(row, why) {
    drafts.set(row.id, why);
    kept.setting(placeOfDraft(row.id), why);
  }
  const FILTERS = ["by-rule", "by-owner", "by-master", "by-likely", "by-state", "sort"];

  function options(id, values) {
    const all = element("option", "", say("all"));
    all.value = "";
    $(id).replaceChildren(all, ...values.map(([name, count]) => {
      const made = element("option", "", `${name === "" ? say("nobody") : visible(name)} (${number.format(count)})`);
      made.value = "=" + name;
      return made;
    }));
    $(id).parentElement.hidden = values.length < 1 || (values.length === 1 && values[0][0] === "");
  }
  function counted(named) {
    const counts = new Map();
    for (const row of rows) for (const name of named(row)) counts.set(name, (counts.get(name) ?? 0) + 1);
    return [...counts].sort((a, b) => collator.compare(a[0], b[0]));
  }
  function prepareList() {
    options("by-rule", counted((row) => [row.rule]));
    options("by-owner", counted((row) => [row.owner]));
    options("by-master", counted((row) => row.masters));
  }


  function fitting() {
    const [rule, owner, master, likely, state] = FILTERS.map((id) => $(id).value), [low, high] = likely.split(" ").map(Number);
    const inState = { open: (row) => stateOf(row) === null, decided: isDecided, later: (row) => stateOf(row)?.decision === LATER };
    const isLikely = (row) => !likely || (likely === "none" ? row.likely === null
      : row.likely !== null && row.likely >= low && (row.likely < high || high === 1));
    return (row) => (!rule || rule === "=" + row.rule) && (!owner || owner === "=" + row.owner)
      && (!master || row.masters.includes(master.slice(1))) && (!state || inState[state](row)) && isLikely(row);
  }
  function lineOf(row) {
    const box = element("input"), state = stateOf(row);
    box.type = "checkbox";
    box.checked = selected.has(row.at);
    box.dataset.select = row.at;
    box.setAttribute("aria-label", say("select", { name: visible(titleOf(row)) }));
    const other = row.other ? [" = ", value(row.other_name || row.other), "?"] : [];
    return { box, name: [value(titleOf(row)), ...other], badge: state ? badge(state.decision, state.decision) : null,
      facts: [row.city, row.records === 1 ? "" : say("records", { n: number.format(row.records) }), row.rule] };
  }
  function drawSelected() {
    const among = shown.filter((at) => selected.has(at)).length;
    $("select-all").checked = among > 0 && among === shown.length;
    $("select-all").indeterminate = among > 0 && among < shown.length;
    drawBulk();
  }
  function drawBulk() {
    const some = [...selected].map((at) => rows[at]), n = number.format(some.length);
    $("bulk").hidden = some.length === 0;
    const fitting = ANSWERS.filter((answer) => answer !== "into" && some.every((row) => fits(answer, row)));
    $("bulk").replaceChildren(element("p", "", say("selected", { n })), ...fitting.map((answer) => {
      const button = element("button", answer.replaceAll(" ", "-"), say("decide all", { decision: say(answer), n }));
      button.type = "button";
      button.dataset.all = answer;
      return button;
    }));
  }
  function nextOpen(at) {
    const place = shown.indexOf(at), order = [...shown.slice(place + 1), ...shown.slice(0, place)];
    return order.find((one) => stateOf(rows[one]) === null) ?? order.find((one) => rows[one] && !isDecided(rows[one]));
  }

  function drawHead() {
    const count = decidedCount(), open = rows.length - count, minutes = minutesLeft(open), unsaved = unsavedCount();
    $("progress").value = count;
    $("done").textContent = say("progress", { done: number.format(count), all: number.format(rows.length) })
      + (laterCount() ? ", " + say("progress later", { n: number.format(laterCount()) }) : "")
      + (open && minutes ? ", " + say("pace", { minutes: number.format(minutes) }) : "");
    $("unsaved").textContent = unsaved ? say("unsaved", { n: number.format(unsaved) })
      : say(savedAt === 0 && !rows.some(stateOf) ? "nothing" : "saved");
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
    if (selected.size && decision !== "into") { answerAll(decision); return; }
    if (!fits(decision.split(":")[0], row)) return;
    if (decision === "into") { $("into").hidden = false; $("lead").focus(); $("lead").select(); return; }
    decide([row], decision, $("why").value.trim());
    tell(say("decided now", { name: visible(titleOf(row)), decision: wordOf(decision) }));
    const next = nextOpen(row.at);
    drawAll();
    show(next ?? row.at, true);
  }
  function answerAll(decision) {
    const some = [...selected].sort((a, b) => a - b).map((at) => rows[at]), typed = $("why").value.trim();
    if (!some.every((row) => fits(decision.split(":")[0], row))) { tell(say("not for all", { decision: wordOf(decision) }), true); return; }
    const isOfCase = current !== null && stateOf(rows[current])?.why === typed; // what was typed is for all that are selected
    if (current !== null) draft(rows[current], "");
    decide(some, decision, isOfCase ? "" : typed);
    tell(say("decided many", { n: number.format(some.length), decision: say(decision) }));
    selected.clear();
    drawAll();
    show(current ?? shown[0]);
    $("select-all").focus();
  }
  function withdraw() {
    if (current === null || !isDrawn() || !stateOf(rows[current])) return;
    step([[rows[current].id, { decision: "" }]]);
    tell(say("undone"));
    drawAll();
    show(current, true);
  }
  function walk(change, word) {
    if (!change) return;
    tell(say(word));
    drawAll();
    const [[id]] = change.before, row = rows.find((one) => one.id === id);
    show(row ? row.at : current, document.body.dataset.view === "case" || current !== null);
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
  function drawnCase(row, detail) {
    drawAnswers(row, detail.beside);
    history.replaceState(null, "", "#" + encodeURIComponent(row.key) + (row.other ? "&" + encodeURIComponent(row.other) : ""));
  }

  function listenDeciding() {
    for (const id of FILTERS) $(id).addEventListener("change", filter);
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
    $("why").addEventListener("input", () => { if (current !== null) draft(rows[current], $("why").value); });
    $("why").addEventListener("change", reason);
    $("withdraw").addEventListener("click", withdraw);
    const buttons = { undo: "u", redo: "y", save: "s", help: "?", previous: "k", next: "j" };
    for (const [id, name] of Object.entries(buttons)) $(id).addEventListener("click", () => keysOf()[name]());
    $("save-csv").addEventListener("click", () => save("csv"));
    $("open").addEventListener("click", () => $("file").click());
    $("keys-close").addEventListener("click", () => $("keys").close());
    $("file").addEventListener("change", async () => { for (const file of $("file").files) await read(file); $("file").value = ""; });
    addEventListener("dragover", (event) => event.preventDefault());
    addEventListener("drop", async (event) => { event.preventDefault(); for (const file of event.dataTransfer.files) await read(file); });
    $("who").addEventListener("change", () => kept.setting("who", nameTyped()));
    $("keys-on").addEventListener("change", () => kept.setting("keys", $("keys-on").checked ? "" : "off"));
    addEventListener("hashchange", () => show(asked() ?? current, true));
    addEventListener("beforeunload", (event) => { if (unsavedCount() || [...drafts].some(isUnkept)) event.preventDefault(); });
    addEventListener("storage", async (event) => { if (kept.isOwn(event.key)) { reason(); await load(); drawAll(); show(current); } }); // another window
  }

  const deciding = {
    fits: fitting,
    ordered: (some) => some.sort(ORDERS[$("sort").value]),
    line: lineOf,
    counted: () => shown.length ? say("shown", { shown: number.format(shown.length), all: number.format(rows.length) }) : say("none"),
    listed: drawSelected,
    screen: screenOf,
    drawn: drawnCase,
    nothing: () => { $("decide").hidden = true; },
    keys: { u: () => walk(back(), "undone"), y: () => walk(again(), "redone"), s: () => save("json"), b: toggleBits,
      r: () => { if (!$("decide").hidden) $("why").focus(); }, "?": () => $("keys").showModal(),
      0: withdraw,
      x: () => { if (current !== null) select(current, !selected.has(current)); },
      ...Object.fromEntries(ANSWERS.map((decision, at) => [String(at + 1), () => answer(decision)])) },
    areKeysOn: () => $("keys-on").checked,
    async start() {
      kept.start(plan.digest);
      $("who").value = kept.setting("who");
      $("keys-on").checked = kept.setting("keys") !== "off";
      savedAt = Number(kept.setting("saved " + plan.digest)) || 0;
      await load();
      await makeSearchable((row) => [row.name, row.other_name, row.city, row.key, row.other, row.rule, row.owner]);
      prepareList();
      listenDeciding();
      filter();
      drawHead();
      const at = asked();
      await show(at ?? nextOpen(shown.length ? shown[shown.length - 1] : 0) ?? shown[0], at !== undefined);
    },
  };
