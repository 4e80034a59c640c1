  // The cases: the list at once, a screen's part when it is shown.
  const $ = (id) => document.getElementById(id);
  const number = new Intl.NumberFormat(document.documentElement.lang);
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const PART = 100;
  let words = {}, rows = [], forms = [], plan = {};
  const opened = new Map();

  const say = (name, values = {}) => (words[name] ?? name).replace(/\{(\w+)\}/g, (_, place) => values[place] ?? "");
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}+/gu, "").toLowerCase().replace(/ß/g, "ss");

  // What cannot be seen, and what turns the direction of a line, is shown escaped, as in report.html.
  const visible = (text) => String(text).replace(/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu, (sign) => {
    const code = sign.codePointAt(0), named = { 9: "\\t", 10: "\\n", 13: "\\r" };
    return named[code] ?? (code < 256 ? "\\x" + code.toString(16).padStart(2, "0")
      : code < 65536 ? "\\u" + code.toString(16).padStart(4, "0") : "\\U" + code.toString(16).padStart(8, "0"));
  });

  function element(kind, name, ...inside) {
    const made = document.createElement(kind);
    if (name) made.className = name;
    made.append(...inside.filter((one) => one !== null && one !== undefined && one !== ""));
    return made;
  }
  const value = (text, name = "") => element("bdi", name, visible(text)); // a value has a direction of its own
  const key = (text) => element("code", "", value(text));

  async function unpacked(node) {
    const bytes = Uint8Array.from(atob(node.textContent), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return JSON.parse(await new Response(stream).text());
  }

  async function readPlan() {
    plan = await unpacked($("data"));
    ({ words, rows, forms } = plan);
    rows.forEach((row, at) => {
      row.at = at;
      row.id = JSON.stringify([row.key, row.other]);
      row.folded = plain([row.name, row.other_name, row.city, row.key, row.other, row.rule, row.owner].join(" "));
    });
  }

  function detailOf(at) {
    const part = Math.floor(at / PART);
    if (!opened.has(part)) opened.set(part, unpacked(document.querySelectorAll("script.part")[part]));
    return opened.get(part).then((details) => details[at % PART]);
  }

  const titleOf = (row) => row.name || say("nameless");
