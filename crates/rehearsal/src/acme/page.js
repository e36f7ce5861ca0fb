// Shows changes as they happen. Without it the page reloads itself.
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function redraw() {
  const answer = await fetch("/");
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
  const focused = document.activeElement?.id;
  document.querySelector("main").replaceWith(document.adoptNode(fresh));
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

for (;;) {
  try {
    const { version } = document.querySelector("main").dataset;
    const answer = await fetch(`/changes?after=${version}`);
    if (answer.status === 200) await redraw();
    // At most a few times a second, however busy it is.
    await pause(answer.ok ? 250 : 2000);
  } catch {
    await pause(2000);
  }
}
