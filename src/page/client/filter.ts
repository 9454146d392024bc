/** Shows only the rows that the field asks for; to be called when rows have changed. */
export type Filter = () => void;

/** Makes the field work, which without script is not there. Each word must be in the name or the state. */
export function startFilter(): Filter {
  const apply = (): void => {
    const label = document.getElementById('filter');
    const input = document.getElementById('filter-text');
    const rows = document.getElementById('rows');
    if (label === null || rows === null || !(input instanceof HTMLInputElement)) return;
    label.hidden = rows.children.length < 2;
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows.children) {
      const text = textOf(row);
      const isShown = words.every((word) => text.includes(word));
      if (row instanceof HTMLElement) row.hidden = !isShown;
      shown += Number(isShown);
    }
    const none = document.getElementById('none');
    if (none !== null) none.hidden = shown > 0 || words.length === 0;
  };
  document.addEventListener('input', ({ target }) => {
    if (target instanceof Element && target.id === 'filter-text') apply();
  });
  document.addEventListener('keydown', (event) => {
    const input = document.getElementById('filter-text');
    if (input === null || event.target instanceof HTMLInputElement) return;
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    input.focus();
  });
  apply();
  return apply;
}

function textOf(row: Element): string {
  const parts = row.querySelectorAll('h3, .word');
  return [...parts]
    .map((part) => part.textContent)
    .join(' ')
    .toLowerCase();
}
