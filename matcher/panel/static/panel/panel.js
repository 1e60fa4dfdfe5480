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
// Five minutes before a session ends because no page was opened, one may go on; in any tab.
const idle = document.querySelector("#panel-idle");
if (idle) {
  const KEY = "panel.opened", MINUTE = 60000, WARNS = 5 * MINUTE;
  const lasts = idle.dataset.minutes * MINUTE;
  const opened = () => localStorage.setItem(KEY, Date.now());
  const show = (when) => {
    for (const part of idle.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== when;
    idle.setAttribute("aria-labelledby", `panel-idle-${when}`);
    idle.classList.toggle("panel-idle--over", when === "over");
    if (!idle.open) idle.showModal();
  };
  const look = () => {
    const left = Number(localStorage.getItem(KEY)) + lasts - Date.now();
    if (left <= 0) show("over");
    else if (left <= Math.min(WARNS, lasts / 2)) show("soon");
    else if (idle.open) idle.close();
  };
  const acts = {
    stay: async () => {
      const answer = await fetch(idle.dataset.stay, { redirect: "manual" });
      if (!answer.ok) return show("over");
      opened();
      look();
    },
    // A form that keeps what is typed is sent: it comes back after signing in.
    again: () => {
      const form = document.querySelector("form:has(input[name=draft])");
      if (form) form.submit();
      else location.reload();
    },
  };
  idle.addEventListener("click", (event) => acts[event.target.dataset.do]?.());
  idle.addEventListener("cancel", (event) => event.preventDefault());
  opened();
  setInterval(look, 15000);
}
