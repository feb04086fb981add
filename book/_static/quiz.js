// A quiz answers when it is asked: "Check" says whether the choice is right, and why. The words come
// from the folded explanations, which are all that a page without scripts has. Nothing is stored.
// A quiz is folded: a link to its section or into it opens it, and print shows its questions.
addEventListener("DOMContentLoaded", () => {
  const made = (name, text, attributes) => {
    const element = document.createElement(name);
    element.textContent = text;
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    return element;
  };
  for (const quiz of document.querySelectorAll(".quiz")) {
    const questions = [...quiz.querySelectorAll("fieldset")];
    const total = made("p", "", { role: "status", class: "quiz-total" });
    const count = () => {
      const right = questions.filter((question) => question.dataset.answer === "right").length;
      total.textContent = right ? `${right} of ${questions.length} right.` : "";
    };
    questions.forEach((question, index) => {
      const whys = [...question.querySelectorAll("li")];
      const button = made("button", "Check", { type: "button" });
      button.append(made("span", ` question ${index + 1}`, { class: "visually-hidden" }));
      const result = made("p", "", { role: "status" });
      const section = question.querySelector(".quiz-section a");
      button.addEventListener("click", () => {
        const chosen = question.querySelector("input:checked");
        if (!chosen) return result.replaceChildren("Choose an answer first.");
        const why = whys[chosen.value];
        question.dataset.answer = "right" in why.dataset ? "right" : "wrong";
        result.replaceChildren(...why.querySelector(".quiz-why").cloneNode(true).childNodes);
        if (question.dataset.answer === "wrong") {
          result.append(" Read again: ", section.cloneNode(true), ".");
        }
        count();
      });
      question.addEventListener("change", () => {
        delete question.dataset.answer;
        result.replaceChildren();
        count();
      });
      question.querySelector("details").before(button, result);
    });
    quiz.append(total);
  }
  const linked = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (const quiz of document.querySelectorAll(".quiz")) {
      if (quiz.closest("section")?.contains(target)) quiz.open = true;
    }
  };
  linked();
  addEventListener("hashchange", linked);
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll(".quiz:not([open])")];
    for (const quiz of opened) quiz.open = true;
  });
  addEventListener("afterprint", () => {
    for (const quiz of opened) quiz.open = false;
  });
});
