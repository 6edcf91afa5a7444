
"use strict";
// Every five seconds the figures anew, unless they are held, being copied from, or out of sight.
const live = document.getElementById("live");
const lost = document.getElementById("lost");
live.hidden = false;
live.addEventListener("click", () => {
  live.setAttribute("aria-pressed", String(live.getAttribute("aria-pressed") !== "true"));
});

async function renew() {
  if (live.getAttribute("aria-pressed") !== "true" || document.hidden || !getSelection().isCollapsed) return;
  try {
    const answer = await fetch(location.pathname, { cache: "no-store" });
    const now = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("now");
    if (!now) return location.reload(); // signed out
    document.getElementById("now").replaceWith(now);
    lost.textContent = "";
  } catch {
    lost.textContent = "The mock does not answer.";
  }
}
setInterval(renew, 5000);
