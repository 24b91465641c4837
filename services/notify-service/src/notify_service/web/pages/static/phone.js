// Keeps the sandbox phone fresh, scrolled to the newest message, and its codes one tap away from the clipboard.
"use strict";
(() => {
  const screen = document.getElementById("messages");
  if (!screen) return;
  const EVERY_MS = 2000;

  const toTheNewest = () => { screen.scrollTop = screen.scrollHeight; };

  const addCopyButtons = () => {
    if (!navigator.clipboard) return;
    for (const code of screen.querySelectorAll("[data-code]")) {
      if (code.dataset.ready) continue;
      code.dataset.ready = "yes";
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn small";
      button.textContent = screen.dataset.copy;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(code.dataset.code);
        button.textContent = screen.dataset.copied;
      });
      code.after(button);
    }
  };

  const known = () => new Set([...screen.querySelectorAll(".bubble")].map((bubble) => bubble.id));

  const refresh = async () => {
    if (document.hidden) return;
    const answer = await fetch(screen.dataset.live, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const fresh = document.createElement("div");
    fresh.innerHTML = await answer.text();
    const before = known();
    const added = [...fresh.querySelectorAll(".bubble")].filter((bubble) => !before.has(bubble.id));
    if (added.length === 0) return;
    const atTheEnd = screen.scrollHeight - screen.scrollTop - screen.clientHeight < 80;
    for (const bubble of added) bubble.classList.add("new");
    screen.replaceChildren(...fresh.childNodes);
    addCopyButtons();
    if (atTheEnd) toTheNewest();
  };

  addCopyButtons();
  toTheNewest();
  setInterval(() => { refresh().catch(() => {}); }, EVERY_MS);
})();
