import { initAll } from "./govuk.js";
initAll();
// What is being worked out is looked for again, until it is there.
if (document.querySelector("[data-waits]")) {
  let tries = 0;
  const look = async () => {
    const text = await (await fetch(location.href)).text();
    if (!text.includes("data-waits")) location.reload();
    else if (++tries < 60) setTimeout(look, 3000);
  };
  setTimeout(look, 2000);
}
