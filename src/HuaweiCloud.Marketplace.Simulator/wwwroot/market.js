// Copies ids, follows what changes by itself, and says that work goes on. Pages work without it.
document.addEventListener('click', async (click) => {
  const button = click.target.closest('[data-copy]');
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  button.textContent = button.dataset.copied;
});
document.addEventListener('submit', (submit) => {
  const button = submit.submitter;
  if (button?.dataset.busy) button.textContent = button.dataset.busy;
});
const follow = async () => {
  const lives = [...document.querySelectorAll('[data-live]')];
  if (lives.length > 0 && !document.hidden) {
    try {
      const answer = await fetch(location.href);
      const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
      for (const live of lives) {
        const next = fresh.getElementById(live.id);
        if (!next || next.innerHTML === live.dataset.shown) continue;
        const open = [...live.querySelectorAll('details[open][id]')].map((one) => one.id);
        const focus = live.contains(document.activeElement) ? document.activeElement.id : '';
        live.dataset.shown = next.innerHTML;
        live.innerHTML = next.innerHTML;
        for (const id of open) document.getElementById(id)?.setAttribute('open', '');
        if (focus) document.getElementById(focus)?.focus();
      }
    } catch { /* The market is away for a moment: what is shown stays. */ }
  }
  setTimeout(follow, 1000);
};
for (const live of document.querySelectorAll('[data-live]')) live.dataset.shown = live.innerHTML;
setTimeout(follow, 1000);
