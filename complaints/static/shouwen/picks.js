/* The list that lines are picked from for a batch. A comfort only: the boxes work without this file. */
(function () {
  "use strict";
  function each(selector, act) { Array.prototype.forEach.call(document.querySelectorAll(selector), act); }
  function on(type, selector, act) {
    document.addEventListener(type, function (event) {
      var found = event.target.closest && event.target.closest(selector);
      if (found) act(event, found);
    });
  }

  /* Lines picked for a batch: how many. */
  function countPicked() {
    var picked = document.querySelectorAll("[data-pick]:checked").length;
    each("[data-picked]", function (output) { output.textContent = picked; });
    each("[data-pick-page]", function (box) {
      var all = document.querySelectorAll("[data-pick]").length;
      box.checked = picked > 0 && picked === all;
      box.indeterminate = picked > 0 && picked < all;
    });
  }
  on("change", "[data-pick]", countPicked);
  on("change", "[data-pick-page]", function (_, box) {
    each("[data-pick]", function (one) { one.checked = box.checked; });
    countPicked();
  });
  document.addEventListener("lines:changed", countPicked);
  window.addEventListener("pageshow", countPicked);
})();
