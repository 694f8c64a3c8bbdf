// Relative times go on while the page stands: <time datetime data-tick="ago|since|age">.
import { clock, localise, now } from "./zone.js";

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;

function coarse(seconds) {
  if (seconds < MINUTE) return `${Math.floor(seconds)} s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)} h`;
  const days = Math.floor(seconds / DAY);
  return days === 1 ? "1 day" : `${days} days`;
}

function two(seconds, unit, name, below, belowName) {
  const second = Math.floor((seconds % unit) / below);
  const first = `${Math.floor(seconds / unit)} ${name}`;
  return second ? `${first} ${second} ${belowName}` : first;
}

function duration(seconds) {
  if (seconds < MINUTE) return `${Math.floor(seconds)} s`;
  if (seconds < HOUR) return two(seconds, MINUTE, "min", 1, "s");
  if (seconds < DAY) return two(seconds, HOUR, "h", MINUTE, "min");
  return two(seconds, DAY, seconds < 2 * DAY ? "day" : "days", HOUR, "h");
}

function ago(seconds) {
  if (seconds < -1) return `in ${coarse(-seconds)}`;
  return seconds < 2 ? "just now" : `${coarse(seconds)} ago`;
}

const words = {
  ago,
  since: (seconds) => duration(Math.max(seconds, 0)),
  age: (seconds) => coarse(Math.max(seconds, 0)),
};

// Who cannot hover may have every moment said exactly; how long something lasts is said as ever.
const KEPT = "exact-times";
const button = document.getElementById(KEPT);
let exactly = localStorage.getItem(KEPT) === "yes";

function textOf(time) {
  const moment = Date.parse(time.dateTime);
  const { tick: kind } = time.dataset;
  return exactly && kind !== "since" ? clock(moment) : words[kind]((now() - moment) / 1000);
}

function moveBars() {
  for (const box of document.querySelectorAll(".expected[data-started]")) {
    const seconds = (now() - Date.parse(box.dataset.started)) / 1000;
    const expected = Number(box.dataset.expected);
    const percent = Math.max(0, Math.min(99, Math.round((100 * seconds) / expected)));
    box.querySelector(".bar__part").setAttribute("width", `${percent}%`);
    const [bar, late] = box.children;
    bar.hidden = seconds > expected;
    late.hidden = seconds <= expected;
  }
}

export function tick() {
  for (const time of document.querySelectorAll("time[data-tick]")) {
    const text = textOf(time);
    if (time.textContent !== text) time.textContent = text;
  }
  moveBars();
}

function show() {
  button?.setAttribute("aria-pressed", String(exactly));
  document.documentElement.classList.toggle(KEPT, exactly);
  tick();
}

button?.removeAttribute("hidden");
button?.addEventListener("click", () => {
  exactly = !exactly;
  localStorage.setItem(KEPT, exactly ? "yes" : "no");
  show();
});

localise(document);
show();
setInterval(tick, 1000);
