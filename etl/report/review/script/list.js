  // The list: only the lines that are seen are there, however many it has; and what is shown of one of them.
  let shown = [], height = 68, drawn = [0, -1], current = null, drawing = 0, drawnTurn = 0;
  let view; // what is decided, or what is only looked up: `deciding` or `looking`
  const selected = new Set();
  const isDrawn = () => drawing === drawnTurn; // what is seen is what would be decided

  function filter() {
    const terms = searchable($("query").value).trim().split(" ").filter(Boolean), fits = view.fits(), ranks = [[], [], []];
    for (const row of rows) {
      const rank = fits(row) ? rankOf(row.folded ?? "", terms) : 3;
      if (rank < 3) ranks[rank].push(row);
    }
    shown = view.ordered(ranks.flat()).map((row) => row.at);
    const seen = new Set(shown);
    for (const at of selected) if (!seen.has(at)) selected.delete(at); // nobody decides what is not seen
    $("rows").scrollTop = 0;
    drawList();
  }

  function line(place) {
    const row = rows[shown[place]], item = element("li", "line"), { box, name, badge: state, facts } = view.line(row);
    item.style.top = `${place * height}px`;
    item.setAttribute("aria-setsize", String(shown.length));
    item.setAttribute("aria-posinset", String(place + 1));
    const button = element("button", "", element("span", "name", ...name), state,
      element("span", "facts", ...facts.filter(Boolean).flatMap((fact, at) => at ? [" · ", value(fact)] : [value(fact)])));
    button.type = "button";
    button.dataset.show = row.at;
    if (row.at === current) button.setAttribute("aria-current", "true");
    item.append(...(box ? [box] : []), button);
    return item;
  }
  function drawLines(anew) {
    const box = $("rows"), first = Math.max(0, Math.floor(box.scrollTop / height) - 5);
    const end = Math.min(shown.length, Math.ceil((box.scrollTop + (box.clientHeight || innerHeight)) / height) + 5);
    if (!anew && drawn[0] === first && drawn[1] === end) return;
    const focus = document.activeElement?.dataset?.show ?? null, chosen = document.activeElement?.dataset?.select ?? null;
    drawn = [first, end];
    $("lines").replaceChildren(...Array.from({ length: end - first }, (_, at) => line(first + at)));
    if (focus !== null) $("lines").querySelector(`[data-show="${focus}"]`)?.focus({ preventScroll: true });
    if (chosen !== null) $("lines").querySelector(`[data-select="${chosen}"]`)?.focus({ preventScroll: true });
  }
  function drawList() {
    $("lines").style.height = `${shown.length * height}px`;
    $("count").textContent = view.counted();
    drawLines(true);
    view.listed();
  }
  function toSee(place) { // a line is scrolled to where it is seen
    const box = $("rows");
    if (place * height < box.scrollTop) box.scrollTop = place * height;
    if ((place + 1) * height > box.scrollTop + box.clientHeight) box.scrollTop = (place + 1) * height - box.clientHeight;
  }
  function drawCurrent() { // the case on the screen is seen in the list
    if (shown.includes(current) && $("rows").clientHeight) toSee(shown.indexOf(current));
    drawLines(true);
  }
  const nextOf = (at, by) => shown[shown.indexOf(at) + by];

  function headOf(row, place, title, facts) {
    const heading = element("h2", "", ...title);
    heading.id = "case-title";
    heading.tabIndex = -1;
    const all = [place, ...facts].filter(Boolean);
    return element("div", "head", element("p", "kind", ...all.flatMap((fact, at) => at ? [" · ", value(fact)] : [value(fact)])), heading);
  }
  function placeOf(row) {
    const place = shown.indexOf(row.at) + 1;
    return say("place", { n: number.format(place || row.at + 1), all: number.format(place ? shown.length : rows.length) });
  }
  async function show(at, focus = false) {
    const turn = ++drawing;
    if (focus) untell();
    if (at === undefined || at === null || !rows[at]) {
      [current, drawnTurn] = [null, turn];
      $("screen").replaceChildren(element("p", "quiet", say("none")));
      view.nothing();
      return;
    }
    const detail = await detailOf(at);
    if (turn !== drawing) return;
    [current, drawnTurn] = [at, turn];
    $("screen").replaceChildren(...view.screen(rows[at], detail).filter(Boolean));
    $("case").scrollTop = 0;
    view.drawn(rows[at], detail);
    drawCurrent();
    if (focus) { document.body.dataset.view = "case"; $("case-title").focus({ preventScroll: true }); scrollTo(0, 0); }
  }
