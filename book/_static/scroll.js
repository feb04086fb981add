// What scrolls sideways and has more to the right gets the class "more": its edge fades (book.css).
// What scrolls can be reached by the keyboard.
addEventListener("load", () => {
  const boxes = ".cell_output .text_html, .sortable-table, .pst-scrollable-table-container, .cell_output figure, .image-reference";
  for (const box of document.querySelectorAll(boxes)) {
    const look = () => {
      const scrolls = ["auto", "scroll"].includes(getComputedStyle(box).overflowX);
      const left = box.scrollWidth - box.clientWidth - box.scrollLeft;
      box.classList.toggle("more", scrolls && left > 2);
      if (scrolls && box.scrollWidth > box.clientWidth && !box.matches("a")) box.tabIndex = 0;
    };
    box.addEventListener("scroll", look, { passive: true });
    addEventListener("resize", look);
    look();
  }
});
