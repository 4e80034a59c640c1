  // Decisions as files: what `decide` takes, and what this page goes on with.
  const COLUMNS = ["source_key", "decision", "other", "who", "when", "why", "hash"];
  const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/;

  function savedRows() {
    const who = nameTyped();
    return rows.filter((row) => stateOf(row)).map((row) => {
      const state = stateOf(row);
      return { source_key: row.key, decision: state.decision, other: row.other, who: state.who || who, when: state.when,
        why: state.why, hash: row.hash };
    });
  }
  function download(name, text, kind) {
    const link = element("a", "");
    link.href = URL.createObjectURL(new Blob([text], { type: kind }));
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }
  const nameOfFile = (who) => "decisions-" + (plain(who).replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "") || "review");

  function save(kind) {
    const who = nameTyped();
    if (!who) { $("who").focus(); tell(say("who first"), true); return; }
    const now = new Date().toISOString(), decisions = savedRows();
    if (!decisions.length) { tell(say("nothing"), true); return; }
    if (kind === "csv") {
      const cell = (text) => `"${(FORMULA.test(text) ? "'" + text : text).replaceAll('"', '""')}"`;
      const lines = [COLUMNS.join(plan.csv.delimiter), ...decisions.map((one) => COLUMNS.map((name) => cell(one[name])).join(plan.csv.delimiter))];
      download(nameOfFile(who) + ".csv", (plan.csv.bom ? "\ufeff" : "") + lines.join("\r\n") + "\r\n", "text/csv");
    } else {
      const file = { crm_cleanup: "decisions", version: 1, name: plan.name, plan: plan.digest, by: who, saved: now, decisions };
      download(nameOfFile(who) + ".json", JSON.stringify(file, null, 1) + "\n", "application/json");
    }
    savedAt = moment();
    kept.setting("saved " + plan.digest, String(savedAt));
    drawAll();
  }

  function csvRows(text) {
    const cells = [[""]], sign = text.slice(0, text.indexOf("\n")).includes(";") ? ";" : ",";
    let quoted = false;
    for (let at = text.startsWith("\ufeff") ? 1 : 0; at < text.length; at++) {
      const letter = text[at], line = cells[cells.length - 1];
      if (quoted && letter === '"' && text[at + 1] === '"') { line[line.length - 1] += '"'; at++; }
      else if (letter === '"') quoted = !quoted;
      else if (!quoted && letter === sign) line.push("");
      else if (!quoted && letter === "\n") cells.push([""]);
      else if (quoted || letter !== "\r") line[line.length - 1] += letter;
    }
    const [head, ...lines] = cells;
    if (!COLUMNS.slice(0, 3).every((name) => head.includes(name))) return null;
    const bare = (text) => /^''*[=+\-@\t\r\n＝＋－＠]/.test(text) ? text.slice(1) : text;
    return lines.filter((line) => line.some(Boolean)).map((line) =>
      Object.fromEntries(head.map((name, at) => [name, bare(line[at] ?? "")])));
  }
  function rowsOf(text, file) {
    if (!text.trimStart().startsWith("{")) return { decisions: csvRows(text), saved: 0 };
    const read = JSON.parse(text);
    if (read.crm_cleanup !== "decisions" || read.version !== 1 || !Array.isArray(read.decisions)) return { decisions: null };
    if (read.name !== plan.name) throw new Error(say("foreign", { name: visible(read.name), file: visible(file) }));
    return { decisions: read.decisions, saved: Date.parse(read.saved) || 0 };
  }
  const known = (word) => word.startsWith("into:") ? word.slice(5).trim() !== "" : ANSWERS.includes(word) && word !== "into";

  const named = (some) => some.slice(0, 3).map((row) => visible(titleOf(row))).join(", ") + (some.length > 3 ? ", …" : "");
  async function read(file) {
    let found = null, saved = 0;
    reason(); // what is being typed: the case is drawn again
    try { ({ decisions: found, saved } = rowsOf(await file.text(), file.name)); } catch (error) {
      if (!(error instanceof SyntaxError)) { tell(error.message, true); return; }
    }
    if (!found) { tell(say("damaged", { file: visible(file.name) }), true); return; }
    const byId = new Map(rows.map((row) => [row.id, row])), changes = [];
    const others = [];
    let stale = 0;
    for (const one of found) {
      const text = (name) => typeof one[name] === "string" ? one[name].slice(0, 2000) : "";
      if (!text("decision")) continue;
      const row = byId.get(JSON.stringify([text("source_key"), text("other")])), mine = row && stateOf(row);
      const decision = text("decision").trim();
      if (!row || row.hash !== text("hash") || !known(decision) || !fits(decision, row)) stale++;
      else if (mine && mine.decision === decision && mine.why === text("why")) continue;
      else if (mine && (mine.who !== text("who") || mine.at > saved)) others.push(row); // what was decided later stays
      else {
        changes.push([row.id, { decision, why: text("why"), who: text("who"), when: text("when") }]);
      }
    }
    const before = unsavedCount();
    if (changes.length) step(changes);
    if (!before) { savedAt = moment(); kept.setting("saved " + plan.digest, String(savedAt)); } // all of it is in that file
    const n = { n: number.format(changes.length), file: visible(file.name) };
    tell([say("read", n), stale ? say("read stale", { n: number.format(stale) }) : "",
      others.length ? say("read other", { n: number.format(others.length), names: named(others) }) : ""].filter(Boolean).join(" "),
    stale + others.length > 0);
    drawAll();
    show(current ?? shown[0]);
  }
