// What the design asks of every page (section 9): sizes in CSS px at the normal zoom.
() => {
  const faults = [];
  const seen = e => {
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    return e.checkVisibility() && box.width > 1 && box.height > 1 && style.visibility !== 'hidden' && style.clipPath === 'none';
  };
  const name = e => `<${e.tagName.toLowerCase()} ${e.id} ${e.className}> ${e.textContent.trim().slice(0, 24)}`;
  // Contrast as WCAG 2 reckons it; what stands on a picture or a gradient is not reckoned.
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const parts = colour => colour.match(/[\d.]+/g).map(Number);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const style = getComputedStyle(e), [r, g, b, alpha = 1] = parts(style.backgroundColor);
      if (style.backgroundImage !== 'none') return null;
      if (alpha === 1) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const contrast = e => {
    const behind = ground(e);
    if (!behind || e.closest('svg, [disabled], [aria-disabled=true]')) return 21;
    const [dark, bright] = [light(parts(getComputedStyle(e).color)), light(behind)].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  };
  // What machines say to each other: states, kinds, ids, division codes.
  const raw = /\b(submitted|posted|adopted|delivered|fulfilled|taken_down|party_organisation|resident_unit)\b|\b[0-9a-f]{8}-[0-9a-f]{4}-|(?<!\d)\d{12}(?!\d)/;
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const e = texts.currentNode.parentElement;
    if (!texts.currentNode.textContent.trim() || !seen(e)) continue;
    const size = parseFloat(getComputedStyle(e).fontSize);
    if (size < 18) faults.push(`text of ${size} px: ${name(e)}`);
    if (contrast(e) < 4.5) faults.push(`contrast of ${contrast(e).toFixed(1)}: ${name(e)}`);
    if (raw.test(texts.currentNode.textContent) && !e.closest('option, code, pre')) faults.push(`raw word: ${name(e)}`);
  }
  for (const e of document.querySelectorAll('input:not([type=hidden]), select, textarea')) {
    const labelled = e.labels?.length || e.getAttribute('aria-label') || e.getAttribute('aria-labelledby');
    if (!labelled) faults.push(`no label: ${name(e)} ${e.name}`);
  }
  for (const e of document.querySelectorAll('.btn')) {
    const height = e.getBoundingClientRect().height, least = e.classList.contains('small') ? 44 : 60;
    if (seen(e) && height < least - 0.5) faults.push(`button of ${height} px: ${name(e)}`);
  }
  for (const e of document.querySelectorAll('.chip, summary, select, nav a, nav button, input:not([type=hidden])')) {
    const target = e.matches('[type=checkbox], [type=radio]') ? e.closest('label') || e : e;
    const {width, height} = target.getBoundingClientRect();
    if (seen(e) && Math.min(width, height) < 43.5) faults.push(`target of ${width} × ${height} px: ${name(e)}`);
  }
  for (const e of document.querySelectorAll('img:not([alt])')) faults.push(`no alt: ${e.src}`);
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) faults.push(`scrolls sideways: ${root.scrollWidth} > ${root.clientWidth}`);
  if (!document.title.trim() || !root.lang) faults.push('no title or language');
  return faults;
}
