// Keeps the page up to date: reads each run once, then what is new when the server says that there is something.

import { clock, decimals, duration, find, get, isNumber, make, percent, table, whole } from "./page.js";
import { showCurves } from "./charts.js";
import { Traces, showAha, showComparison, showThought } from "./traces.js";

let runs = [];
let selected = 0;
let updates = null;
const traces = new Traces((problem) => compare(problem));

async function start() {
  showTheme(localStorage.getItem("theme"));
  try {
    runs = await get("/api/runs");
    await Promise.all(runs.map((_, number) => refresh(number)));
    select(0);
    listen();
  } catch (error) {
    complain(error);
  }
}

// Reads what a run has that the page lacks.
async function refresh(number) {
  const run = runs[number];
  // A change during a request is read by one more request, however many there are.
  if (run.isBusy) return void (run.isStale = true);
  run.isBusy = true;
  try {
    do {
      run.isStale = false;
      merge(run, await get(`/api/runs/${number}?after=${run.last || 0}&revision=${run.view ? run.view.revision : 0}`));
    } while (run.isStale);
    find("problem").hidden = true;
  } catch (error) {
    complain(error);
  } finally {
    run.isBusy = false;
  }
  if (runs.every((run) => run.view)) show();
}

function merge(run, view) {
  if (view.after > 0 && run.view) {
    view.series.rows = [...run.view.series.rows.filter((row) => row[0] <= view.after), ...view.series.rows];
  }
  run.view = view;
  const rows = view.series.rows;
  // The server sends fewer points when all are asked for.
  run.last = rows.length > 0 && rows.length < 4000 ? rows[rows.length - 1][0] : 0;
}

// A page that nobody sees listens to nothing.
function listen() {
  if (updates || document.hidden || !runs.some((run) => run.view && run.view.is_live)) return;
  updates = new EventSource("/api/updates");
  updates.onmessage = (message) => {
    const { revisions, live } = JSON.parse(message.data);
    const waiting = revisions.map((revision, number) => {
      const view = runs[number].view;
      return !view || revision > view.revision || live[number] !== view.is_live ? refresh(number) : null;
    });
    if (!live.includes(true)) {
      silence();
      Promise.all(waiting).then(() => select(selected));
    }
  };
  updates.onerror = () => complain(new Error("The dashboard does not answer; trying again."));
}

function silence() {
  if (updates) updates.close();
  updates = null;
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return silence();
  runs.forEach((run, number) => run.view && run.view.is_live && refresh(number));
  listen();
});

function complain(error) {
  find("problem").textContent = error.message;
  find("problem").hidden = false;
}

function select(number) {
  selected = number;
  show();
  traces.open(number, runs[number]);
  showComparison(number, runs[number]);
}

function compare(problem) {
  find("comparison-form").elements.problem.value = problem;
  showComparison(selected, runs[selected], problem);
  find("comparison-title").scrollIntoView();
}

find("comparison-form").addEventListener("submit", (event) => {
  event.preventDefault();
  compare(event.target.elements.problem.value.trim());
});

function show() {
  const { view } = runs[selected];
  find("runs").replaceChildren(...runs.map((run, number) => make("button", {
    type: "button", "aria-pressed": String(number === selected), title: run.folder, onclick: () => select(number),
  }, runs.length > 1 ? `${number + 1} ${run.name}` : run.name)));
  document.title = `${runs[selected].name}, step ${view.status.step} – Ponder`;
  showState(view);
  showTiles(view);
  showThought(view.status.thought, runs[selected]);
  showAha(selected, runs[selected]);
  showCurves(runs);
  showWorkers(view.status.report);
  showPhases(view);
  showLedger(view.status.report);
  find("events").replaceChildren(table(["time", "step", "event", ""], [...view.events].reverse().map((event) =>
    [clock(event.time), event.step ?? "", event.kind, make("bdi", {}, event.message)])));
}

function showState({ status, is_live: isLive }) {
  const { report } = status;
  const waits = isLive && report ? `; waits for ${report.waiting_for}` : "";
  const trouble = [status.trouble, status.insecure].filter(Boolean).map((text) => `; ${text}`).join("");
  find("state").textContent = `${status.phase}, step ${status.step} of ${status.steps}${waits}${trouble}`;
  find("state").className = isLive ? "live" : status.phase;
}

const newest = (values) => {
  const found = Object.entries(values || {}).sort((one, other) => other[0] - one[0])[0];
  return found ? found[1] : undefined;
};

function showTiles(view) {
  const { status } = view;
  const last = status.last || {};
  const seconds = mean(view, "seconds", 10);
  const left = view.is_live && isNumber(seconds) ? duration(seconds * (status.steps - status.step)) : undefined;
  const tiles = [
    ["Held out, sampled", percent(newest(status.heldout_accuracy))],
    ["Held out, greedy", percent(newest(status.heldout_greedy))], ["Training", percent(last.accuracy)],
    ["In the form", percent(last.format)], ["Thought, characters", whole(last.thought_length)],
    ["Silent groups", last.groups ? percent(last.silent_groups / last.groups) : "–"],
    ["Tokens/s", whole(last.tokens / last.seconds)], ["A step takes", duration(seconds)],
    left ? ["Time left", left] : null,
    ["Aha moment", status.aha ? `step ${status.aha.step}` : "none found"],
  ];
  find("tiles").replaceChildren(...tiles.filter(Boolean).map(([name, value]) =>
    make("div", {}, make("dt", {}, name), make("dd", {}, value))));
}

// The mean of a column over the last steps.
function mean(view, name, count) {
  const place = view.series.names.indexOf(name);
  const values = view.series.rows.slice(-count).map((row) => row[place]).filter(isNumber);
  return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : undefined;
}

const MOST_WORKERS = 200;

function showWorkers(report) {
  const workers = report ? report.workers : [];
  const rows = workers.slice(0, MOST_WORKERS).map((worker) => [
    make("bdi", {}, worker.name), make("bdi", {}, worker.host), worker.state, worker.version ?? "–",
    isNumber(worker.version) && isNumber(report.newest_version) ? String(report.newest_version - worker.version) : "–",
    whole(worker.tokens_per_second), `${decimals(worker.seconds_since_seen)} s`, whole(worker.results),
    whole(worker.rejected), whole(worker.deaths)]);
  find("workers").replaceChildren(workers.length === 0 ? make("p", { class: "faint" }, "No worker is known.")
    : table(["name", "host", "state", "policy", "behind", "tokens/s", "seen before", "results", "refused", "deaths"], rows,
      workers.length > MOST_WORKERS ? `The first ${MOST_WORKERS} of ${workers.length}` : undefined));
}

// The policy is published between two steps, so that time is not a part of a step's seconds.
function showPhases(view) {
  const [all, generating, learning, publishing] = ["seconds", "generation_seconds", "learning_seconds", "publishing_seconds"]
    .map((name) => [1, 10].map((count) => mean(view, name, count)));
  const published = publishing.map((value) => value || 0);
  const whole = all.map((value, place) => value + published[place]);
  const waiting = all.map((value, place) => Math.max(0, value - generating[place] - learning[place]));
  const rows = [["generation", generating], ["learning", learning], ["publishing", published], ["waiting", waiting], ["all", whole]];
  find("phases").replaceChildren(isNumber(all[0])
    ? table(["", "last step", "mean of 10", "share"], rows.map(([name, [last, usual]]) =>
      [name, duration(last), duration(usual), percent(usual / whole[1])]))
    : make("p", { class: "faint" }, "No step is done."));
}

function showLedger(report) {
  const rows = [];
  const add = (name, value) => {
    if (isNumber(value)) rows.push([name, whole(value)]);
    else for (const [key, inner] of Object.entries(value || {})) add(name ? `${name}: ${key}` : key, inner);
  };
  if (report) add("", report.ledger);
  find("ledger").replaceChildren(rows.length > 0 ? table(["attempts", "number"], rows) : make("p", { class: "faint" }, "Nothing was handed out."));
}

function showTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  if (runs.every((run) => run.view) && runs.length > 0) showCurves(runs);
}

find("theme").addEventListener("click", () => {
  const now = document.documentElement.dataset.theme
    || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const next = now === "dark" ? "light" : "dark";
  localStorage.setItem("theme", next);
  showTheme(next);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => showTheme());

start();
