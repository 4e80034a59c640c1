  // Field by field: the record of a case, and what stands beside it.
  const bare = (text) => plain(text).replace(/stra(ss|ß)e\b|str\.(?=\s|$)/g, "str").replace(/^https?:\/\/(www\.)?|^www\./, "")
    .replace(/[^\p{L}\p{N}]+/gu, "");
  const digits = (text) => text.replace(/\D+/g, "").replace(/^0+/, "");

  function agree(kind, mine, theirs) {
    if (kind === "phone") {
      const [short, long] = [digits(mine), digits(theirs)].sort((a, b) => a.length - b.length);
      return short.length > 5 && long.endsWith(short);
    }
    return bare(mine) === bare(theirs);
  }
  const saidIn = (side, kind) => side.form === null ? ""
    : (forms[side.form].identity[kind] ?? []).map((at) => side.cells[at]).filter(Boolean).join(", ");

  function linesOf(mine, sides) {
    const all = [mine, ...sides], kinds = [...new Set(all.flatMap((side) => side.form === null ? [] : Object.keys(forms[side.form].identity)))];
    const lines = kinds.map((kind) => [kind, say(kind), all.map((side) => saidIn(side, kind))]);
    if (mine.form === null) return lines;
    const form = forms[mine.form], used = new Set(Object.values(form.identity).flat());
    form.labels.forEach((label, at) => {
      if (!used.has(at)) lines.push([form.keys.includes(at) ? "key" : "", label, all.map((side) => side.form === mine.form ? side.cells[at] ?? "" : "")]);
    });
    return lines;
  }
  function cell(kind, mine, theirs) {
    const made = element("td", "", theirs ? value(theirs) : "");
    if (!mine || !theirs || kind === "key") return made;
    const same = agree(kind, mine, theirs);
    made.className = same ? "same" : "differs";
    made.prepend(element("span", "sign", same ? "✓ " : "≠ "), element("span", "visually-hidden", say(same ? "agrees" : "differs") + ": "));
    made.firstChild.setAttribute("aria-hidden", "true");
    return made;
  }
  function headOfSide(side) {
    const kind = side.kind === "customer" ? say("candidate customer", { master: visible(forms[side.form].name) })
      : say(side.kind === "lead" ? "candidate lead" : "candidate");
    const head = element("th", "", element("span", "kind", kind), value(side.name || side.key, "name"));
    head.scope = "col";
    if (side.kind !== "customer") head.append(" ", key(side.key));
    if (side.decision) head.append(" ", badge(side.decision === "review" ? "review+" : side.decision, side.decision));
    return head;
  }
  const badge = (word, name) => element("span", "badge " + name.split(":")[0].replaceAll(" ", "-"), words[word] ? say(word) : wordOf(word));

  function comparison(row, mine, sides) {
    const table = element("table"), first = element("tr", "", element("td"));
    const own = element("th", "", element("span", "kind", say("this")), value(mine.name || say("nameless"), "name"), " ", key(row.key));
    own.scope = "col";
    first.append(own, ...sides.map(headOfSide));
    table.append(element("thead", "", first));
    const body = element("tbody");
    for (const [kind, label, [ours, ...others]] of linesOf(mine, sides)) {
      if (![ours, ...others].some(Boolean)) continue;
      const head = element("th", "", labelled(label));
      head.scope = "row";
      body.append(element("tr", "", head, element("td", "", ours ? value(ours) : ""), ...others.map((text) => cell(kind, ours, text))));
    }
    table.append(body);
    const scroll = element("div", "scroll", table);
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "group");
    scroll.setAttribute("aria-label", say("fields"));
    return scroll;
  }

  // What agrees, in plain words; the bits that it weighs are shown on request.
  function toggleBits() {
    const on = document.body.classList.toggle("with-bits");
    for (const button of document.querySelectorAll(".toggle")) button.setAttribute("aria-pressed", String(on));
  }
  function weighed(side) {
    const strength = (bits) => bits === null || bits < 0 ? "against" : bits >= 6 ? "strong" : "some";
    const list = element("ul", "weights", ...side.weights.map(([text, bits]) => {
      const how = strength(bits), shownBits = bits === null ? "" : (bits > 0 ? "+" : "−") + number.format(Math.abs(bits));
      return element("li", how, element("b", "", say(how)), " ", value(text), bits === null ? null
        : element("span", "bits", " " + say("bits", { bits: shownBits })));
    }));
    const title = element("h3", "", say("weighs", { name: "\u0000" }).split("\u0000")[0], value(side.name || side.key), say("weighs", { name: "\u0000" }).split("\u0000")[1]);
    const part = element("section", "", title);
    if (side.probability !== null) part.append(element("p", "quiet", say("likely", { chance: chance(side.probability) })));
    if (side.how) part.append(element("p", "", say("same number", { kind: words[side.how] ? say(side.how) : visible(side.how) })));
    if (side.weights.length) {
      const button = element("button", "toggle", say("in bits"), " ", element("kbd", "", "B"));
      button.type = "button";
      button.setAttribute("aria-pressed", String(document.body.classList.contains("with-bits")));
      button.addEventListener("click", toggleBits);
      part.append(list, button);
    }
    return side.weights.length || side.how ? part : null;
  }
  const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent", maximumFractionDigits: 1 });
  const chance = (share) => share >= 0.9995 ? "> " + percent.format(0.999) : percent.format(share);
