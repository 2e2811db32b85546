/* The queue for whoever works through it: keys, the complaint beside the list, a list that is kept fresh without moving
   under the hand. Comforts only: without this file links, boxes and the half-minute's fetch do what they always do. */
(function () {
  "use strict";
  var queue = document.querySelector("[data-queue]");
  if (!queue) return;
  var beside = document.getElementById("beside");
  var body = document.getElementById("beside-body");
  var wide = window.matchMedia("(min-width: 75rem)");
  var here = "";      // number of the line one is at
  var waiting = null; // the list as it is meanwhile, where it can't be shown yet

  function list() { return queue.querySelector("[data-lines]"); }
  function rows(within) { return Array.prototype.slice.call((within || list()).querySelectorAll("[data-line]")); }
  function row(number, within) { return rows(within).find(function (one) { return one.dataset.line === number; }); }
  function numbers(within) { return rows(within).map(function (one) { return one.dataset.line; }); }
  function title(of) { return of.querySelector(".row__title"); }
  function box(of) { return of.querySelector("[data-pick]"); }

  /* The complaint beside the list. The address says which, so that it can be passed on. */
  function tellAddress(number) {
    var url = new URL(location.href);
    if (number) url.searchParams.set("open", number); else url.searchParams.delete("open");
    history.replaceState(history.state, "", url);
  }
  function mark(number) {
    rows().forEach(function (one) {
      var is = one.dataset.line === number;
      one.classList.toggle("is-open", is);
      if (is) title(one).setAttribute("aria-current", "true"); else title(one).removeAttribute("aria-current");
    });
  }
  function opened() { return queue.classList.contains("queue--open") ? new URL(location.href).searchParams.get("open") : null; }
  function open(number, address) {
    here = number;
    body.setAttribute("aria-busy", "true");
    window.htmx.ajax("GET", address, { source: body, target: body, swap: "innerHTML" });
  }
  function close() {
    queue.classList.remove("queue--open");
    beside.hidden = true;
    body.textContent = "";
    tellAddress("");
    mark("");
    if (row(here)) title(row(here)).focus();
  }
  document.addEventListener("click", function (event) {
    var link = event.target.closest("[data-lines] .row__title");
    var plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (link && plain && wide.matches && window.htmx) {
      event.preventDefault();
      open(link.closest("[data-line]").dataset.line, link.href);
    } else if (plain && event.target.closest("[data-beside-close]")) {
      event.preventDefault();
      close();
    } else if (event.target.closest("[data-news]")) {
      showNews();
    }
  });

  /* What the server answered, before it is put on the page. A session that has ended shows in an answer that is neither. */
  document.addEventListener("htmx:beforeSwap", function (event) {
    var part = event.detail.target, answer = event.detail.xhr;
    if (part === body) {
      var number = here;
      if (answer.status === 200 && answer.responseText.indexOf("data-complaint") > 0) return;
      event.detail.shouldSwap = false;
      if (row(number)) location.assign(title(row(number)).href);
    } else if (part === list()) {
      event.detail.shouldSwap = false;
      if (answer.status === 200) take(new DOMParser().parseFromString(answer.responseText, "text/html").querySelector("[data-lines]"));
    }
  });
  document.addEventListener("htmx:afterSwap", function (event) {
    if (event.detail.target !== body) return;
    var number = body.querySelector("[data-complaint]").dataset.complaint;
    queue.classList.add("queue--open");
    beside.hidden = false;
    beside.scrollTop = 0;
    tellAddress(number);
    mark(number);
    body.querySelectorAll("[data-js]").forEach(function (one) { one.hidden = false; });
    body.querySelector("h2").focus({ preventScroll: true });
    if (row(number)) row(number).scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("htmx:afterRequest", function () { body.removeAttribute("aria-busy"); });

  /* Fresh lines. A line that says the same is left alone; lines come, go and change places only while nobody is at them. */
  function said(of) {
    var copy = of.cloneNode(true);
    copy.classList.remove("is-open");
    copy.querySelectorAll("details").forEach(function (one) { one.open = false; });
    title(copy).removeAttribute("aria-current");
    copy.querySelectorAll("[data-countdown], [data-word]").forEach(function (one) { one.textContent = ""; });
    return copy.outerHTML;
  }
  function carryOver(from, to) {
    if (box(from) && box(to)) box(to).checked = box(from).checked;
    to.classList.toggle("is-open", from.classList.contains("is-open"));
    if (title(from).hasAttribute("aria-current")) title(to).setAttribute("aria-current", "true");
  }
  function patch(fresh) {
    rows().forEach(function (old) {
      var next = row(old.dataset.line, fresh);
      if (!next) return sayGone(old);
      if (said(old) === said(next)) return;
      var at = old.contains(document.activeElement) && document.activeElement, copy = document.importNode(next, true);
      carryOver(old, copy);
      old.replaceWith(copy);
      if (at) (at.matches("[data-pick]") ? box(copy) : title(copy)).focus({ preventScroll: true });
    });
  }
  function sayGone(of) {
    if (of.classList.contains("is-gone")) return;
    of.classList.add("is-gone");
    var word = document.createElement("span");
    word.className = "badge tone-neutral";
    word.textContent = queue.dataset.gone;
    of.querySelector(".row__what").append(word);
  }
  function isReading() {
    var lines = list(), at = document.activeElement;
    return queue.classList.contains("queue--open") || (at !== document.body && queue.contains(at)) ||
      lines.matches(":hover") || lines.querySelector("[data-pick]:checked") || lines.getBoundingClientRect().top < 0;
  }
  function take(fresh) {
    if (!fresh) return location.reload();
    document.querySelector("[data-total-shown]").textContent = fresh.dataset.total;
    var same = numbers().join() === numbers(fresh).join();
    if (!same && !isReading()) return replace(fresh);
    patch(fresh);
    waiting = same ? null : fresh;
    tellNews(same ? null : numbers(fresh).filter(function (number) { return !row(number); }).length);
  }
  function tellNews(count) {
    var news = queue.querySelector("[data-news]");
    var text = count === null ? "" : count ? queue.dataset.new.replace("{n}", count) : queue.dataset.changed;
    if (news.textContent !== text) news.textContent = text;
    news.hidden = !text;
  }
  function replace(fresh) {
    var lines = list(), open = opened();
    rows().forEach(function (old) {
      var next = row(old.dataset.line, fresh);
      if (next) carryOver(old, next);
    });
    lines.replaceChildren.apply(lines, Array.prototype.slice.call(fresh.childNodes));
    mark(open);
    waiting = null;
    tellNews(null);
    document.dispatchEvent(new Event("lines:changed"));
  }
  document.addEventListener("lines:found", function () {
    waiting = null;
    mark(opened());
    document.dispatchEvent(new Event("lines:changed"));
  });
  function showNews() {
    if (!waiting) return;
    var known = numbers();
    replace(waiting);
    var first = rows().find(function (one) { return known.indexOf(one.dataset.line) < 0; }) || rows()[0];
    if (first) title(first).focus();
  }

  /* Keys: single letters, never while somebody types, and not at all for who has switched them off. */
  function isTyping(at) {
    return at.closest && at.closest("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=submit], [type=button])");
  }
  function current() {
    var at = document.activeElement.closest("[data-line]");
    return at || row(here);
  }
  function move(step) {
    var all = rows(), at = all.indexOf(current());
    var next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step))];
    if (next) title(next).focus();
  }
  var keys = {
    j: function () { move(1); },
    k: function () { move(-1); },
    o: function () { if (current()) title(current()).click(); },
    x: function () { if (current() && box(current())) box(current()).click(); }
  };
  document.addEventListener("focusin", function (event) {
    var at = event.target.closest("[data-line]");
    if (at) here = at.dataset.line;
  });
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    if (isTyping(event.target)) return;
    if (event.key === "Escape" && beside.contains(event.target) && row(here)) return title(row(here)).focus();
    if (!("keys" in queue.dataset) || !Object.prototype.hasOwnProperty.call(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });
  var chosen = queue.querySelector(".queue__chips [aria-current]");
  if (chosen) chosen.closest(".queue__chips").scrollLeft = chosen.offsetLeft - chosen.closest(".queue__chips").offsetLeft - 24;
  if (opened()) { here = opened(); mark(here); }
})();
