// Where a page is at home: what it keeps of itself and where, whose keys it takes, whether it is dark around it.

const dark = matchMedia("(prefers-color-scheme: dark)");

// A page of its own: its state in the address, its pins in the tab.
export const ownPage = {
  keys: document,

  remembered() {
    try {
      return JSON.parse(decodeURIComponent(location.hash.slice("#state=".length))) ?? {};
    } catch {
      return {};
    }
  },

  remember(state) {
    history.replaceState(null, "", `${location.pathname}${location.search}#state=${encodeURIComponent(JSON.stringify(state))}`);
  },

  pins: () => JSON.parse(sessionStorage.getItem("pins") ?? "[]"),
  keepPins: (pins) => sessionStorage.setItem("pins", JSON.stringify(pins)),
  entitle: (text) => (document.title = text),
  isDark: () => dark.matches,

  // Calls `act` whenever that changes; what it returns ends this.
  onScheme(act) {
    dark.addEventListener("change", act);
    return () => dark.removeEventListener("change", act);
  },
};

// The output of a cell: the session behind it keeps its state, and keys of other cells are none of its business.
export function cell(root) {
  return {
    keys: root,
    remembered: () => ({}),
    remember() {},
    pins: () => [],
    keepPins() {},
    entitle() {},
    isDark: () => isDarkAround(root.getRootNode().host),

    onScheme(act) {
      const themes = new MutationObserver(act);
      for (const part of [document.documentElement, document.body]) themes.observe(part, { attributes: true });
      dark.addEventListener("change", act);
      return () => {
        themes.disconnect();
        dark.removeEventListener("change", act);
      };
    },
  };
}

const OPAQUE = 0.5;

// Whether the first background that is seen behind an element is a dark one.
function isDarkAround(element) {
  for (let at = element; at; at = at.parentElement) {
    const [red, green, blue, alpha = 1] = (getComputedStyle(at).backgroundColor.match(/[\d.]+/g) ?? []).map(Number);
    if (red !== undefined && alpha > OPAQUE) return 0.3 * red + 0.59 * green + 0.11 * blue < 128;
  }
  return false;
}
