const answer = await fetch('/api/');
document.body.textContent = await answer.text();
