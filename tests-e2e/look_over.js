// What the design asks of every page (section 9): sizes in CSS px at the normal zoom.
() => {
  const faults = [];
  const seen = e => {
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    return box.width > 1 && box.height > 1 && style.visibility !== 'hidden' && style.clipPath === 'none';
  };
  const name = e => `<${e.tagName.toLowerCase()} ${e.id} ${e.className}> ${e.textContent.trim().slice(0, 24)}`;
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const e = texts.currentNode.parentElement;
    if (!texts.currentNode.textContent.trim() || !seen(e)) continue;
    const size = parseFloat(getComputedStyle(e).fontSize);
    if (size < 18) faults.push(`text of ${size} px: ${name(e)}`);
  }
  for (const e of document.querySelectorAll('input:not([type=hidden]), select, textarea')) {
    const labelled = e.labels?.length || e.getAttribute('aria-label') || e.getAttribute('aria-labelledby');
    if (!labelled) faults.push(`no label: ${name(e)} ${e.name}`);
  }
  for (const e of document.querySelectorAll('.btn')) {
    const height = e.getBoundingClientRect().height, least = e.classList.contains('small') ? 44 : 60;
    if (seen(e) && height < least - 0.5) faults.push(`button of ${height} px: ${name(e)}`);
  }
  for (const e of document.querySelectorAll('img:not([alt])')) faults.push(`no alt: ${e.src}`);
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) faults.push(`scrolls sideways: ${root.scrollWidth} > ${root.clientWidth}`);
  if (!document.title.trim() || !root.lang) faults.push('no title or language');
  return faults;
}
