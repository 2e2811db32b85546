// What a page is asked beside axe's own rules, in the page itself. Every answer is a list of what is wrong.
(() => {
  const OPERABLE = 'a[href], button, summary, input:not([type="hidden"]), select, textarea, [tabindex="0"]';
  const LANGUAGES = ["en", "zh-hans"];
  const operable = () => [...document.querySelectorAll(OPERABLE)].filter(
    (one) => !one.disabled && one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length > 0
  );
  const told = (one) => one.outerHTML.replace(/\s+/g, " ").slice(0, 160);

  // A line whose box draws the mark of the focus for what stands in it is marked too.
  const marked = (one) => {
    for (let at = one; at && at !== document.body; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) return true;
    }
    return false;
  };
  const standing = (one) => {
    for (let at = one; at; at = at.parentElement) {
      if (["sticky", "fixed"].includes(getComputedStyle(at).position)) return true;
    }
    return false;
  };
  const PLACES = [[0.5, 0.5], [0.1, 0.2], [0.9, 0.2], [0.1, 0.8], [0.9, 0.8]];
  const covered = (one) => {
    const box = [...one.getClientRects()].find((rect) => rect.width > 0 && rect.height > 0);
    return Boolean(box) && PLACES.every(([x, y]) => {
      const top = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
      return top && !one.contains(top) && !top.contains(one) && standing(top);
    });
  };
  // What the style sheets ask of attributes, such as [aria-current="page"].
  const asked = new Set([...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])
    .flatMap((rule) => rule.cssText.match(/\[[a-z][^\]]*\]/g) ?? []));
  const looks = new WeakMap();
  const look = (one) => {
    if (!looks.has(one)) {
      const answers = [...asked].filter((question) => one.matches(question));
      looks.set(one, [one.tagName, one.className.baseVal ?? one.className, one.disabled, ...answers].join());
    }
    return looks.get(one);
  };
  const chain = (one) => one === document.body ? "" : chain(one.parentElement) + ">" + look(one);
  const speaks = (one) => [...one.childNodes].some((part) => part.nodeType === Node.TEXT_NODE && part.data.trim());

  window.anybody = {
    // 2.4.7: whoever works by keyboard sees where they are. 2.4.11: what has the focus isn't wholly under the bar or
    // under a notice, neither going down nor going up.
    focused: () => {
      const down = operable(), unseen = [], under = new Set();
      const has = (one) => {
        one.focus({ focusVisible: true });
        return document.activeElement === one;
      };
      for (const one of down) {
        if (!has(one)) continue;
        if (!marked(one)) unseen.push(told(one));
        if (covered(one)) under.add(told(one));
      }
      for (const one of down.toReversed()) if (has(one) && covered(one)) under.add(told(one));
      document.activeElement.blur();
      scrollTo(0, 0);
      return { unseen, covered: [...under] };
    },
    // What is wrong with where the focus stands now.
    lost: (one) => [...(marked(one) ? [] : ["unseen"]), ...(covered(one) ? ["covered"] : [])],
    name: (one) => (one.getAttribute("aria-label") ?? one.labels?.[0]?.innerText ?? one.innerText ?? "")
      .replace(/（选填）|[*\s]+$/g, "").split("\n")[0].trim(),
    // 1.4.10: read in one direction; what scrolls within itself (a table of figures, a chart) may.
    wide: () => document.documentElement.scrollWidth <= innerWidth ? [] : [
      `${document.documentElement.scrollWidth} pixels`,
      ...[...document.querySelectorAll("body *")]
        .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest(".table-wrap, .chart"))
        .slice(0, 3).map(told),
    ],
    // Of lines that look the same three stand for all: what is asked of colours and sizes needs no fifty of them.
    thin: () => {
      for (const list of document.querySelectorAll("ul, ol, dl, tbody, select")) {
        const met = new Map();
        for (const line of [...list.children]) {
          const alike = look(line) + [...line.querySelectorAll("[class]")].map(look).join();
          met.set(alike, (met.get(alike) ?? 0) + 1);
          if (met.get(alike) > 3) line.remove();
        }
      }
    },
    // The page without its words and numbers: which elements and attributes there are, which of these are empty, and
    // which say the same. Where two pages agree in that, a reading aid can find its way about both or neither.
    shape: () => {
      const said = new Map();
      const place = (name, value) => {
        if (["class", "type", "role", "tabindex"].includes(name) || value.trim() === "") return value;
        if (name === "lang" && !LANGUAGES.includes(value)) return value;
        const key = name + " " + value;
        return said.has(key) ? said.get(key) : said.set(key, said.size).get(key);
      };
      const attributes = (one) => [...one.attributes].map(({ name, value }) => name + "=" + place(name, value)).join();
      const drawn = (one) => `<${one.tagName} ${attributes(one)} ${speaks(one)}>${[...one.children].map(drawn).join("")}/`;
      return drawn(document.documentElement);
    },
    // How what has words looks, by itself and by what it is in. `choose` says by their places which of these are asked.
    looks: () => {
      const found = new Map();
      for (const one of document.querySelectorAll("body *")) {
        if (speaks(one) || one.matches("input, select, textarea")) {
          const key = chain(one);
          if (!found.has(key)) found.set(key, one);
        }
      }
      window.anybody.standing = [...found.values()];
      return [...found.keys()];
    },
    choose: (places) => {
      window.anybody.chosen = places.map((place) => window.anybody.standing[place]);
    },
    axe: async (rules, chosen, sizes) => {
      const structure = { rules: { "target-size": { enabled: sizes }, "color-contrast": { enabled: false } } };
      const asked = rules.length ? { runOnly: rules } : structure;
      const where = chosen ? { include: window.anybody.chosen } : document;
      const found = await axe.run(where, { ...asked, resultTypes: ["violations"] });
      return found.violations.map((rule) => `${rule.id}: ` + rule.nodes.slice(0, 4)
        .map((node) => node.html.replace(/\s+/g, " ").slice(0, 200)).join(" | "));
    },
    links: () => [...new Set([...document.querySelectorAll("a[href]")].map((link) => new URL(link.href))
      .filter((link) => link.origin === location.origin).map((link) => link.pathname + link.search))],
  };
})();
