/* Says now and then that this page shows a complaint and whether a form of it is being filled in, and shows who else is
   there. Nobody did anything by that, so it keeps no session alive. */
(function () {
  "use strict";
  if (!window.fetch) return;
  var EVERY = 15, TYPED = 20, SOON = 2;
  var typed = { verb: "", number: "", at: -Infinity }, part = null, beatAt = -Infinity, waiting = null;

  function now() { return performance.now() / 1000; }
  function squeezed(node) { return node.textContent.replace(/\s+/g, " ").trim(); }

  function beat() {
    clearTimeout(waiting);
    waiting = setTimeout(beat, EVERY * 1000);
    part = document.querySelector("[data-presence]");
    if (!part || document.hidden) return;
    var at = part, form = at.querySelector("form"), body = new FormData(form), ago = now() - typed.at;
    if (ago < TYPED && form.action.indexOf("/" + typed.number + "/") > 0) {
      body.append("verb", typed.verb);
      body.append("ago", Math.floor(ago));
    }
    beatAt = now();
    fetch(form.action, { method: "POST", body: body, headers: { "X-Poll": "1" }, redirect: "manual", cache: "no-store" })
      .then(function (answer) {
        if (answer.status === 404) clearTimeout(waiting);  // theirs no longer: asking on would look like probing
        return answer.ok ? answer.text() : null;
      })
      .then(function (said) { if (said !== null && at.isConnected) show(at.querySelector("[data-onlookers]"), said); })
      .catch(function () { /* no line: said again later */ });
  }

  /* What says the same is left alone: nothing flickers, and nobody is told twice. */
  function show(list, said) {
    var fresh = document.createElement("template");
    fresh.innerHTML = said;
    if (squeezed(fresh.content) !== squeezed(list)) list.replaceChildren(fresh.content);
  }

  /* A form's draft is named after its verb and its complaint. Whoever begins to type is told of at once. */
  document.addEventListener("input", function (event) {
    var form = event.target.closest("form[data-draft]"), names = form ? form.dataset.draft.split(":") : [];
    if (names.length !== 2 || !part) return;
    var begins = names[0] !== typed.verb || now() - typed.at > TYPED;
    typed = { verb: names[0], number: names[1], at: now() };
    if (!begins) return;
    clearTimeout(waiting);
    waiting = setTimeout(beat, Math.max(0, SOON - (now() - beatAt)) * 1000);
  }, true);
  document.addEventListener("visibilitychange", function () { if (!document.hidden && now() - beatAt > SOON) beat(); });
  document.addEventListener("htmx:afterSettle", function () {
    if (document.querySelector("[data-presence]") !== part) beat();
  });
  beat();
})();
