// In the page that runs a lesson: a link of the lesson opens what it names, an address with a heading shows that, and
// what a page cannot do is said.
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

// Without storage Jupyter shows an empty page.
async function storage() {
  await new Promise((done, refused) => {
    const asked = indexedDB.deleteDatabase("nothing of this name");
    asked.onsuccess = done;
    asked.onerror = refused;
  });
}

function refused() {
  window.stop();
  const said = document.createElement("p");
  said.setAttribute("role", "alert");
  said.style = "font: 1.2em/1.5 system-ui; max-width: 34em; margin: 4em auto; padding: 1em";
  said.textContent =
    "The lessons are kept in your browser, and it refuses to keep anything for this page. " +
    `Allow ${location.host} to store data on your device (in the settings that are also for cookies), ` +
    "then load the page again.";
  document.body.replaceChildren(said);
}

// Only with headers that a plain host does not send could a page interrupt Python.
const stuck = {
  message: "A page cannot interrupt Python. Restart it: the other cells then have to run again.",
  type: "info",
  options: { autoClose: 15000, actions: [{ label: "Restart", commandId: "notebook:restart-kernel", args: {} }] },
};

async function started() {
  while (!window.jupyterapp) await new Promise((later) => setTimeout(later, 200));
  const { commands, shell } = window.jupyterapp;
  commands.commandExecuted.connect((_, { id }) => {
    const kernel = shell.currentWidget?.sessionContext?.session?.kernel;
    if (id.includes("interrupt") && kernel?.status === "busy") commands.execute("apputils:notify", stuck);
  });
}

storage().then(started, refused);
