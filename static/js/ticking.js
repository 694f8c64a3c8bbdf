// Relative times go on while the page stands: <time datetime data-tick="ago|since">.
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

// The server's clock counts: the browser's may be wrong by minutes.
const stamp = document.documentElement.dataset.now;
const offset = stamp ? Date.parse(stamp) - Date.now() : 0;

function moveBars() {
  for (const box of document.querySelectorAll(".expected[data-started]")) {
    const seconds = (Date.now() + offset - Date.parse(box.dataset.started)) / 1000;
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
    const seconds = (Date.now() + offset - Date.parse(time.dateTime)) / 1000;
    const text = time.dataset.tick === "ago" ? ago(seconds) : duration(Math.max(seconds, 0));
    if (time.textContent !== text) time.textContent = text;
  }
  moveBars();
}

setInterval(tick, 1000);
