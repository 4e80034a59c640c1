  // The list: only the lines that are seen are there, however many cases it has.
  let shown = [], height = 68, drawn = [0, -1];
  const selected = new Set();
  const unsure = (row) => row.likely === null ? 1 : Math.abs(row.likely - 0.5);
  const ORDERS = {
    records: (a, b) => b.records - a.records || unsure(a) - unsure(b) || a.at - b.at,
    sure: (a, b) => unsure(a) - unsure(b) || b.records - a.records || a.at - b.at,
    name: (a, b) => collator.compare(a.name, b.name) || a.at - b.at,
    plan: (a, b) => a.at - b.at,
  };

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
    height = parseFloat(getComputedStyle(document.documentElement).fontSize) * 4.25;
  }

  function filter() {
    const terms = plain($("query").value).split(/\s+/).filter(Boolean);
    const [rule, owner, master, state] = ["by-rule", "by-owner", "by-master", "by-state"].map((id) => $(id).value);
    const inState = { open: (row) => stateOf(row) === null, decided: isDecided, later: (row) => stateOf(row)?.decision === LATER };
    const likely = $("by-likely").value, [low, high] = likely.split(" ").map(Number);
    const isLikely = (row) => !likely || (likely === "none" ? row.likely === null
      : row.likely !== null && row.likely >= low && (row.likely < high || high === 1));
    shown = rows.filter((row) => (!rule || rule === "=" + row.rule) && (!owner || owner === "=" + row.owner)
      && (!master || row.masters.includes(master.slice(1))) && (!state || inState[state](row))
      && isLikely(row) && terms.every((term) => row.folded.includes(term))).sort(ORDERS[$("sort").value]).map((row) => row.at);
    const seen = new Set(shown);
    for (const at of selected) if (!seen.has(at)) selected.delete(at); // nobody decides what is not seen
    $("rows").scrollTop = 0;
    drawList();
  }

  function line(place) {
    const row = rows[shown[place]], state = stateOf(row), item = element("li", "line");
    item.style.top = `${place * height}px`;
    item.setAttribute("aria-setsize", String(shown.length));
    item.setAttribute("aria-posinset", String(place + 1));
    const box = element("input");
    box.type = "checkbox";
    box.checked = selected.has(row.at);
    box.dataset.select = row.at;
    box.setAttribute("aria-label", say("select", { name: visible(titleOf(row)) }));
    const name = element("span", "name", value(titleOf(row)), row.other ? " = " : "", row.other ? value(row.other_name || row.other) : "", row.other ? "?" : "");
    const facts = [row.city, row.records === 1 ? "" : say("records", { n: number.format(row.records) }), row.rule].filter(Boolean);
    const button = element("button", "", name, state ? badge(state.decision, state.decision) : null,
      element("span", "facts", ...facts.flatMap((fact, at) => at ? [" · ", value(fact)] : [value(fact)])));
    button.type = "button";
    button.dataset.show = row.at;
    if (row.at === current) button.setAttribute("aria-current", "true");
    item.append(box, button);
    return item;
  }
  function drawLines(anew) {
    const view = $("rows"), first = Math.max(0, Math.floor(view.scrollTop / height) - 5);
    const end = Math.min(shown.length, Math.ceil((view.scrollTop + (view.clientHeight || innerHeight)) / height) + 5);
    if (!anew && drawn[0] === first && drawn[1] === end) return;
    const focus = document.activeElement?.dataset?.show ?? null, box = document.activeElement?.dataset?.select ?? null;
    drawn = [first, end];
    $("lines").replaceChildren(...Array.from({ length: end - first }, (_, at) => line(first + at)));
    if (focus !== null) $("lines").querySelector(`[data-show="${focus}"]`)?.focus({ preventScroll: true });
    if (box !== null) $("lines").querySelector(`[data-select="${box}"]`)?.focus({ preventScroll: true });
  }
  function drawList() {
    $("lines").style.height = `${shown.length * height}px`;
    $("count").textContent = shown.length ? say("shown", { shown: number.format(shown.length), all: number.format(rows.length) }) : say("none");
    const among = shown.filter((at) => selected.has(at)).length;
    $("select-all").checked = among > 0 && among === shown.length;
    $("select-all").indeterminate = among > 0 && among < shown.length;
    drawLines(true);
    drawBulk();
  }
  function drawCurrent() { // the case on the screen is seen in the list
    const place = shown.indexOf(current), view = $("rows");
    if (place >= 0 && view.clientHeight) {
      if (place * height < view.scrollTop) view.scrollTop = place * height;
      if ((place + 1) * height > view.scrollTop + view.clientHeight) view.scrollTop = (place + 1) * height - view.clientHeight;
    }
    drawLines(true);
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
  const nextOf = (at, by) => shown[shown.indexOf(at) + by];
  function nextOpen(at) {
    const place = shown.indexOf(at), order = [...shown.slice(place + 1), ...shown.slice(0, place)];
    return order.find((one) => stateOf(rows[one]) === null) ?? order.find((one) => rows[one] && !isDecided(rows[one]));
  }
