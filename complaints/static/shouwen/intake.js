/* The intake by the keys alone. A comfort only: without this file the fields and the buttons do the same. */
(function () {
  "use strict";

  /* What the number suggests (#known) goes into what is still blank, and a number that can't be one is told at its box. */
  var form = document.getElementById("intake"), tierChosen = false;
  function put(field, value) {
    field.value = value;
    ["input", "change"].forEach(function (type) { field.dispatchEvent(new Event(type, { bubbles: true })); });
  }
  function take(known) {
    var fields = form.elements, tier = known.dataset.tier, name = known.dataset.customer;
    var region = fields.region, isTyped = region.parentNode.contains(document.activeElement);
    if (known.dataset.region && !region.value && !isTyped) put(region, known.dataset.region);
    if (tier && !tierChosen) Array.prototype.forEach.call(fields.tier, function (one) { one.checked = one.value === tier; });
    if (name && !fields.customer.value) {
      put(fields.customer, name);
      fields.customer.focus();
    }
    var fault = known.querySelector("[data-for=phone]");
    fields.phone.setAttribute("aria-invalid", fault ? "true" : "false");
    if (fault) {
      fault.id = "number_fault";
      fields.phone.setAttribute("aria-describedby", fault.id);
    } else if (fields.phone.getAttribute("aria-describedby") === "number_fault") {
      fields.phone.removeAttribute("aria-describedby");
    }
  }
  if (form) {
    /* The address that a softphone opened holds the caller's number: it doesn't stay in the bar. */
    if (new URLSearchParams(location.search).has("phone")) history.replaceState(null, "", form.getAttribute("action"));
    form.addEventListener("change", function (event) { if (event.target.name === "tier" && event.isTrusted) tierChosen = true; });
    document.body.addEventListener("htmx:afterSwap", function () {
      var came = document.querySelector("#earlier > #known");
      if (!came) return;
      document.getElementById("known").replaceWith(came);
      take(came);
    });
  }

  /* Ctrl+Enter anywhere in the form: register and dispatch; in a section with a button of its own, that button.
     Suggestions that are on their way are waited for, all of them: region and category each ask for one, the second
     waits in line behind the first. */
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    var form = event.target.closest && event.target.closest("form"), section = form && event.target.closest("details");
    var button = section && section.querySelector("[data-quick]") || form && form.querySelector("[data-quick]");
    if (!button) return;
    event.preventDefault();
    var field = event.target, part = document.getElementById("suggestion"), until = Date.now() + 4000;
    field.blur();
    field.focus();
    (function send() {
      if (part && part.classList.contains("htmx-request") && Date.now() < until) return setTimeout(send, 25);
      if (!button.disabled) form.requestSubmit(button);
    })();
  });
})();
