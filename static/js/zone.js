// The reader's own time zone: the server writes UTC, which stands where no script runs. <time datetime data-clock>.
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
const minutes = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const seconds = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const date = new Intl.DateTimeFormat("en-GB", { dateStyle: "short" });

// The server's clock counts: the browser's may be wrong by minutes.
const stamp = document.documentElement.dataset.now;
const offset = stamp ? Date.parse(stamp) - Date.now() : 0;

export const now = () => Date.now() + offset;

const dayOf = (moment) => (date.format(moment) === date.format(now()) ? "" : `${day.format(moment)} `);

const clocks = {
  minutes: (moment) => dayOf(moment) + minutes.format(moment),
  seconds: (moment) => seconds.format(moment),
  exact: (moment) => exact.format(moment),
};

// A moment as a clock shows it, to the second; with its day where that is not today.
export const clock = (moment) => dayOf(moment) + seconds.format(moment);

// Says the times within `root` in the reader's zone: what is hovered, and what a clock shows.
export function localise(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const moment = Date.parse(time.dateTime);
    const shown = clocks[time.dataset.clock];
    time.title = exact.format(moment);
    if (shown) time.textContent = shown(moment);
  }
}

const name = Intl.DateTimeFormat().resolvedOptions().timeZone;
const said = document.getElementById("zone");
if (said && name) said.textContent = `All times are of your zone, ${name}, unless they name another.`;
