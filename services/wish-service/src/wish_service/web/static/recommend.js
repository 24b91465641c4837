// At the desk: adds the verified organisations that have not helped near yet to those that a wish may be recommended to.
(() => {
  "use strict";
  const form = document.getElementById("recommend");
  const choice = form && form.elements.organisation_id;
  if (!choice) return;
  const PAGES = 20;
  const known = new Set([...choice.options].map((option) => option.value).concat(form.dataset.recommended.split(" ")));

  const others = async () => {
    const found = [];
    let cursor = null;
    for (let page = 0; page < PAGES; page += 1) {
      const address = new URL(form.dataset.others, location.href);
      if (cursor) address.searchParams.set("cursor", cursor);
      const answer = await fetch(address);
      if (!answer.ok) break;
      const list = await answer.json();
      found.push(...list.items.filter((one) => !known.has(one.id)));
      cursor = list.next_cursor;
      if (!cursor) break;
    }
    return found;
  };

  const show = (found) => {
    if (!found.length) return;
    const group = document.createElement("optgroup");
    group.label = form.dataset.label;
    found.sort((one, other) => one.name.localeCompare(other.name, "zh-CN"));
    group.append(...found.map((one) => new Option(one.name, one.id)));
    choice.append(group);
  };

  // Nobody needs them before the part is opened.
  const part = form.closest("details");
  part.addEventListener("toggle", () => others().then(show, () => {}), { once: true });
})();
