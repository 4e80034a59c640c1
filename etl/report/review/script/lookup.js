  // Where a record is: nothing is decided, every record is there.
  const stateWord = (row) => row.lead !== null ? say("in lead", { id: visible(row.lead) }) : say(row.decision);
  const stateBadge = (row) => element("span", "badge state " + (row.lead !== null ? "lead" : row.decision.replaceAll(" ", "-")), stateWord(row));
  let isSearchable = false;

  function screenOfRecord(row, detail) {
    const facts = [["company", row.company], ["city", row.city], ["keys", row.keys]].filter(([, text]) => text);
    return [headOf(row, placeOf(row), [value(titleOf(row))], []), element("p", "answer", stateBadge(row)),
      detail.rule ? element("div", "open", element("p", "", element("b", "", say("why") + " "), value(detail.rule)),
        detail.evidence ? element("p", "", value(detail.evidence)) : null) : null,
      element("dl", "", ...facts.flatMap(([name, text]) => [element("dt", "", say(name)), element("dd", "", value(text))])),
      detail.note.length ? element("section", "", element("h3", "", say("note")), element("pre", "", detail.note.map(visible).join("\n"))) : null];
  }
  function countedRecords() {
    if (!isSearchable) return say("loading");
    if (!$("query").value.trim()) return say("start", { total: number.format(rows.length) });
    return shown.length ? say("count", { found: number.format(shown.length) }) : say("none");
  }

  const looking = {
    fits: () => () => true,
    ordered: (some) => some,
    line: (row) => ({ box: null, name: [value(titleOf(row))], badge: stateBadge(row), facts: [row.company, row.city, row.keys] }),
    counted: countedRecords,
    listed: () => {},
    screen: screenOfRecord,
    drawn: () => {},
    nothing: () => { $("screen").replaceChildren(); },
    keys: {},
    areKeysOn: () => true,
    async start() {
      filter();
      await makeSearchable((row) => [row.name, row.city, row.company, row.keys]);
      isSearchable = true;
      filter();
    },
  };
