// In the page that runs a lesson: a link of the lesson opens what it names, and an address with a heading shows that.
import pages from "./pages.json" with { type: "json" };

const here = new URL(".", import.meta.url);
const files = new URL("files/", here).href;

// Where a file of the course is best read: as a lesson that runs, as a page of the site, as text.
function place(path) {
  if (pages[path]) return `../${pages[path]}`;
  const app = path.endsWith(".ipynb") ? "notebooks" : path.endsWith(".md") ? "lab" : "edit";
  return `${app}/index.html?path=${encodeURIComponent(path)}`;
}

// Before Jupyter, which would open its list of files first and forget the heading.
function direct(event) {
  const link = event.target.closest?.("a[href]");
  if (link?.href.startsWith(files)) {
    const { href, hash } = link;
    link.href = new URL(place(decodeURIComponent(href.slice(files.length, href.length - hash.length))), here);
    link.hash ||= hash;
    link.dataset.direct = "";
  }
  if (event.type === "click" && "direct" in (link?.dataset ?? {})) event.stopPropagation();
}

for (const act of ["pointerdown", "focusin", "click"]) addEventListener(act, direct, true);

// Cells come into the page one after the other.
function show(_, waiting) {
  const name = CSS.escape(decodeURIComponent(location.hash.slice(1)));
  const heading = document.querySelector(`[id="${name}"], [data-jupyter-id="${name}"]`);
  if (!heading) return;
  waiting.disconnect();
  heading.scrollIntoView();
}

if (location.hash) new MutationObserver(show).observe(document.body, { childList: true, subtree: true });
