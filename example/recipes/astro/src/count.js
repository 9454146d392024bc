/** Counts the clicks on a button, in the button. */
export function count(button) {
  button.addEventListener('click', () => {
    button.textContent = String(Number(button.textContent) + 1);
  });
}
