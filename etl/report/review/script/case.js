  // One case on the screen: who it is about, why it is open, and what each decision would do.

  function sides(detail) {
    const [mine] = detail.family;
    return [mine ?? { form: null, cells: [], name: "" }, detail.beside];
  }
  function filled(form, cells) {
    const list = element("dl");
    cells.forEach((text, at) => { if (text) list.append(element("dt", "", labelled(form.labels[at])), element("dd", "", value(text))); });
    return list;
  }
  function memberOf(member) {
    const head = element("summary", "", value(member.name || say("nameless"), "name"), " ", key(member.key), " ",
      badge(member.decision === "review" ? "review+" : member.decision, member.decision));
    const inside = [];
    if (member.evidence) inside.push(element("p", "", value(member.evidence)));
    if (member.rules.length) inside.push(element("p", "quiet", say("rules held", { rules: member.rules.map(visible).join(", ") })));
    if (member.form !== null) inside.push(filled(forms[member.form], member.cells));
    return element("details", "", head, ...inside);
  }
  function familyOf(title, members, all) {
    if (!members.length) return null;
    const part = element("section", "", element("h3", "", title), ...members.map(memberOf));
    if (all > members.length) part.append(element("p", "quiet", say("more members", { n: number.format(all - members.length) })));
    return part;
  }
  function historyOf(history) {
    if (!history.length) return null;
    return element("section", "", element("h3", "", say("history")), ...history.map((table) => {
      const form = forms[table.form];
      return element("div", "history", element("h4", "", value(form.name), " ",
        element("span", "quiet", table.rows === 1 ? say("row") : say(table.rows > table.last.length ? "rows" : "rows all",
          { n: number.format(table.rows), shown: number.format(table.last.length) }))),
      ...table.last.map((cells) => filled(form, cells)));
    }));
  }

  function headOfCase(row) {
    let title = [value(titleOf(row))];
    if (row.other) {
      const [before, between, after] = say("two", { name: "\u0000", other: "\u0000" }).split("\u0000");
      title = [before, ...title, between, value(row.other_name || row.other), after];
    }
    const records = row.records === 1 ? say("record") : say("records", { n: number.format(row.records) });
    return headOf(row, placeOf(row), title, [records, row.city, row.owner]);
  }
  function answeredOf(row) {
    const state = stateOf(row);
    if (!state) return null;
    const who = state.who || nameTyped(), word = "\u0000";
    const [before, after] = say(who ? "by" : "by nobody", { decision: word, who: visible(who), when: visible(state.when) }).split(word);
    return element("p", "answer", before, badge(state.decision, state.decision), after, state.why ? ": " : "", state.why ? value(state.why) : "");
  }
  function whyOf(row, detail) {
    return element("div", "open", element("p", "", element("b", "", say("why open") + " "), value(row.rule)),
      detail.evidence ? element("p", "", value(detail.evidence)) : null);
  }

  const effectOf = (row, answer) => words[answer + "!2"] && (row.both || (row.other && answer === "lead")) ? answer + "!2" : answer + "!";
  function effectsOf(row) { // where the buttons are too small to say it
    const list = element("dl", "", ...answersOf(row).flatMap((answer) => [element("dt", "", say(answer)), element("dd", "", say(effectOf(row, answer)))]));
    return element("details", "effects", element("summary", "", say("effects")), list);
  }

  function screenOf(row, detail) {
    const [mine, beside] = sides(detail), family = detail.members === 1 ? say("family one") : say("family", { n: number.format(detail.members) });
    return [headOfCase(row), answeredOf(row), whyOf(row, detail), effectsOf(row), comparison(row, mine, beside), ...beside.map(weighed),
      familyOf(family, detail.family, detail.members),
      detail.other_members > 1 ? familyOf(say("other family", { n: number.format(detail.other_members) }), detail.others, detail.other_members) : null,
      historyOf(detail.history)];
  }

  function drawAnswers(row, beside) {
    const state = stateOf(row);
    $("decide").hidden = false;
    $("into").hidden = true;
    $("why").value = state?.why ?? draftOf(row);
    $("withdraw").hidden = state === null;
    $("lead").value = beside.find((side) => side.kind === "lead")?.key ?? "";
    $("answers").replaceChildren(...answersOf(row).map((answer) => {
      const button = element("button", answer.replaceAll(" ", "-"), element("kbd", "", String(ANSWERS.indexOf(answer) + 1)),
        element("b", "", say(answer)), element("small", "", say(effectOf(row, answer))));
      button.type = "button";
      button.dataset.answer = answer;
      button.setAttribute("aria-keyshortcuts", String(ANSWERS.indexOf(answer) + 1));
      button.setAttribute("aria-pressed", String((state?.decision ?? "").split(":")[0] === answer));
      return button;
    }));
  }
