// Fetches the telephone again every two seconds and shows it if something arrived, but never under
// the fingers of somebody who is typing.
const list = document.getElementById("telefono");
setInterval(async () => {
  if (list.contains(document.activeElement)) return;
  const answer = await fetch("/movil?parte=1");
  if (!answer.ok) return;
  const fresh = await answer.text();
  if (fresh !== list.dataset.shown) {
    list.innerHTML = fresh;
    list.dataset.shown = fresh;
  }
}, 2000);
