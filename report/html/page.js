// The page is complete without this: it adds the list of all findings with search,
// filters and order, links to findings, and the choice of theme. It builds nodes and
// sets texts, never markup: texts of a log are chosen by whoever made the call.
(function () {
  "use strict";
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  const all = (selector, within) => Array.from((within || document).querySelectorAll(selector));
  const number = (n) => n.toLocaleString("en");
  const make = (tag, text, name) => {
    const e = document.createElement(tag);
    if (text !== undefined) { e.textContent = text; }
    if (name) { e.className = name; }
    return e;
  };
  const add = (parent, ...children) => { parent.append(...children); return parent; };

  // Theme: what the system says, until the button is used.
  const theme = byId("theme");
  const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const nameTheme = () => { theme.textContent = isDark() ? "Light theme" : "Dark theme"; };
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("retrial-theme", root.dataset.theme); } catch (e) { /* only for this page, then */ }
    nameTheme();
  });
  nameTheme();
  theme.hidden = false;

  // Tables whose heads are buttons that sort.
  all("table.sortable").forEach((table) => {
    const heads = all("thead th", table);
    heads.forEach((head, column) => {
      const button = make("button", head.textContent);
      button.type = "button";
      head.replaceChildren(button);
      button.addEventListener("click", () => sortTable(table, heads, column));
    });
  });

  function sortTable(table, heads, column) {
    const isNumber = heads[column].classList.contains("num");
    const before = heads[column].getAttribute("aria-sort");
    const up = before ? before !== "ascending" : !isNumber;
    const value = (row) => {
      const text = row.cells[column].textContent;
      return isNumber ? Number(text.replace(/,/g, "")) : text;
    };
    const rows = Array.from(table.tBodies[0].rows, (row) => ({ row, v: value(row) }));
    rows.sort((a, b) => (a.v < b.v ? -1 : a.v > b.v ? 1 : 0) * (up ? 1 : -1));
    heads.forEach((head) => head.removeAttribute("aria-sort"));
    heads[column].setAttribute("aria-sort", up ? "ascending" : "descending");
    table.tBodies[0].append(...rows.map((r) => r.row));
  }

  function copy(text, button) {
    const told = (ok) => {
      const name = button.dataset.name || (button.dataset.name = button.textContent);
      button.textContent = ok ? "Copied" : "Copy failed";
      setTimeout(() => { button.textContent = name; }, 1500);
    };
    if (navigator.clipboard) {
      navigator.clipboard.writeText(text).then(() => told(true), () => told(copyOld(text)));
    } else {
      told(copyOld(text));
    }
  }

  function copyOld(text) {
    const area = make("textarea", text);
    (document.querySelector("dialog[open]") || document.body).append(area);
    area.select();
    const ok = document.execCommand("copy");
    area.remove();
    return ok;
  }

  const packed = byId("rows");
  const listed = packed && root.classList.contains("scripted");
  const articles = new Map(all("article.finding").map((a) => [Number(a.dataset.line) - 1, a]));

  // Without the list, links open the findings and rules that they lead to.
  function openTarget() {
    let id = location.hash.slice(1);
    try { id = decodeURIComponent(id); } catch (e) { return; }
    const target = id && byId(id);
    const details = target && (target.tagName === "ARTICLE" || target.tagName === "TR") && target.querySelector("details");
    if (details) {
      details.open = true;
      target.scrollIntoView({ behavior: "instant", block: "start" });
    }
  }

  // Print everything, then put back what was closed.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = all("details:not([open])");
    opened.forEach((d) => { d.open = true; });
  });
  addEventListener("afterprint", () => {
    opened.forEach((d) => { d.open = false; });
    opened = [];
  });

  const help = byId("help");
  byId("keys").addEventListener("click", () => help.showModal());

  if (!listed) {
    root.classList.remove("scripted");
    addEventListener("hashchange", openTarget);
    openTarget();
    return;
  }

  // The columns: of texts a code for each row, of numbers the numbers. They arrive in
  // parts, the gravest findings first.
  const total = Number(packed.dataset.rows);
  const names = packed.dataset.columns.split(" ");
  const texts = new Map(names.map((name) => [name, { dict: [], codes: new Uint32Array(total) }]));
  const numbers = { calls: new Float64Array(total), first_seen: new Float64Array(total).fill(NaN), last_seen: new Float64Array(total).fill(NaN) };
  const ids = new Array(total);
  const rowOf = new Map(); // by id
  let have = 0; // rows that have arrived

  const textOf = (name, row) => { const t = texts.get(name); return t.dict[t.codes[row]]; };

  function unpack(buffer) {
    const bytes = new Uint8Array(buffer);
    const head = new DataView(buffer);
    const end = 12 + head.getUint32(0, true), rows = head.getUint32(4, true), width = head.getUint32(8, true);
    const fresh = new TextDecoder().decode(bytes.subarray(12, end)).split("\x1e");
    let at = end, next = width ? 0 : rows;
    const varint = () => {
      let n = 0, scale = 1, b;
      do {
        b = bytes[at++];
        n += (b & 127) * scale;
        scale *= 128;
      } while (b > 127);
      return n;
    };
    for (const t of texts.values()) {
      for (let i = 0; i < rows; i++) {
        const code = varint();
        t.codes[have + i] = code ? code - 1 : t.dict.push(fresh[next++]) - 1;
      }
    }
    for (let i = 0; i < rows; i++) { numbers.calls[have + i] = varint(); }
    const signed = (n) => n % 2 ? -(n + 1) / 2 : n / 2;
    let before = unpack.last || 0;
    for (let i = 0; i < rows; i++) {
      const n = varint();
      if (n) { before = numbers.first_seen[have + i] = before + signed(n - 1); }
    }
    // The last time counts from the first one of its row, or of the last row with one.
    let since = unpack.last || 0;
    for (let i = 0; i < rows; i++) {
      const n = varint(), first = numbers.first_seen[have + i];
      if (!Number.isNaN(first)) { since = first; }
      if (n) { numbers.last_seen[have + i] = since + signed(n - 1); }
    }
    unpack.last = before;
    for (let i = 0; i < rows; i++) {
      let id = fresh[i];
      if (width) {
        id = "";
        for (let k = 0; k < width; k++) { id += (bytes[at] < 16 ? "0" : "") + bytes[at++].toString(16); }
      }
      ids[have + i] = id;
      if (!rowOf.has(id)) { rowOf.set(id, have + i); }
    }
    have += rows;
  }

  async function inflate(part) {
    const text = atob(part);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) { bytes[i] = text.charCodeAt(i); }
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  }

  // What a reader calls values.
  const words = {
    critical: "Critical", high: "High", medium: "Medium", low: "Low", info: "Info",
    denied: "Denied access", broad: "Broad grant", noncompliant: "Non-compliant", coverage: "Coverage",
    allow: "Allowed", implicit_deny: "Denied: nothing allows it", explicit_deny: "Denied explicitly", indeterminate: "Cannot be told",
    certain: "Certain", possible: "Possible", open: "Open", muted: "Muted", new: "New", unchanged: "Unchanged",
  };
  const outcomes = { succeeded: "Succeeded", denied: "Refused by access control", failed: "Failed for another reason", unknown: "Not recorded" };
  const severities = ["critical", "high", "medium", "low", "info"];
  const classOf = (severity) => severities.includes(severity) ? severity : "other";
  const decisionClass = { allow: "allow", indeterminate: "open", implicit_deny: "deny", explicit_deny: "deny" };
  const say = (value, none) => value === "" ? none : words[value] || value;
  const shortName = (s) => {
    const parts = s.split(":");
    return parts.length > 4 && parts[0] === "acs" ? parts.slice(4).join(":") || s : s;
  };
  const day = (t) => Number.isNaN(t) ? "" : new Date(t * 1000).toISOString().slice(0, 10);
  const stamp = (t) => Number.isNaN(t) ? "not recorded" : new Date(t * 1000).toISOString().slice(0, 19).replace("T", " ");
  const iso = (t) => Number.isNaN(t) ? "" : new Date(t * 1000).toISOString().slice(0, 19) + "Z";
  const service = (action) => action.split(":")[0];

  // Filters. Each has the column that it looks at and the values that a text of the
  // column stands for.
  const facets = {
    severity: { column: "severity", many: true },
    kind: { column: "kind" },
    rule: { column: "rule" },
    principal: { column: "principal", typed: true },
    service: { column: "action", values: (s) => [service(s)] },
    account: { column: "account" },
    region: { column: "regions", values: (s) => s.split("; ") },
    decision: { column: "decision", none: "Not asked (sign-in and the like)" },
    status: { column: "status" },
    certainty: { column: "certainty" },
  };
  const state = { q: "", sort: "severity", down: false, open: -1 };
  Object.keys(facets).forEach((name) => { state[name] = ""; });
  const NONE = "none"; // stands for an empty value in links
  let shown = new Uint32Array(0); // rows that pass, in order
  let cursor = 0; // place in shown

  // Muted findings have a status of their own here.
  const statusOf = (row) => textOf("muted", row) ? "muted" : textOf("status", row);

  function matcher(text) { // of a typed filter: a part of a name, or a pattern
    const s = text.toLowerCase();
    if (!s.includes("*")) { return (v) => v.toLowerCase().includes(s); }
    const parts = s.split("*");
    return (v) => { // each part behind the one before; no regular expression of what somebody typed
      v = v.toLowerCase();
      if (!v.startsWith(parts[0])) { return false; }
      let at = parts[0].length;
      for (const part of parts.slice(1, -1)) {
        const i = v.indexOf(part, at);
        if (i < 0) { return false; }
        at = i + part.length;
      }
      const last = parts[parts.length - 1];
      return v.length - last.length >= at && v.endsWith(last);
    };
  }

  // passes returns, for each text of a column, whether a filter lets it pass.
  function passing(facet, wanted) {
    const dict = texts.get(facet.column).dict;
    const set = new Uint8Array(dict.length);
    const values = facet.values || ((s) => [s]);
    const accepts = facet.typed ? matcher(wanted) : (v) => wanted.split(",").includes(v === "" ? NONE : v);
    dict.forEach((s, i) => { set[i] = values(s).some(accepts) ? 1 : 0; });
    return set;
  }

  const lower = new Map(); // the texts of the columns, in lower case, once somebody searches
  function lowerOf(name) {
    const dict = texts.get(name).dict;
    const known = lower.get(name) || [];
    for (let i = known.length; i < dict.length; i++) { known.push(dict[i].toLowerCase()); }
    lower.set(name, known);
    return known;
  }

  function search(word, alive) {
    const found = new Uint8Array(have);
    for (const [name, t] of texts) {
      if (name === "remediation" || name === "compliance") { continue; } // those of the rule
      const hits = lowerOf(name).map((s) => s.includes(word) ? 1 : 0);
      if (!hits.includes(1)) { continue; }
      for (let row = 0; row < have; row++) { found[row] |= hits[t.codes[row]]; }
    }
    for (let row = 0; row < have; row++) {
      if (alive[row] && !found[row] && !ids[row].startsWith(word)) { alive[row] = 0; }
    }
  }

  function select() {
    const alive = new Uint8Array(have).fill(1);
    for (const [name, facet] of Object.entries(facets)) {
      if (!state[name]) { continue; }
      if (name === "status") {
        for (let row = 0; row < have; row++) { alive[row] &= statusOf(row) === state.status ? 1 : 0; }
        continue;
      }
      const set = passing(facet, state[name]), codes = texts.get(facet.column).codes;
      for (let row = 0; row < have; row++) { alive[row] &= set[codes[row]]; }
    }
    state.q.toLowerCase().split(/\s+/).filter(Boolean).forEach((word) => search(word, alive));
    let n = 0;
    const rows = new Uint32Array(have);
    for (let row = 0; row < have; row++) { if (alive[row]) { rows[n++] = row; } }
    return arrange(rows.subarray(0, n));
  }

  function arrange(rows) {
    const sign = state.down ? -1 : 1;
    if (state.sort === "severity") { // the order of the report
      return state.down ? rows.reverse() : rows;
    }
    if (numbers[state.sort]) {
      const v = numbers[state.sort];
      const value = (row) => Number.isNaN(v[row]) ? -Infinity : v[row];
      return rows.sort((a, b) => { const d = value(a) - value(b); return d ? sign * d : a - b; });
    }
    const { dict, codes } = texts.get(state.sort);
    const rank = new Uint32Array(dict.length);
    Array.from(dict.keys()).sort((a, b) => dict[a] < dict[b] ? -1 : dict[a] > dict[b] ? 1 : 0).forEach((code, i) => { rank[code] = i; });
    return rows.sort((a, b) => sign * (rank[codes[a]] - rank[codes[b]]) || a - b);
  }

  // The list draws the rows that can be seen.
  const list = byId("list"), view = byId("view"), sizer = byId("sizer");
  const overscan = 6;
  let rowHeight = 0;

  function cell(name, ...children) {
    const e = make("div", undefined, name);
    e.setAttribute("role", "gridcell");
    return add(e, ...children);
  }

  function draw(place) {
    const row = shown[place];
    const e = make("div", undefined, "row");
    e.setAttribute("role", "row");
    e.id = "place-" + place;
    e.setAttribute("aria-rowindex", place + 2);
    e.setAttribute("aria-selected", place === cursor);
    e.style.top = place * rowHeight + "px";
    const severity = textOf("severity", row);
    const link = make("a", textOf("title", row));
    link.href = "#f-" + encodeURIComponent(ids[row]);
    link.tabIndex = -1;
    const rule = make("small", textOf("rule", row));
    const tags = [];
    if (textOf("certainty", row) === "possible") { tags.push(make("span", "possible", "tag")); }
    const status = statusOf(row);
    if (status !== "open") { tags.push(make("span", say(status, "").toLowerCase(), "tag")); }
    const principal = textOf("principal", row), resource = textOf("resource", row);
    const who = make("code", shortName(principal)), on = make("code", shortName(resource));
    who.title = principal;
    on.title = resource;
    add(e,
      cell("by", make("span", say(severity, "–"), "sev " + classOf(severity))),
      cell("what", link, add(rule, ...tags)),
      cell("who", who, make("small", textOf("account", row))),
      cell("on", make("code", textOf("action", row)), on),
      cell("num", make("b", number(numbers.calls[row])), make("small", numbers.calls[row] === 1 ? "call" : "calls")),
      cell("seen", make("span", day(numbers.last_seen[row]) || "no time"), decisionOf(row)));
    return e;
  }

  function decisionOf(row) {
    const decision = textOf("decision", row);
    return make("small", { "": "not asked", allow: "allowed", indeterminate: "cannot be told" }[decision] || "denied", decisionClass[decision] || "");
  }

  function paint() {
    if (!rowHeight && shown.length) { measure(); }
    const from = Math.max(0, Math.floor(view.scrollTop / rowHeight) - overscan);
    const to = Math.min(shown.length, Math.ceil((view.scrollTop + view.clientHeight) / rowHeight) + overscan);
    const rows = [];
    for (let place = from; place < to; place++) { rows.push(draw(place)); }
    sizer.replaceChildren(...rows);
    if (byId("place-" + cursor)) {
      list.setAttribute("aria-activedescendant", "place-" + cursor);
    } else {
      list.removeAttribute("aria-activedescendant");
    }
  }

  // measure asks the style sheet how high a row is: it depends on the width of the page
  // and on the size of the type.
  function measure() {
    const probe = draw(0);
    sizer.append(probe);
    rowHeight = probe.getBoundingClientRect().height || 60;
    sizer.style.height = shown.length * rowHeight + "px";
    probe.remove();
  }

  let drawing = 0;
  const repaint = () => { cancelAnimationFrame(drawing); drawing = requestAnimationFrame(paint); };
  view.addEventListener("scroll", repaint, { passive: true });
  addEventListener("resize", () => { rowHeight = 0; repaint(); });

  function refresh() {
    shown = select();
    cursor = Math.min(cursor, Math.max(0, shown.length - 1));
    list.setAttribute("aria-rowcount", shown.length + 1);
    measureAgain();
    tell();
    paint();
  }

  function measureAgain() {
    if (shown.length) { measure(); } else { sizer.style.height = "0"; }
  }

  function tell() {
    const of = have < total ? number(have) + " unpacked of " + number(total) : number(total);
    byId("shown").textContent = shown.length === have && have === total ? "All " + of + " findings of the list" :
      shown.length ? number(shown.length) + " of " + of + " findings" : "No finding of " + of + " matches; reset the filters to see them";
    const active = Object.keys(facets).filter((name) => name !== "severity" && state[name]).length;
    byId("more").firstElementChild.textContent = active ? "Filters (" + active + " set)" : "Filters";
    all("[role=columnheader]", list).forEach((head) => {
      const by = head.dataset.by;
      head.setAttribute("aria-sort", by !== state.sort ? "none" : (by === "severity") !== state.down ? "descending" : "ascending");
    });
  }

  // Controls.
  const control = (name) => byId("by-" + name);

  function fill(name) { // the values of a filter, with how many findings have them
    const facet = facets[name];
    const { dict, codes } = texts.get(facet.column);
    const byCode = new Uint32Array(dict.length);
    const counts = new Map();
    const count = (v, n) => counts.set(v, (counts.get(v) || 0) + n);
    if (name === "status") {
      for (let row = 0; row < have; row++) { count(statusOf(row), 1); }
    } else {
      for (let row = 0; row < have; row++) { byCode[codes[row]]++; }
      dict.forEach((s, i) => { (facet.values ? facet.values(s) : [s]).forEach((v) => count(v, byCode[i])); });
    }
    let values = Array.from(counts.keys());
    const place = (v) => severities.indexOf(v) < 0 ? severities.length : severities.indexOf(v);
    values.sort((a, b) => name === "severity" ? place(a) - place(b) : facet.typed ? counts.get(b) - counts.get(a) : a < b ? -1 : 1);
    values = values.slice(0, facet.typed ? 300 : 2000);
    const label = (v) => say(v, facet.none || "None") + " (" + number(counts.get(v)) + ")";
    if (facet.many) {
      control(name).replaceChildren(...values.map((v) => {
        const chip = add(make("button"), make("span", say(v, "–"), "sev " + classOf(v)), make("span", number(counts.get(v)), "n"));
        chip.type = "button";
        chip.dataset.value = v;
        chip.addEventListener("click", () => {
          const set = new Set(state[name] ? state[name].split(",") : []);
          if (!set.delete(v)) { set.add(v); }
          state[name] = Array.from(set).join(",");
          changed();
        });
        return chip;
      }));
    } else if (facet.typed) {
      byId("principals").replaceChildren(...values.map((v) => { const o = make("option"); o.value = v; return o; }));
    } else {
      control(name).replaceChildren(...[["", "All"]].concat(values.map((v) => [v === "" ? NONE : v, label(v)])).map(([value, text]) => {
        const option = make("option", text);
        option.value = value;
        return option;
      }));
    }
  }

  function show() { // puts the state into the controls
    if (byId("q").value !== state.q) { byId("q").value = state.q; }
    for (const [name, facet] of Object.entries(facets)) {
      if (facet.many) {
        const set = state[name].split(",");
        Array.from(control(name).children).forEach((chip) => chip.setAttribute("aria-pressed", set.includes(chip.dataset.value)));
      } else if (control(name).value !== state[name]) {
        control(name).value = state[name];
      }
    }
  }

  // Links: "#f-ID" opens a finding, "#severity=high&q=vnc&sort=-calls" filters and sorts,
  // and both go together: "#f-ID&severity=high". Other links lead to sections.
  function link() {
    const parts = [];
    if (state.open >= 0) { parts.push("f-" + encodeURIComponent(ids[state.open])); }
    for (const name of ["q", ...Object.keys(facets)]) {
      if (state[name]) { parts.push(name + "=" + encodeURIComponent(state[name])); }
    }
    if (state.sort !== "severity" || state.down) { parts.push("sort=" + (state.down ? "-" : "") + state.sort); }
    return parts.join("&");
  }

  function remember() {
    const hash = link();
    try {
      history.replaceState(null, "", hash ? "#" + hash : location.pathname + location.search);
    } catch (e) {
      location.hash = hash;
    }
  }

  function changed() {
    view.scrollTop = 0;
    cursor = 0;
    show();
    refresh();
    remember();
  }

  function follow() { // does what the link says; reports whether it is about the list
    const parts = location.hash.slice(1).split("&").filter(Boolean);
    const group = /^sev-([a-z]+)$/.exec(parts[0] || "");
    if (group) { parts[0] = "severity=" + group[1]; }
    const about = parts.length > 0 && (parts[0].startsWith("f-") || parts[0].includes("="));
    if (!about) { return false; }
    const next = { q: "", sort: "severity", down: false };
    Object.keys(facets).forEach((name) => { next[name] = ""; });
    let id = "";
    for (const part of parts) {
      const i = part.indexOf("=");
      let value = part.slice(i + 1);
      try { value = decodeURIComponent(value); } catch (e) { /* as it stands */ }
      const name = part.slice(0, Math.max(0, i));
      if (i < 0 && part.startsWith("f-")) {
        id = value.slice(2);
      } else if (name === "sort") {
        const by = value.replace(/^-/, "");
        if (numbers[by] || texts.has(by)) { next.sort = by; next.down = value.startsWith("-"); }
      } else if (Object.hasOwn(next, name)) {
        next[name] = value;
      }
    }
    // A link to a finding alone keeps the filters.
    if (parts.length > 1 || !id) { Object.assign(state, next); }
    show();
    refresh();
    if (!id) {
      byId("findings").scrollIntoView({ behavior: "instant", block: "start" });
      return true;
    }
    const row = rowOf.has(id) ? rowOf.get(id) : Array.from(articles.keys()).find((r) => articles.get(r).id === "f-" + id);
    if (row !== undefined) {
      read(row);
    } else if (have === total) {
      byId("shown").textContent = "Finding " + id + " is not in the list of this page; look in findings.csv";
      byId("findings").scrollIntoView({ behavior: "instant", block: "start" });
    }
    return true;
  }

  // The reader shows one finding.
  const reader = byId("reader");

  function read(row) {
    state.open = row;
    const place = shown.indexOf(row);
    if (place >= 0) { moveTo(place); }
    const severity = textOf("severity", row);
    const tags = [];
    if (textOf("certainty", row) === "possible") { tags.push(make("span", "possible", "tag")); }
    if (statusOf(row) !== "open") { tags.push(make("span", statusOf(row), "tag")); }
    byId("reader-h").replaceChildren(make("span", say(severity, "–"), "sev " + classOf(severity)), " ", textOf("title", row), ...tags);
    const article = articles.get(row);
    byId("reader-body").replaceChildren(article ? article.querySelector(".body").cloneNode(true) : facts(row));
    byId("place").textContent = place < 0 ? "not among those filtered" : number(place + 1) + " of " + number(shown.length);
    byId("previous").disabled = place <= 0;
    byId("next").disabled = place < 0 || place + 1 >= shown.length;
    if (!reader.open) { reader.showModal(); }
    byId("reading").scrollTop = 0;
    remember();
  }

  // facts builds what the list knows of a finding whose details are not in the page.
  function facts(row) {
    const body = make("div", undefined, "body");
    const get = (name) => textOf(name, row);
    const code = (text) => make("code", text);
    const once = numbers.calls[row] === 1;
    const first = numbers.first_seen[row], last = numbers.last_seen[row];
    const sentence = add(make("p", undefined, "say"), code(get("principal")));
    if (numbers.calls[row] > 0) {
      add(sentence, " called ", code(get("action")));
      add(sentence, ...(get("resource") && get("resource") !== "*" ? [" on ", code(get("resource"))] : [", on no particular resource,"]));
      add(sentence, once ? " once" : " " + number(numbers.calls[row]) + " times", Number.isNaN(first) ? "" : once ? ", on " + stamp(first) + " UTC" : ", from " + day(first) + " to " + day(last), ".");
    } else {
      add(sentence, " made no call that this finding counts.");
    }
    add(body, sentence);
    if (get("detail")) { add(body, make("p", get("detail"))); }
    if (get("muted")) { add(body, add(make("p", undefined, "note"), make("strong", "Muted:"), " " + get("muted"))); }
    const dl = make("dl", undefined, "facts");
    const fact = (name, ...values) => add(dl, add(make("div"), make("dt", name), add(make("dd"), ...values)));
    fact("Who", code(get("principal")), " ", make("small", get("principal_type")));
    fact("What", code(get("action")), ...(get("resource") ? [" on ", code(get("resource"))] : []));
    fact("When", stamp(first) + (Number.isNaN(first) || first === last ? "" : " – " + stamp(last)));
    fact("Where", get("cloud") + " account ", code(get("account")), get("regions") ? ", " + get("regions") : "");
    if (get("source_ips")) { fact("From", code(get("source_ips"))); }
    fact("Recorded", get("recorded").split("; ").map((o) => outcomes[o] || o).join("; "));
    fact("Today", make("span", say(get("decision"), "–"), decisionClass[get("decision")] || ""));
    if (get("policy")) {
      fact("Decided by", code(get("policy")), get("statement") === "" ? "" : ", ", get("statement") === "" ? "" : code("Statement[" + get("statement") + "]"), " in " + get("layer").replace(/_/g, " "));
    }
    if (get("missing_keys")) { fact("Missing facts", code(get("missing_keys"))); }
    fact("Rule", code(get("rule")), ", " + say(get("kind"), "") + "; " + say(get("certainty"), ""));
    if (get("compliance")) { fact("Standards", get("compliance")); }
    fact("Finding", code(ids[row]), ", line " + number(row + 1) + " of ", code("findings.jsonl"));
    add(body, dl);
    if (get("remediation")) { add(body, make("h5", "What to do"), make("p", get("remediation"), "lines")); }
    const note = make("p", undefined, "note");
    add(note, "The decision trace, the statements in their documents and the samples of this finding are in line " + number(row + 1) + " of ", code("findings.jsonl"), ", its calls in ", code("calls.csv"), " under ", code(ids[row]), ". The page has room for those of the gravest findings.");
    return add(body, note);
  }

  function step(by) {
    const place = shown.indexOf(state.open) + by;
    if (shown.indexOf(state.open) >= 0 && place >= 0 && place < shown.length) { read(shown[place]); }
  }

  reader.addEventListener("close", () => {
    state.open = -1;
    remember();
    list.focus({ preventScroll: true });
  });
  [reader, help].forEach((dialog) => dialog.addEventListener("click", (event) => {
    if (event.target === dialog) { dialog.close(); } // beside it
  }));
  reader.addEventListener("click", (event) => { // links to rules leave the reader
    const target = event.target.closest("a[href^='#rule-']");
    if (target) {
      event.preventDefault();
      reader.close();
      location.hash = target.getAttribute("href");
    }
  });
  byId("previous").addEventListener("click", () => step(-1));
  byId("next").addEventListener("click", () => step(1));
  byId("close").addEventListener("click", () => reader.close());
  byId("print").addEventListener("click", () => print());
  byId("copy-link").addEventListener("click", (event) => copy(location.href.split("#")[0] + "#f-" + encodeURIComponent(ids[state.open]), event.currentTarget));
  byId("copy-mute").addEventListener("click", (event) => copy(mute(state.open), event.currentTarget));

  // mute returns the entry that would mute a finding. What the page cut, or replaced
  // since it cannot be seen, is a star.
  function mute(row) {
    const glob = (name) => JSON.stringify(textOf(name, row).replace(/…$|⟨[^⟩]*⟩|[\u2400-\u241f]/g, "*"));
    const lines = ["- rule: " + glob("rule")];
    ["principal", "action", "resource", "account"].forEach((name) => {
      if (textOf(name, row)) { lines.push("  " + name + ": " + glob(name)); }
    });
    const until = new Date(Date.now() + 90 * 864e5).toISOString().slice(0, 10);
    return lines.concat('  reason: ""  # why this is accepted', '  owner: ""  # who answers for it', "  expires: " + until, "").join("\n");
  }

  // The filtered rows as CSV, with the columns of findings.csv that the list has.
  function csv() {
    const columns = ["finding_id", "rule", "kind", "severity", "title", "cloud", "account", "principal_type", "principal", "action", "resource",
      "decision", "recorded", "layer", "policy", "statement", "missing_keys", "detail", "calls", "first_seen", "last_seen", "regions",
      "source_ips", "status", "muted", "remediation", "compliance", "certainty"];
    const inert = (s) => {
      if (/^[=+\-@\t\r\n＝＋－＠]/.test(s)) { s = "'" + s; } // a spreadsheet would take it for a formula
      return /[",\r\n]|^\s/.test(s) ? '"' + s.replace(/"/g, '""') + '"' : s;
    };
    const value = (name, row) => name === "finding_id" ? inert(ids[row]) : name === "calls" ? String(numbers.calls[row]) :
      numbers[name] ? iso(numbers[name][row]) : inert(textOf(name, row));
    const chunks = [columns.join(",") + "\r\n"];
    for (const row of shown) { chunks.push(columns.map((name) => value(name, row)).join(",") + "\r\n"); }
    return new Blob(chunks, { type: "text/csv" });
  }

  byId("download").addEventListener("click", () => {
    const a = make("a");
    a.href = URL.createObjectURL(csv());
    a.download = "findings-filtered.csv";
    a.click();
    setTimeout(() => URL.revokeObjectURL(a.href), 10000);
  });

  function moveTo(place) {
    cursor = Math.max(0, Math.min(shown.length - 1, place));
    const top = cursor * rowHeight;
    if (top < view.scrollTop) {
      view.scrollTop = top;
    } else if (top + rowHeight > view.scrollTop + view.clientHeight) {
      view.scrollTop = top + rowHeight - view.clientHeight;
    }
    paint();
  }

  view.addEventListener("click", (event) => {
    const row = event.target.closest(".row");
    if (!row || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    event.preventDefault();
    read(shown[Number(row.id.slice("place-".length))]);
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) { return; }
    const typing = event.target.matches("input, select, textarea");
    if (typing) {
      if (event.key === "Escape" && event.target.id === "q") {
        if (state.q) { state.q = ""; changed(); } else { event.target.blur(); }
        event.preventDefault();
      } else if ((event.key === "Enter" || event.key === "ArrowDown") && event.target.id === "q") {
        event.preventDefault();
        list.focus();
      }
      return;
    }
    if (help.open) { return; }
    const inList = document.activeElement === list;
    const page = Math.max(1, Math.floor(view.clientHeight / rowHeight) - 1);
    const moves = { j: 1, k: -1 };
    if (inList) { Object.assign(moves, { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }); }
    if (event.key === "?") {
      help.showModal();
    } else if (reader.open) {
      if (event.key !== "j" && event.key !== "k") { return; }
      step(moves[event.key]);
    } else if (event.key === "/") {
      byId("q").focus();
      byId("q").select();
    } else if (event.key in moves && shown.length) {
      if (!inList) { list.focus({ preventScroll: true }); list.scrollIntoView({ behavior: "instant", block: "nearest" }); }
      moveTo(inList ? cursor + moves[event.key] : cursor);
    } else if (event.key === "Enter" && inList && shown.length) {
      read(shown[cursor]);
    } else {
      return;
    }
    event.preventDefault();
  });

  all("[role=columnheader]", list).forEach((head) => head.firstElementChild.addEventListener("click", () => {
    const by = head.dataset.by;
    state.down = state.sort === by ? !state.down : by === "calls" || by === "last_seen";
    state.sort = by;
    changed();
  }));
  let timer = 0;
  const soon = (f) => { clearTimeout(timer); timer = setTimeout(f, 60); };
  byId("q").addEventListener("input", (event) => soon(() => { state.q = event.target.value.trim(); changed(); }));
  for (const [name, facet] of Object.entries(facets)) {
    if (facet.typed) {
      control(name).addEventListener("input", (event) => soon(() => { state[name] = event.target.value.trim(); changed(); }));
    } else if (!facet.many) {
      control(name).addEventListener("change", (event) => { state[name] = event.target.value; changed(); });
    }
  }
  byId("clear").addEventListener("click", () => {
    Object.keys(facets).forEach((name) => { state[name] = ""; });
    Object.assign(state, { q: "", sort: "severity", down: false });
    changed();
  });
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("more").open = matchMedia("(min-width: 40rem)").matches;

  // Paper: what is read, else the details of what the filters let pass.
  addEventListener("beforeprint", () => {
    root.classList.toggle("reading", reader.open);
    const passed = new Set(shown);
    articles.forEach((article, row) => { article.hidden = !passed.has(row); });
  });
  addEventListener("afterprint", () => {
    root.classList.remove("reading");
    articles.forEach((article) => { article.hidden = false; });
  });

  addEventListener("hashchange", () => {
    if (!follow()) {
      if (reader.open) { reader.close(); }
      openTarget();
    }
  });

  // fallback shows the findings as without a script.
  function fallback() {
    root.classList.remove("scripted");
    openTarget();
  }

  async function start() {
    let begun = false;
    for (const part of packed.textContent.split("\n").filter(Boolean)) {
      unpack(await inflate(part));
      if (have === total) { break; }
      if (begun) { continue; }
      begun = true; // the first part is shown while the others are unpacked
      refresh();
      performance.mark("retrial-first");
    }
    packed.remove();
    Object.keys(facets).forEach(fill);
    show();
    refresh();
    if (!follow()) { openTarget(); }
    performance.mark("retrial-ready");
  }

  start().catch((err) => {
    fallback();
    throw err;
  });
})();
