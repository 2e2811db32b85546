/* A template goes where the cursor stands. Without this file the button fetches the form with the text put at its end. */
(function () {
  "use strict";
  var touched = new WeakSet();
  document.addEventListener("input", function (event) { touched.add(event.target); });
  document.addEventListener("pointerup", function (event) { touched.add(event.target); });
  document.addEventListener("keyup", function (event) { if (event.key !== "Tab") touched.add(event.target); });

  document.addEventListener("click", function (event) {
    var button = event.target.closest && event.target.closest("[data-preset]");
    if (!button) return;
    var list = button.closest(".presets").querySelector("select"), chosen = list.selectedOptions[0];
    var field = document.getElementById(list.dataset.presetInto);
    if (!field || !chosen) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!chosen.dataset.text) return list.focus();
    var end = field.value.length, was = touched.has(field);
    field.setRangeText(chosen.dataset.text, was ? field.selectionStart : end, was ? field.selectionEnd : end, "end");
    touched.add(field);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }, true);
})();
