// Tells quietly that wishes have come since the page was made. Nothing moves by itself; without this the page is whole.
(() => {
  "use strict";
  const note = document.getElementById("news");
  if (!note || !window.EventSource) return;
  const PAUSE = 30000;
  let since = note.dataset.since;
  let source = null;

  const heard = (event) => { since = event.lastEventId || since; };
  const show = (event) => { heard(event); note.hidden = false; };

  function listen() {
    const address = new URL(note.dataset.stream, location.href);
    if (since) address.searchParams.set("since", since);
    source = new EventSource(address);
    source.addEventListener("posted", show);
    source.addEventListener("reset", show);
    source.addEventListener("changed", heard);
    source.addEventListener("gone", heard);
    // A browser comes back by itself after a break, but not after a refusal (too many readers).
    source.addEventListener("error", () => { if (source && source.readyState === EventSource.CLOSED) { hush(); setTimeout(wake, PAUSE); } });
  }
  function hush() { if (source) { source.close(); source = null; } }
  function wake() { if (!document.hidden && !source) listen(); }

  // A page that nobody looks at keeps no connection open.
  document.addEventListener("visibilitychange", () => (document.hidden ? hush() : wake()));
  window.addEventListener("pagehide", hush);
  window.addEventListener("pageshow", wake);
  wake();
})();
