/* Comforts only: every page works without this file. No dependency, no eval, nothing inline. */
(function () {
  "use strict";
  var root = document.documentElement;
  var english = /^en/.test(root.lang);

  function each(selector, act, within) {
    Array.prototype.forEach.call((within || document).querySelectorAll(selector), act);
  }
  function on(type, selector, act) {
    addEventListener(type, function (event) {
      var found = event.target.closest && event.target.closest(selector);
      if (found) act(event, found);
    });
  }
  /* Storage may be forbidden or full; a comfort that can't be kept is dropped silently. */
  function keep(store, key, value) {
    try { if (value === null) window[store].removeItem(key); else window[store].setItem(key, value); } catch (_) { /* see above */ }
  }
  function recall(store, key) {
    try { return window[store].getItem(key); } catch (_) { return null; }
  }

  /* Clocks: counted by the server's time, since a desk's own clock may be wrong. */
  var skew = root.dataset.now ? Date.parse(root.dataset.now) - Date.now() : 0;
  var words = english ? [" d", " h", " min", " s"] : ["天", "小时", "分", "秒"];

  function spell(seconds) {
    var parts = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
    var first = parts.findIndex(function (part) { return part > 0; });
    if (first < 0) return "0" + words[3];
    return parts.slice(first, first + 2).map(function (part, place) {
      return part ? part + words[first + place] : "";
    }).filter(Boolean).join(" ");
  }
  function tickOne(clock) {
    var now = Date.now() + skew;
    var left = Date.parse(clock.dataset.due) - now;
    var value = clock.querySelector("[data-countdown]");
    if (value) value.textContent = spell(Math.abs(left) / 1000);
    var word = clock.querySelector("[data-word]");
    if (word) word.textContent = left < 0 ? word.dataset.over : word.dataset.left;
    if (left < 0 && !clock.classList.contains("tone-danger")) {
      clock.classList.remove("tone-info", "tone-warn");
      clock.classList.add("tone-danger");
    }
    var meter = clock.querySelector("progress");
    if (meter && clock.dataset.start) {
      var start = Date.parse(clock.dataset.start);
      meter.value = Math.min(1, Math.max(0, (now - start) / (now - start + left)));
    }
  }
  function tick() { each("[data-due]", tickOne); }
  tick();
  setInterval(function () { if (!document.hidden) tick(); }, 1000);

  /* Theme: follow the system, light, dark, in turn. */
  var themes = ["system", "light", "dark"];
  function showTheme() {
    var now = root.dataset.theme || "system";
    each("[data-theme-switch]", function (button) {
      button.hidden = false;
      var label = button.querySelector("[data-theme-label]");
      if (label) label.textContent = button.dataset[now];
    });
  }
  on("click", "[data-theme-switch]", function () {
    var next = themes[(themes.indexOf(root.dataset.theme || "system") + 1) % 3];
    if (next === "system") delete root.dataset.theme; else root.dataset.theme = next;
    keep("localStorage", "theme", next === "system" ? null : next);
    showTheme();
  });
  showTheme();

  /* A second click must not send a second act. Disabled a moment later, so that the button's own value is sent. */
  document.addEventListener("submit", function (event) {
    if (event.defaultPrevented || (event.target.getAttribute("method") || "").toLowerCase() !== "post") return;
    setTimeout(function () {
      each("button[type=submit], button:not([type])", function (button) {
        if (button.disabled) return;
        button.disabled = true;
        button.dataset.guarded = "";
        button.setAttribute("aria-busy", "true");
      }, event.target);
    }, 0);
  });
  window.addEventListener("pageshow", function () {
    each("[data-guarded]", function (button) {
      button.disabled = false;
      button.removeAttribute("aria-busy");
      delete button.dataset.guarded;
    });
    tick();
  });

  /* Drafts (data-draft="name"), for this tab only: a customer's number must not outlive it on a shared desk. A draft that was
     sent is dropped at the message of success; until then it keeps its key, so that sending it once more has one effect. */
  function draftKey(form) { return "draft:" + (root.dataset.user || "") + ":" + form.dataset.draft; }
  function draftKeys(which) {
    try { return Object.keys(sessionStorage).filter(function (key) { return key.indexOf("draft:") === 0 && which(key); }); }
    catch (_) { return []; }
  }
  function draftOf(key) { return JSON.parse(recall("sessionStorage", key) || "null"); }
  function dropDrafts(which) { draftKeys(which).forEach(function (key) { keep("sessionStorage", key, null); }); }
  function draftable(field) {
    return field.name && !/^(hidden|password|file|submit|button)$/.test(field.type) && !("draftSkip" in field.dataset);
  }
  function saveDraft(form, sent) {
    var values = {};
    Array.prototype.filter.call(form.elements, draftable).forEach(function (field) {
      if (field.type === "checkbox" || field.type === "radio") values[field.name + "=" + field.value] = field.checked;
      else if (field.value) values[field.name] = field.value;
    });
    var key = form.elements._key;
    keep("sessionStorage", draftKey(form), JSON.stringify({ values: values, sent: sent === true, key: key ? key.value : "" }));
  }
  function restoreDraft(form) {
    var draft = draftOf(draftKey(form));
    if (!draft) return;
    if ("draftNewer" in form.dataset || form.querySelector(".errorlist, [aria-invalid=true], .error-summary")) return saveDraft(form);
    Array.prototype.filter.call(form.elements, draftable).forEach(function (field) {
      var choice = field.name + "=" + field.value;
      if (choice in draft.values && /^(checkbox|radio)$/.test(field.type)) field.checked = draft.values[choice];
      else if (field.name in draft.values) field.value = draft.values[field.name];
    });
    if (draft.sent && draft.key && form.elements._key) form.elements._key.value = draft.key;
    each(draft.sent ? "[data-draft-unsure]" : "[data-draft-note]", function (note) { note.hidden = false; }, form);
  }
  function tellOffline(form) {
    saveDraft(form);
    each("[data-draft-offline]", function (note) { note.hidden = false; note.focus(); }, form);
  }
  /* The last typed word, too, when the page goes away. */
  function saveNow(form) {
    if (!form.draftWaiting || !root.dataset.user) return;
    clearTimeout(form.draftWaiting);
    form.draftWaiting = null;
    saveDraft(form);
  }
  function wireDraft(form) {
    if (form.draftWired) return;
    form.draftWired = true;
    restoreDraft(form);
    form.addEventListener("input", function () {
      clearTimeout(form.draftWaiting);
      form.draftWaiting = setTimeout(saveNow, 400, form);
    });
  }
  if (root.dataset.user) {
    var mine = "draft:" + root.dataset.user + ":";
    dropDrafts(function (key) { return key.indexOf(mine) !== 0; });
    if (document.querySelector(".messages .tone-ok")) dropDrafts(function (key) { return (draftOf(key) || {}).sent; });
  }
  each("form[data-draft]", wireDraft);
  document.addEventListener("htmx:load", function (event) {
    if (event.target.matches && event.target.matches("form[data-draft]")) wireDraft(event.target);
    each("form[data-draft]", wireDraft, event.target);
  });
  /* Before anybody else hears of it: without a line nothing is sent, and nothing typed is lost. */
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (!form.matches("form[data-draft]")) return;
    clearTimeout(form.draftWaiting);
    form.draftWaiting = null;
    if (navigator.onLine === false) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return tellOffline(form);
    }
    saveDraft(form, true);
  }, true);
  ["htmx:sendError", "htmx:timeout"].forEach(function (type) {
    document.addEventListener(type, function (event) {
      var form = event.target.closest && event.target.closest("form[data-draft]");
      if (form) tellOffline(form);
    });
  });
  window.addEventListener("online", function () {
    each("[data-draft-offline]", function (note) { note.hidden = true; });
  });
  addEventListener("pagehide", function () { each("form[data-draft]", saveNow); });
  on("click", "[data-draft-drop]", function (_, button) {
    var form = button.closest("form");
    form.reset();
    keep("sessionStorage", draftKey(form), null);
    each("[data-draft-note], [data-draft-unsure]", function (note) { note.hidden = true; }, form);
  });
  on("submit", "form[data-sign-out]", function () {
    root.dataset.user = "";
    try { sessionStorage.clear(); } catch (_) { /* none kept */ }
  });

  /* Dialogs, menus, messages, printing, demo accounts. */
  on("click", "[data-open]", function (event, button) {
    var dialog = document.getElementById(button.dataset.open);
    if (dialog && dialog.showModal) { event.preventDefault(); dialog.showModal(); }
  });
  on("click", "[data-close]", function (_, button) { button.closest("dialog").close(); });
  on("click", "[data-dismiss]", function (_, button) { button.closest("[data-dismissible]").remove(); });
  on("click", "[data-print]", function () { window.print(); });
  on("click", "[data-fill-username]", function (_, button) {
    document.getElementById("id_username").value = button.dataset.fillUsername;
    var password = document.getElementById("id_password");
    password.value = button.dataset.fillPassword || "";
    password.focus();
  });
  addEventListener("click", function (event) {
    each(".menu[open]", function (menu) { if (!menu.contains(event.target)) menu.open = false; });
  });
  addEventListener("keydown", function (event) {
    if (event.key === "Escape") each(".menu[open]", function (menu) { menu.open = false; menu.querySelector("summary").focus(); });
  });
  each(".stepper", function (list) {
    var current = list.querySelector("[aria-current]");
    if (current) list.scrollLeft = current.getBoundingClientRect().left - list.getBoundingClientRect().left - list.clientWidth / 3;
  });
  each("[data-js]", function (part) { part.hidden = false; });
  addEventListener("htmx:load", function (event) { each(".error-summary", function (one) { one.focus(); }, event.target); });
})();
