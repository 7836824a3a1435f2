// Before anything is drawn: the script will show the findings, and the theme that was
// chosen last.
(function () {
  "use strict";
  var root = document.documentElement;
  if (typeof DecompressionStream === "function") { root.classList.add("scripted"); }
  try {
    var theme = localStorage.getItem("retrial-theme");
    if (theme === "light" || theme === "dark") { root.dataset.theme = theme; }
  } catch (e) { /* no storage: the system's theme */ }
})();
