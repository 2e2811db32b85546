/* Keys of acts: single letters, never while somebody types, and not at all for those who have switched them off. A key
   leads to the form or its button; nothing is sent by it. Without this file links and forms do what they always do. */
(function () {
  "use strict";
  var root = document.documentElement;
  if (!("keys" in root.dataset)) return;
  var verbs = {
    d: ["dispatch"],
    h: ["hand_off", "name_handler"],
    a: ["accept", "judge_complete", "approve_answer", "answer"],
    r: ["reply", "record_satisfaction", "rule_on_return", "request_return"]
  };
  var fields = "input:not([type=hidden], [type=file], :disabled), select:not(:disabled), textarea:not(:disabled)";

  function isTyping(at) {
    return at.closest && at.closest("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=submit], [type=button])");
  }
  function first(selector, within) { return (within || document).querySelector(selector); }
  function all(selector, within) { return Array.prototype.slice.call(within.querySelectorAll(selector)); }
  function here() { return document.activeElement.closest("[data-line]") || document; }
  /* The forms of the verb for one complaint: those at the line one is at come first, then all others on the page. */
  function formsOf(verb) {
    var ending = 'form[action$="/' + verb + '/"]:not([action*="/bulk/"])';
    return all(ending, here()).concat(all(ending, document));
  }
  /* Whether the focus is in the form now; the bar at the foot of a narrow screen isn't drawn on a wide one. */
  function show(form) {
    for (var fold = form.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    var field = first("input[type=radio]:checked", form) || first(fields, form) || first("button[type=submit], button:not([type])", form);
    if (!field) return false;
    if (field.matches("select") && field.hidden) field = first("[role=combobox]", form) || field;
    field.focus({ preventScroll: true });
    if (document.activeElement !== field) return false;
    field.scrollIntoView({ block: "center" });
    return true;
  }
  function act(names) {
    return names.some(function (verb) {
      if (formsOf(verb).some(show)) return true;
      var link = first('main a[href$="/' + verb + '/"]');
      if (link) link.click();
      return Boolean(link);
    });
  }
  function follow(key) {
    var at = first('[data-key="' + key + '"]');
    if (!at) return false;
    if (at.matches("a")) at.click(); else at.focus();
    return true;
  }
  function call() {
    var intake = first('nav a[href$="/complaints/new/"]');
    if (intake) intake.click();
    return Boolean(intake);
  }
  function help() {
    var keys = document.getElementById("keys");
    if (keys) keys.showModal();
    return Boolean(keys);
  }
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    if (first("dialog[open]") || isTyping(event.target)) return;
    var key = event.key, done = false;
    if (Object.prototype.hasOwnProperty.call(verbs, key)) done = act(verbs[key]);
    else if (key === "n") done = follow("n");
    else if (key === "?") done = help();
    else if (key === "c") done = follow("c") || call();
    if (done) event.preventDefault();
  });
})();
