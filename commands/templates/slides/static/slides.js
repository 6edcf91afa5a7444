// Starts reveal.js and sees to it that every slide fits. With ?print-pdf in the address the slides can be printed.
const SIZE = { width: 1280, height: 720 };
const SMALLEST = 0.6; // of the usual letters
const SCROLLING = 0.8; // the letters of a slide that is too long even so: it scrolls

const leaves = [...document.querySelectorAll(".slides > section > section")];

// Hidden slides have no height, so each is shown for as long as it is measured.
function fit(slide) {
  const shown = [slide, slide.parentElement];
  const before = shown.map((element) => element.style.display);
  shown.forEach((element) => (element.style.display = "block"));
  slide.classList.remove("long");
  let scale = 1;
  do {
    slide.style.setProperty("--scale", scale);
    scale -= 0.05;
  } while (slide.scrollHeight > SIZE.height && scale > SMALLEST);
  if (slide.scrollHeight > SIZE.height) {
    slide.style.setProperty("--scale", SCROLLING);
    slide.classList.add("long");
  }
  shown.forEach((element, index) => (element.style.display = before[index]));
}

// Scrolls a long slide; says whether there was anything left to scroll.
function scrolled(step) {
  const slide = Reveal.getCurrentSlide();
  const before = slide.scrollTop;
  slide.scrollBy(0, step);
  return slide.scrollTop !== before;
}

const STEP = 300;
const forward = (go) => () => scrolled(STEP) || go();
const back = (go) => () => scrolled(-STEP) || go();

addEventListener("load", () => {
  document.querySelector(".slides").style.width = `${SIZE.width}px`;
  leaves.forEach((leaf) => leaf.classList.add("leaf"));
  leaves.forEach(fit);
  Reveal.initialize({
    ...SIZE,
    plugins: [RevealNotes],
    margin: 0.02,
    center: false,
    hash: true,
    slideNumber: "c/t",
    transition: "none",
    pdfSeparateFragments: false,
    keyboard: {
      32: (event) => (event.shiftKey ? back(() => Reveal.prev()) : forward(() => Reveal.next()))(), // space
      33: back(() => Reveal.prev()), // page up, and the back key of a presenter
      34: forward(() => Reveal.next()), // page down, and the forward key of a presenter
      38: back(() => Reveal.up()),
      40: forward(() => Reveal.down()),
    },
  });
  // What is unfolded must fit as well.
  document.addEventListener("toggle", (event) => fit(event.target.closest(".leaf")), true);
});
