  // What is decided, and the way back: one step is one answer, for one case or for many.
  const states = new Map(), done = [], undone = [], times = [];
  const mine = new Set(); // the moments of what this window has set; all others are of another one
  let savedAt = 0;
  const ANSWERS = ["customer", "keep", "lead", "same", "different", "into", "moved before", "review"];
  const OF_TWO = ["same", "different"], LATER = "review";

  const stateOf = (row) => { const state = states.get(row.id); return state?.decision ? state : null; };
  const isDecided = (row) => { const state = stateOf(row); return state !== null && state.decision !== LATER; };
  const wordOf = (decision) => decision.startsWith("into:") ? `${say("into")} ${visible(decision.slice(5).trim())}` : say(decision);
  const fits = (answer, row) => !OF_TWO.includes(answer) || (plan.duplicates && row.other !== "");
  const answersOf = (row) => ANSWERS.filter((answer) => fits(answer, row));
  const laterCount = () => rows.reduce((sum, row) => sum + (stateOf(row)?.decision === LATER ? 1 : 0), 0);
  const decidedCount = () => rows.reduce((sum, row) => sum + (isDecided(row) ? 1 : 0), 0);
  const isUnsaved = (state) => state !== undefined && state.at > savedAt && (savedAt > 0 || state.decision !== "");
  const unsavedCount = () => rows.reduce((sum, row) => sum + (isUnsaved(states.get(row.id)) ? 1 : 0), 0);

  // The name as `decide` takes it: nothing in it that cannot be seen.
  const nameTyped = () => $("who").value.replace(/[\p{Z}\s]+/gu, " ").replace(/\p{C}+/gu, "").trim();

  function today() {
    const now = new Date(), two = (part) => String(part).padStart(2, "0");
    return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  }
  let last = 0;
  const moment = () => (last = Math.max(Date.now(), last + 1)); // no two states have the same

  function set(changes) {
    for (const [id, state] of changes) {
      const now = { ...state, at: moment() };
      mine.add(now.at);
      states.set(id, now);
      kept.put(id, now);
    }
  }
  function step(changes) {
    const before = changes.map(([id]) => [id, states.get(id) ?? { decision: "" }]);
    set(changes);
    done.push({ before, after: changes });
    undone.length = 0;
  }
  function decide(some, decision, why) {
    step(some.map((row) => [row.id, { decision, why, who: nameTyped(), when: today() }]));
    times.push(Date.now());
  }
  // Only what this window has decided is undone by it: where another window has decided since, that stays.
  const own = (changes) => changes.filter(([id]) => mine.has(states.get(id)?.at));
  function back() {
    const change = done.pop();
    if (!change) return null;
    set(own(change.before));
    undone.push(change);
    return change;
  }
  function again() {
    const change = undone.pop();
    if (!change) return null;
    set(own(change.after));
    done.push(change);
    return change;
  }

  // The pace: the middle one of the last twenty pauses between decisions; a pause for coffee is none.
  function minutesLeft(open) {
    const pauses = times.slice(-21).map((time, at, all) => time - all[at - 1]).slice(1).filter((pause) => pause < 300000);
    if (pauses.length < 4) return null;
    return Math.max(1, Math.round(pauses.sort((a, b) => a - b)[pauses.length >> 1] * open / 60000));
  }
