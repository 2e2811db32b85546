/* The search of a list: what is typed finds by itself, and the cursor stays. Without this file Enter and the button do. */
(function () {
  "use strict";
  var find = document.querySelector("[data-find]");
  if (!find) return;

  /* Only what can be the number of a complaint, its last four to six digits or all of it, is asked for while somebody
     types. A telephone number is longer than the first and shorter than the second, so it is never sent by itself. */
  var WHOLE_OR_LAST = /^([A-Za-z]{2}\d{14}|\d{4,6}|20\d{12})?$/;
  document.addEventListener("htmx:configRequest", function (event) {
    if (event.detail.elt !== find) return;
    var typed = find.elements.number.value.normalize("NFKC").trim(), open = new URL(location.href).searchParams.get("open");
    if (!WHOLE_OR_LAST.test(typed)) return event.preventDefault();
    if (open) event.detail.formData.set("open", open);
  });
  /* A session that has ended shows in an answer that is no list. */
  document.addEventListener("htmx:beforeSwap", function (event) {
    if (event.detail.requestConfig.elt !== find || event.detail.xhr.responseText.indexOf("data-lines") > 0) return;
    event.detail.shouldSwap = false;
    location.reload();
  });
  document.addEventListener("htmx:afterSwap", function (event) {
    if (event.detail.requestConfig.elt !== find) return;
    var list = document.getElementById("queue"), total = list.querySelector("[data-lines]").dataset.total;
    list.querySelectorAll("[data-js]").forEach(function (one) { one.hidden = false; });
    document.querySelector("[data-total-shown]").textContent = total;
    find.querySelector("[data-find-status]").textContent = find.dataset.said.replace("{n}", total);
    document.dispatchEvent(new Event("lines:found"));
  });
})();
