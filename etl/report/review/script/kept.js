  // What was decided is kept in the browser at once: in its storage, and where that is full in its database.
  const kept = (() => {
    let prefix = "", full = false, database = null, waiting = Promise.resolve();

    function openDatabase() {
      return new Promise((done, failed) => {
        const request = indexedDB.open("crm-cleanup", 1);
        request.onupgradeneeded = () => request.result.createObjectStore("decisions");
        request.onsuccess = () => done(request.result);
        request.onerror = () => failed(request.error);
      });
    }
    async function intoDatabase(id, text) {
      database ??= await openDatabase();
      await new Promise((done, failed) => {
        const change = database.transaction("decisions", "readwrite");
        change.objectStore("decisions").put(text, prefix + id);
        change.oncomplete = done;
        change.onerror = change.onabort = () => failed(change.error);
      });
    }
    async function fromDatabase() {
      database ??= await openDatabase();
      const range = IDBKeyRange.bound(prefix, prefix + "\uffff"), store = database.transaction("decisions").objectStore("decisions");
      const all = (request) => new Promise((done, failed) => { request.onsuccess = () => done(request.result); request.onerror = failed; });
      const [names, texts] = await Promise.all([all(store.getAllKeys(range)), all(store.getAll(range))]);
      return names.map((name, at) => [name, texts[at]]);
    }
    function fromStorage() {
      const found = [];
      for (let at = 0; at < localStorage.length; at++) {
        const name = localStorage.key(at);
        if (name.startsWith(prefix)) found.push([name, localStorage.getItem(name)]);
      }
      return found;
    }
    function put(id, state) {
      const text = JSON.stringify(state);
      try {
        localStorage.setItem(prefix + id, text);
        return;
      } catch { full = true; }
      warn("full");
      waiting = waiting.then(() => intoDatabase(id, text)).catch(() => warn("unkept"));
    }
    async function all() {
      const found = [];
      try { found.push(...fromStorage()); } catch { warn("unkept"); }
      try { found.push(...await fromDatabase()); } catch { /* a browser without one: told when it is needed */ }
      const states = new Map();
      for (const [name, text] of found) {
        try {
          const state = JSON.parse(text), id = name.slice(prefix.length);
          if (!(states.get(id)?.at > state.at)) states.set(id, state);
        } catch { /* not of this page */ }
      }
      return states;
    }
    const setting = (name, text) => {
      try {
        if (text === undefined) return localStorage.getItem("crm-cleanup " + name) ?? "";
        localStorage.setItem("crm-cleanup " + name, text);
      } catch { /* told where a decision is kept */ }
      return "";
    };
    return { start: (digest) => { prefix = `crm-cleanup ${digest} `; }, put, all, setting, isOwn: (name) => name?.startsWith(prefix),
      isFull: () => full };
  })();

  function warn(name) {
    const said = $("warning");
    if (said.dataset.name === "unkept") return;
    said.dataset.name = name;
    said.textContent = say(name);
    said.hidden = false;
  }
