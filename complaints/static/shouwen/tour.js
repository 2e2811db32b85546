/* A step of the tour: it goes before the element it speaks of and takes the focus; Esc ends it there. No movement. */
(function () {
  "use strict";
  var card = document.getElementById("tour");
  if (!card) return;
  var named = document.getElementById(card.dataset.target);
  var target = named && named.matches("input, select, textarea") ? named.closest(".field") || named : named;

  function focusOn(element) {
    if (!element.matches("a[href], button, input, select, textarea, [tabindex]")) element.tabIndex = -1;
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "start" });
  }
  function leave(event) {
    event.preventDefault();
    card.remove();
    if (target) target.classList.remove("tour-target");
    var address = new URL(location.href);
    address.searchParams.delete("tour");
    history.replaceState(history.state, "", address);
    focusOn(named || document.getElementById("main"));
  }

  if (target) {
    target.classList.add("tour-target");
    target.parentNode.insertBefore(card, target);
    card.classList.add("tour--placed");
  }
  card.setAttribute("role", "dialog");
  card.querySelector("[data-leave]").addEventListener("click", leave);
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape" || event.isComposing || event.defaultPrevented || !card.isConnected) return;
    // What else Esc closes comes first.
    if (!document.querySelector("dialog[open], details.menu[open], [aria-expanded=true]")) leave(event);
  }, true);
  // After the page's own autofocus.
  requestAnimationFrame(function () { focusOn(card); });
})();
