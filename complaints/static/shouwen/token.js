/* A form's token goes to its own address and to those that it names (data-asks), and nothing but a form carries one: markup
   that somebody got into a page finds no token to post with, and turns no form of ours to another address. The methods are
   taken from Element, since a field may be named like one. */
(function () {
  "use strict";
  function get(element, name) { return Element.prototype.getAttribute.call(element, name) || ""; }
  function asks(form, address) { return [get(form, "action")].concat(get(form, "data-asks").match(/\S+/g) || []).indexOf(address) >= 0; }

  document.addEventListener("htmx:configRequest", function (event) {
    var asked = event.detail;
    asked.formData.delete("csrfmiddlewaretoken");
    if (asked.verb === "get") return;
    var form = Element.prototype.closest.call(asked.elt, "form");
    var token = form && Element.prototype.querySelector.call(form, "input[name=csrfmiddlewaretoken]");
    if (asked.verb !== "post" || !token || !asks(form, asked.path)) return event.preventDefault();
    asked.formData.set("csrfmiddlewaretoken", token.value);
  });
  document.addEventListener("submit", function (event) {
    var by = event.submitter, posts = get(event.target, "method").toLowerCase() === "post";
    if (posts && by && by.hasAttribute("formaction") && !asks(event.target, get(by, "formaction"))) event.preventDefault();
  }, true);
})();
