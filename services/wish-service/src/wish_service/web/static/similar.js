// While a wish is written: ask which open wishes of the community say much the same, and show them. Without this
// script the last step of the form shows them.
(() => {
  const box = document.getElementById("similar");
  const form = box && box.closest("form");
  if (!form) return;
  const PAUSE_MS = 700;
  const ENOUGH = 4;
  let timer = 0;
  let asked = "";
  let running = null;

  const value = (name) => {
    const field = form.elements[name];
    return field ? field.value.trim() : "";
  };

  const question = () => {
    const body = { title: value("title"), detail: value("detail"), community: value("community") || box.dataset.community };
    if (value("category")) body.category = value("category");
    if (box.dataset.wish) body.wish_id = box.dataset.wish;
    return body;
  };

  const element = (tag, text, className) => {
    const made = document.createElement(tag);
    made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  const line = (one) => {
    const item = document.createElement("li");
    item.append(element("b", one.title));
    if (one.own) item.append(" ", element("span", box.dataset.own, "meta"));
    if (one.detail) item.append(element("p", one.detail));
    if (one.published) {
      const link = element("a", box.dataset.open);
      link.href = "/wishes/" + encodeURIComponent(one.id);
      link.target = "_blank";
      link.rel = "noopener";
      item.append(link);
    }
    return item;
  };

  const show = (items) => {
    const list = box.querySelector("ul");
    list.replaceChildren(...items.slice(0, 3).map(line));
    box.hidden = items.length === 0;
  };

  const ask = async () => {
    const body = question();
    const key = JSON.stringify(body);
    if (key === asked) return;
    if (body.title.length < ENOUGH || !body.community) {
      asked = "";
      show([]);
      return;
    }
    asked = key;
    if (running) running.abort();
    running = new AbortController();
    try {
      const answer = await fetch(box.dataset.url, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRF-Token": value("csrf") },
        body: key,
        signal: running.signal,
      });
      if (answer.ok) show((await answer.json()).items);
    } catch {
      // Nobody needs to know: the form works without it.
    }
  };

  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  soon();
})();
