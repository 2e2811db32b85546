/* Lists that are found by typing. A comfort only: without this file the lists do the same. */
(function () {
  "use strict";
  var MOST = 12;

  /* A list (select[data-combo]) becomes a box that narrows it as one types, by the ARIA pattern of a combobox. The list
     itself stays, hidden, and is what is sent; the box has no name. */
  function make(tag, attributes) {
    var made = document.createElement(tag);
    Object.keys(attributes).forEach(function (name) { made.setAttribute(name, attributes[name]); });
    return made;
  }

  function combine(select) {
    var id = select.id;
    var open = false, own = false, active = -1, shown = [];
    var box = make("input", {
      type: "text", id: id, role: "combobox", autocomplete: "off", spellcheck: "false", placeholder: select.dataset.hint,
      "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id + "_found"
    });
    var list = make("ul", { id: id + "_found", role: "listbox", "class": "combo__list", "aria-label": select.dataset.list });
    var told = make("span", { "class": "sr-only", role: "status" });
    var frame = make("div", { "class": "combo" });
    ["aria-describedby", "aria-invalid", "required"].forEach(function (name) {
      if (select.hasAttribute(name)) box.setAttribute(name, select.getAttribute(name));
    });
    var first = select.autofocus, focused = document.activeElement === select;
    select.required = select.autofocus = false;
    select.id = id + "_list";
    list.hidden = true;
    select.parentNode.insertBefore(frame, select);
    [box, list, told, select].forEach(function (part) { frame.appendChild(part); });
    show();
    if (focused || first && document.activeElement === document.body) {
      box.focus();
      box.select();
    }
    select.hidden = true;

    /* A leaf is told with its head, anything else by its name. */
    function named(option) { return option.value.indexOf("/") < 0 ? option.text.trim() : option.value; }
    /* What customers call it: a word that begins as typed, or that is in what was typed. */
    function called(option, word) {
      return (option.dataset.words || "").split(" ").find(function (own) {
        var low = own.toLowerCase();
        return low && (low.indexOf(word) === 0 || low.length > 1 && word.indexOf(low) >= 0);
      });
    }
    /* How well one word fits: the leaf's beginning best, then what customers call it, then the head's beginning, then
       anywhere. Infinity: not at all. */
    function fit(option, word) {
      var keys = (option.dataset.find || "").split(" "), names = named(option).toLowerCase().split("/");
      var last = names.length - 1;
      var leaf = keys.slice(2 * last).concat(names[last]), head = keys.slice(0, 2).concat(names[0]);
      function begins(key) { return key.indexOf(word) === 0; }
      function holds(key) { return key.indexOf(word) >= 0; }
      if (leaf.some(begins)) return 0;
      if (called(option, word)) return 1;
      if (head.some(begins)) return 2;
      return leaf.some(holds) ? 3 : head.some(holds) ? 4 : Infinity;
    }
    function fitAll(option, words) {
      return words.reduce(function (sum, word) { return sum + fit(option, word); }, 0);
    }
    function find() {
      var words = box.value.toLowerCase().split(/[\s/,，、]+/).filter(Boolean);
      return Array.prototype.filter.call(select.options, function (option) { return option.value; })
        .map(function (option, place) { return { option: option, fit: fitAll(option, words), place: place }; })
        .filter(function (found) { return found.fit < Infinity; })
        .sort(function (one, other) { return one.fit - other.fit || one.place - other.place; })
        .slice(0, words.length ? MOST : select.options.length)
        .map(function (found) { return found.option; });
    }
    function line(option, place) {
      var names = named(option).split("/"), item = make("li", { id: list.id + "_" + place, role: "option" });
      var own = box.value.trim() && called(option, box.value.trim().toLowerCase());
      item.appendChild(make("span", {})).textContent = names.length > 1 ? names[1] : option.text;
      if (names.length > 1) item.appendChild(make("span", { "class": "muted small" })).textContent = " " + names[0];
      if (own) item.appendChild(make("span", { "class": "muted small" })).textContent = " · " + own;
      item.addEventListener("click", function () { choose(option); });
      return item;
    }
    function narrow() {
      shown = find();
      list.textContent = "";
      shown.forEach(function (option, place) { list.appendChild(line(option, place)); });
      told.textContent = shown.length ? select.dataset.found.replace("{count}", shown.length) : select.dataset.none;
      setOpen(shown.length > 0);
      activate(shown.length && box.value.trim() ? 0 : -1);
    }
    function setOpen(now) {
      open = now;
      list.hidden = !now;
      box.setAttribute("aria-expanded", now ? "true" : "false");
      if (!now) activate(-1);
    }
    function activate(place) {
      active = place;
      Array.prototype.forEach.call(list.children, function (item, at) {
        item.setAttribute("aria-selected", at === place ? "true" : "false");
      });
      if (place < 0) return box.removeAttribute("aria-activedescendant");
      box.setAttribute("aria-activedescendant", list.children[place].id);
      list.children[place].scrollIntoView({ block: "nearest" });
    }
    function set(value) {
      if (select.value === value) return;
      own = true;
      select.value = value;
      ["input", "change"].forEach(function (type) { select.dispatchEvent(new Event(type, { bubbles: true })); });
      own = false;
    }
    function choose(option) {
      set(option.value);
      show();
    }
    /* The box says what the list holds: also after a draft was put back or dropped. */
    function show() {
      var chosen = select.selectedOptions[0];
      box.value = chosen && chosen.value ? named(chosen) : "";
      box.setCustomValidity("");
      setOpen(false);
    }

    box.addEventListener("input", function () {
      var typed = box.value.trim();
      var exact = Array.prototype.find.call(select.options, function (option) { return typed && named(option) === typed; });
      set(exact ? exact.value : "");
      box.setCustomValidity(typed && !exact ? select.dataset.none : "");
      narrow();
    });
    box.addEventListener("click", function () { if (!open) { box.select(); narrow(); } });
    box.addEventListener("focus", function () { box.select(); });
    box.addEventListener("blur", function () { setOpen(false); });
    list.addEventListener("mousedown", function (event) { event.preventDefault(); });
    box.addEventListener("keydown", function (event) {
      if (event.isComposing) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (!open) return narrow();
        var step = event.key === "ArrowDown" ? 1 : -1, from = active < 0 && step < 0 ? 0 : active;
        activate((from + step + shown.length) % shown.length);
      } else if (event.key === "Enter") {
        event.preventDefault();
        if (open && active >= 0) choose(shown[active]);
      } else if (event.key === "Tab") {
        if (open && active >= 0) choose(shown[active]);
      } else if (event.key === "Escape" && open) {
        event.preventDefault();
        setOpen(false);
      }
    });
    select.addEventListener("change", function () { if (!own) show(); });
    if (select.form) select.form.addEventListener("reset", function () { setTimeout(show, 0); });
    window.addEventListener("pageshow", function () { if (select.value) show(); });
  }
  function combineAll() {
    Array.prototype.forEach.call(document.querySelectorAll("select[data-combo]:not([hidden])"), combine);
  }
  /* What somebody types or chooses in a part that is being fetched anew stands: the fetch is given up. */
  function giveUp(event) {
    var part = event.target.closest && event.target.closest(".combo") && event.target.closest("[hx-trigger^=change]");
    if (part && window.htmx) window.htmx.trigger(part, "htmx:abort");
  }
  document.addEventListener("input", giveUp);
  document.addEventListener("change", giveUp);
  combineAll();
  document.body.addEventListener("htmx:afterSwap", combineAll);
})();
