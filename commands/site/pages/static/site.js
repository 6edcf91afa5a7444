// What scrolls can be reached with the keyboard.
const scrolling = ".highlight pre, .table-wrapper, .cell_output";

function reachable() {
  for (const box of document.querySelectorAll(scrolling)) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

addEventListener("load", reachable);
addEventListener("resize", reachable);
document.addEventListener("toggle", reachable, true); // a fold that was opened

for (const [place, name] of [[".sidebar-drawer", "Site"], [".toc-drawer", "This page"]]) {
  document.querySelector(place)?.setAttribute("aria-label", name);
}
