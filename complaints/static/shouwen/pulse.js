/* Asks by itself what is new, says it, and warns before the session ends. Such a question keeps no session alive. */
(function () {
  "use strict";
  var part = document.getElementById("pulse");
  if (!part || !window.fetch || !window.HTMLDialogElement) return;
  var dialog = part.querySelector("dialog"), news = part.querySelector("[data-news]"), form = part.querySelector("form");
  var user = document.documentElement.dataset.user, heading = document.title;
  var endsAt = 0, warn = 0, shown = "", typedAt = -Infinity, waiting = null, dismissed = false;

  function now() { return performance.now() / 1000; }
  function recall(key) { try { return localStorage.getItem(key); } catch (_) { return null; } }
  function keep(key, value) { try { localStorage.setItem(key, value); } catch (_) { /* then it is told once a page */ } }

  function send(address, options) {
    options.headers = { "X-Poll": "1" };
    options.redirect = "manual";
    options.cache = "no-store";
    return fetch(address, options).then(function (answer) {
      if (answer.type === "opaqueredirect" || answer.status === 403) { show("over"); return null; }
      return answer.ok ? answer.json() : null;
    });
  }
  function ask() {
    clearTimeout(waiting);
    var every = 30;
    send(part.dataset.ask, {}).then(function (told) {
      if (!told) return;
      every = told.every;
      count(told.unread, told.title);
      if (told.round) announce(told.round, told.sound);
      session(told);
    }).catch(function () { /* no line: asked again later */ }).then(function () { waiting = setTimeout(ask, every * 1000); });
  }

  /* The number at the bell, and in the title of the tab. */
  function count(unread, inTitle) {
    document.title = unread && inTitle ? "(" + unread + ") " + heading : heading;
    Array.prototype.forEach.call(document.querySelectorAll('a[href="' + part.dataset.inbox + '"]:has(svg)'), function (bell) {
      var badge = bell.querySelector(".count");
      if (!unread) { if (badge) badge.remove(); return; }
      if (!badge) {
        badge = bell.appendChild(document.createElement("span"));
        badge.className = "count count--hot";
        badge.append("", document.createElement("span"));
        badge.lastChild.className = "sr-only";
        badge.lastChild.textContent = " " + part.dataset.unread;
      }
      badge.firstChild.textContent = unread;
    });
  }

  /* A round is told once, in whichever tab hears of it first. */
  function announce(round, sound) {
    var key = "round:" + user;
    if (round.id <= Number(recall(key) || 0) || round.id === announce.last) return;
    announce.last = round.id;
    keep(key, round.id);
    var line = document.createElement("div"), text = document.createElement("a"), close = document.createElement("button");
    line.className = "message tone-warn";
    text.className = "message__text";
    text.href = round.url;
    text.textContent = round.text;
    close.className = "message__close";
    close.type = "button";
    close.textContent = "×";
    close.setAttribute("aria-label", part.dataset.closeLabel);
    close.addEventListener("click", function () { line.remove(); });
    line.append(text, close);
    news.replaceChildren(line);
    if (sound) ring();
  }
  /* Two tones, made here: no file to fetch. A browser that allows no sound before a click stays silent. */
  function ring() {
    try {
      var audio = new AudioContext(), volume = audio.createGain();
      volume.gain.value = 0.15;
      volume.connect(audio.destination);
      [660, 880].forEach(function (tone, place) {
        var voice = audio.createOscillator();
        voice.frequency.value = tone;
        voice.connect(volume);
        voice.start(audio.currentTime + place * 0.25);
        voice.stop(audio.currentTime + place * 0.25 + 0.2);
      });
      setTimeout(function () { audio.close(); }, 1500);
    } catch (_) { /* see above */ }
  }

  /* The session. Who types is there, whether or not anything was sent. */
  document.addEventListener("input", function () { typedAt = now(); }, true);
  function stay() {
    send(part.dataset.stay, { method: "POST", body: new FormData(form) }).then(function (told) {
      if (told) session(told, true);
    }).catch(function () { /* no line: the warning stays */ });
  }
  function session(told, stayed) {
    endsAt = now() + told.left;
    warn = told.warn;
    if (told.left > warn) { dismissed = false; show(""); }
    else if (stayed) show("last");
    look();
  }
  function look() {
    if (!endsAt || shown === "over") return;
    var left = Math.max(0, Math.round(endsAt - now()));
    if (left > warn) return;
    if (left === 0) { endsAt = 0; return ask(); }
    if (!shown && !dismissed) {
      if (now() - typedAt < 120) { typedAt = -Infinity; return stay(); }
      show("idle");
    }
    part.querySelector("[data-left]").textContent = Math.floor(left / 60) + ":" + ("0" + (left % 60)).slice(-2);
    var minute = part.querySelector("[data-minute]");
    minute.textContent = left < 60 ? minute.dataset.minute : "";
  }
  function show(which) {
    if (which === shown) return;
    shown = which;
    if (!which) return dialog.close();
    Array.prototype.forEach.call(dialog.querySelectorAll("[data-when]"), function (piece) {
      piece.hidden = piece.dataset.when.split(" ").indexOf(which) < 0;
    });
    dialog.querySelector("[data-again]").search = "?next=" + encodeURIComponent(location.pathname + location.search);
    if (!dialog.open) dialog.showModal();
  }
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    event.stopPropagation();
    stay();
  });
  dialog.addEventListener("cancel", function (event) {
    if (shown === "over") return;
    event.preventDefault();
    if (shown === "idle") stay(); else if (shown === "last") { dismissed = true; show(""); }
  });
  dialog.querySelector("[data-close]").addEventListener("click", function () { dismissed = true; shown = ""; });

  setInterval(look, 1000);
  document.addEventListener("visibilitychange", function () { if (!document.hidden) ask(); });
  /* Whoever only passes by needs no answer. */
  waiting = setTimeout(ask, 2000);
})();
