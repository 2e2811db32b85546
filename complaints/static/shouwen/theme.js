/* Loaded before the first paint, so that a chosen theme doesn't flash. Everything else is in app.js. */
(function () {
  "use strict";
  try {
    var theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch (_) { /* storage forbidden: the system's theme stands */ }
})();
