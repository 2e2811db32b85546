/* The search box: Ctrl-K (or ⌘K) from anywhere, "/" where nothing is being typed. Without this file a click opens it. */
(function () {
  "use strict";
  var box = document.querySelector("[data-search]");
  if (!box) return;
  box.addEventListener("toggle", function () {
    if (box.open) box.querySelector("[type=search]").focus();
  });
  document.addEventListener("keydown", function (event) {
    var chord = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
    var slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey;
    var typing = event.target.closest && event.target.closest("input, textarea, select, [contenteditable]");
    if (event.isComposing || document.querySelector("dialog[open]") || !(chord || (slash && !typing))) return;
    event.preventDefault();
    box.open = true;
    box.querySelector("[type=search]").focus();
  });
})();
