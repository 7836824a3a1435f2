// The page is complete without this: it adds search, filters, sorting, opening
// by link and the choice of theme. It builds nodes and sets texts, never markup.
(function () {
  "use strict";
  var byId = function (id) { return document.getElementById(id); };
  var all = function (selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); };
  var make = function (tag, text) {
    var e = document.createElement(tag);
    e.textContent = text;
    return e;
  };

  // Theme: what the system says, until the button is used.
  var root = document.documentElement;
  var theme = byId("theme");
  var isDark = function () {
    return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  };
  var nameTheme = function () { theme.textContent = isDark() ? "Light theme" : "Dark theme"; };
  theme.addEventListener("click", function () {
    root.dataset.theme = isDark() ? "light" : "dark";
    nameTheme();
  });
  nameTheme();
  theme.hidden = false;

  // Links to findings and rules open what they lead to.
  function openTarget() {
    var id = location.hash.slice(1);
    try { id = decodeURIComponent(id); } catch (e) { return; }
    var target = id && byId(id);
    if (!target) { return; }
    if (target.hidden) { reset(); }
    var details = target.querySelector("details");
    if (details && (target.tagName === "ARTICLE" || target.tagName === "TR")) {
      details.open = true;
      target.scrollIntoView({ behavior: "instant", block: "start" });
    }
  }

  // Every finding gets a button to copy its link when it is first opened.
  document.addEventListener("toggle", function (event) {
    var self = event.target.open && event.target.querySelector("a.self");
    if (!self || self.nextSibling) { return; }
    var button = make("button", "Copy link");
    button.type = "button";
    button.addEventListener("click", function () { copy(self.href, button); });
    self.after(button);
  }, true);

  function copy(text, button) {
    var told = function (ok) { button.textContent = ok ? "Copied" : "Copy failed"; };
    if (navigator.clipboard) {
      navigator.clipboard.writeText(text).then(function () { told(true); }, function () { told(copyOld(text)); });
    } else {
      told(copyOld(text));
    }
  }

  function copyOld(text) {
    var area = make("textarea", text);
    document.body.append(area);
    area.select();
    var ok = document.execCommand("copy");
    area.remove();
    return ok;
  }

  // Search, filters and order.
  var filters = byId("filters");
  var items = all(".finding");
  var home = items.map(function (item) { return item.parentNode; });
  var groups = all(".group");
  var flat = document.createElement("div");
  var texts = null; // of the findings, in lower case, once somebody searches
  var choices = ["severity", "kind", "rule", "certainty"];

  function reset() {
    if (!filters) { return; }
    filters.reset();
    apply();
    arrange();
  }

  function fill(name) {
    var select = byId("by-" + name);
    var labels = { denied: "Denied access", broad: "Broad grant", noncompliant: "Non-compliant" };
    var counts = new Map();
    items.forEach(function (item) {
      var v = item.dataset[name];
      counts.set(v, (counts.get(v) || 0) + 1);
    });
    var values = Array.from(counts.keys());
    if (name === "rule") { values.sort(); }
    values.forEach(function (v) {
      var word = labels[v] || (name === "rule" ? v : v.charAt(0).toUpperCase() + v.slice(1));
      var option = make("option", word + " (" + counts.get(v).toLocaleString("en") + ")");
      option.value = v;
      select.append(option);
    });
    select.addEventListener("change", apply);
  }

  function apply() {
    var words = byId("q").value.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length && !texts) {
      texts = items.map(function (item) { return item.textContent.toLowerCase(); });
    }
    var wanted = choices.map(function (name) { return byId("by-" + name).value; });
    var shown = 0;
    items.forEach(function (item, i) {
      var ok = choices.every(function (name, c) { return !wanted[c] || item.dataset[name] === wanted[c]; }) &&
        words.every(function (word) { return texts[i].indexOf(word) >= 0; });
      item.hidden = !ok;
      if (ok) { shown++; }
    });
    var ordered = byId("order").value !== "";
    groups.forEach(function (group) { // one without findings in this page says how many there are
      group.hidden = ordered || shown < items.length && !group.querySelector(".finding:not([hidden])");
    });
    byId("shown").textContent = shown === items.length ?
      "All " + shown.toLocaleString("en") + " findings of this page" :
      shown.toLocaleString("en") + " of " + items.length.toLocaleString("en") + " findings of this page";
  }

  var orders = {
    calls: function (a, b) { return b.dataset.calls - a.dataset.calls; },
    last: function (a, b) { return a.dataset.last < b.dataset.last ? 1 : a.dataset.last > b.dataset.last ? -1 : 0; },
    who: function (a, b) { return a.dataset.who < b.dataset.who ? -1 : a.dataset.who > b.dataset.who ? 1 : 0; }
  };

  function arrange() {
    var order = orders[byId("order").value];
    if (order) {
      flat.append.apply(flat, items.slice().sort(order));
      filters.after(flat);
    } else {
      items.forEach(function (item, i) { home[i].append(item); });
      flat.remove();
    }
    groups.forEach(function (group) { group.hidden = !!order; });
    if (!order) { apply(); }
  }

  if (filters) {
    choices.forEach(fill);
    var timer = 0;
    byId("q").addEventListener("input", function () {
      clearTimeout(timer);
      timer = setTimeout(apply, 80);
    });
    byId("order").addEventListener("change", arrange);
    byId("clear").addEventListener("click", reset);
    filters.addEventListener("submit", function (event) { event.preventDefault(); });
    filters.hidden = false;
    flat.id = "flat";
    flat.className = items.length > 100 ? "list long" : "list";
    apply();
  }

  // Tables whose heads are buttons that sort.
  all("table.sortable").forEach(function (table) {
    var heads = all("thead th", table);
    heads.forEach(function (head, column) {
      var button = make("button", head.textContent);
      button.type = "button";
      head.textContent = "";
      head.append(button);
      button.addEventListener("click", function () { sortBy(table, heads, column); });
    });
  });

  function sortBy(table, heads, column) {
    var number = heads[column].classList.contains("num");
    var up = heads[column].getAttribute("aria-sort") ? heads[column].getAttribute("aria-sort") !== "ascending" : !number;
    var value = function (row) {
      var text = row.cells[column].textContent;
      return number ? Number(text.replace(/,/g, "")) : text;
    };
    var rows = Array.from(table.tBodies[0].rows).map(function (row) { return { row: row, v: value(row) }; });
    rows.sort(function (a, b) { return (a.v < b.v ? -1 : a.v > b.v ? 1 : 0) * (up ? 1 : -1); });
    heads.forEach(function (head) { head.removeAttribute("aria-sort"); });
    heads[column].setAttribute("aria-sort", up ? "ascending" : "descending");
    table.tBodies[0].append.apply(table.tBodies[0], rows.map(function (r) { return r.row; }));
  }

  // Print everything, then put back what was closed.
  var opened = [];
  addEventListener("beforeprint", function () {
    opened = all("details:not([open])");
    opened.forEach(function (d) { d.open = true; });
  });
  addEventListener("afterprint", function () {
    opened.forEach(function (d) { d.open = false; });
    opened = [];
  });

  addEventListener("hashchange", openTarget);
  openTarget();
})();
