// Shows changes as they happen. Without it the page is as it was when it was loaded.
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const live = () => document.getElementById("live");

async function redraw() {
  const answer = await fetch(location.href);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
  const focused = document.activeElement?.id;
  const scrolled = live().querySelector(".scroll")?.scrollTop ?? 0;
  live().replaceWith(document.adoptNode(fresh));
  const table = live().querySelector(".scroll");
  if (table) table.scrollTop = scrolled;
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

for (;;) {
  try {
    const answer = await fetch(`/changes?after=${live().dataset.version}`);
    document.getElementById("gone").hidden = true;
    if (answer.status === 200) await redraw();
    // At most a few times a second, however busy it is.
    await pause(answer.ok ? 250 : 2000);
  } catch {
    document.getElementById("gone").hidden = false;
    await pause(2000);
  }
}
