// The browser of traces, and one question before and after.

import { decimals, find, get, make, percent, quoted } from "./page.js";

const said = { correct: "right", partial: "partial", wrong: "wrong", undecided: "undecided" };

// A response in parts: before the thought, the thought, and what follows it.
function parts(response, run) {
  const open = response.indexOf(run.open);
  if (open < 0) return { before: response };
  const start = open + run.open.length;
  const close = response.indexOf(run.close, start);
  return {
    before: response.slice(0, open),
    thought: response.slice(start, close < 0 ? undefined : close),
    after: close < 0 ? null : response.slice(close + run.close.length),
  };
}

function response(trace, run, isOpen) {
  const { before, thought, after } = parts(trace.response, run);
  return [
    before.trim() ? quoted(before) : null,
    thought === undefined ? null : make("details", { class: "thought", open: isOpen },
      make("summary", {}, `Thought, ${thought.length.toLocaleString("en")} characters`), quoted(thought)),
    after === undefined ? null : after === null ? make("p", { class: "faint" }, "The thought does not end.") : quoted(after, "text answer"),
  ].filter(Boolean);
}

function verdict(trace) {
  // A share of the reward stands for a partial verdict.
  const kind = trace.reward.verdict;
  return badge(typeof kind === "number" ? "partial" : kind || "none");
}

const badge = (name) => make("span", { class: `verdict ${name}` }, said[name] || "no answer");

const reward = ({ reward: { format, accuracy, further } }) =>
  further.reduce((sum, part) => sum + part.value, format + accuracy);

function article(trace, run, compare) {
  const place = trace.purpose === "training" ? `step ${trace.version + 1}` : `policy ${trace.version}, ${trace.purpose}`;
  const facts = [place, `sample ${trace.sample}`, `reward ${decimals(reward(trace), 2)}`,
    `${trace.tokens} tokens${trace.finish === "length" ? ", cut" : ""}`, trace.worker];
  return make("article", {},
    make("p", { class: "facts" }, verdict(trace), make("bdi", {}, trace.problem_id),
      ...facts.filter(Boolean).map((fact) => make("span", {}, fact)),
      trace.purpose === "training" ? null
        : make("button", { type: "button", onclick: () => compare(trace.problem_id) }, "Before and after")),
    quoted(trace.question, "text question"), make("p", { class: "faint" }, "expected ", make("bdi", {}, trace.expected)),
    ...response(trace, run, false));
}

export class Traces {
  constructor(compare) {
    this.compare = compare;
    find("traces-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.search();
    });
    find("more").addEventListener("click", () => this.load());
  }

  open(number, run) {
    [this.number, this.run] = [number, run];
    return this.search();
  }

  search() {
    this.next = "";
    this.query = [...new FormData(find("traces-form"))].filter(([, value]) => value !== "")
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
    return this.load(true);
  }

  async load(isFirst = false) {
    // An answer to an older search is left out.
    const turn = (this.turn = (this.turn || 0) + 1);
    try {
      const next = this.next ? `&next=${encodeURIComponent(this.next)}` : "";
      const page = await get(`/api/runs/${this.number}/traces?${this.query}${next}`);
      if (turn !== this.turn) return;
      const articles = page.traces.map((trace) => article(trace, this.run, this.compare));
      if (isFirst && articles.length === 0) articles.push(make("p", { class: "faint" }, "No recorded trace matches."));
      if (isFirst) find("traces").replaceChildren(...articles);
      else find("traces").append(...articles);
      this.next = page.next;
      find("more").hidden = !page.next;
    } catch (error) {
      if (turn !== this.turn) return;
      find("traces").replaceChildren(make("p", { class: "warning" }, error.message));
      find("more").hidden = true;
    }
  }
}

// The beginning of the newest response.
export function showThought(trace, run) {
  find("thought").hidden = !trace;
  if (!trace) return;
  find("thought-text").replaceChildren(
    make("p", { class: "facts" }, badge(trace.verdict || "none"), `step ${trace.step}`, make("bdi", {}, trace.problem_id)),
    quoted(trace.question, "text question"), ...response(trace, run, true));
}

// The step at which accuracy took off, and the trace that shows it.
export async function showAha(number, run) {
  const { aha } = run.view.status;
  find("aha").hidden = !aha;
  if (!aha || find("aha").dataset.shown === `${number} ${aha.step}`) return;
  find("aha").dataset.shown = `${number} ${aha.step}`;
  const told = make("p", {}, `Accuracy took off at step ${aha.step}: ${percent(aha.before)} before, ${percent(aha.after)} then.`);
  find("aha-text").replaceChildren(told);
  if (!aha.trace) return;
  // The first trace after the place before it.
  const { round, problem, sample } = aha.trace;
  const place = encodeURIComponent([round.step, round.purpose, problem, sample - 1].join(","));
  const { traces } = await get(`/api/runs/${number}/traces?order=oldest&limit=1&next=${place}`).catch(() => ({ traces: [] }));
  const shown = traces.find((trace) => trace.version === round.step && trace.problem === problem && trace.sample === sample);
  if (shown) find("aha-text").replaceChildren(told, quoted(shown.question, "text question"), ...response(shown, run, true));
}

// One problem as the first and the newest policy answered it: at once, and with a thought.
export async function showComparison(number, run, problem = "") {
  const place = find("comparison");
  try {
    const found = await get(`/api/runs/${number}/comparison?problem=${encodeURIComponent(problem)}`);
    const lists = { direct: found.direct || [], thought: found.thought || [] };
    const any = lists.thought[0] || lists.direct[0];
    if (!any) {
      place.replaceChildren(make("p", { class: "faint" }, problem ? "No measurement of this problem is recorded."
        : "No held-out problem has been measured yet."));
      return;
    }
    const cell = (title, trace) => make("div", { class: "cell" }, make("h3", {}, title),
      ...(trace ? [make("p", { class: "facts" }, verdict(trace)), ...response(trace, run, true)]
        : [make("p", { class: "faint" }, "not measured")]));
    const versions = [...lists.direct, ...lists.thought].map((trace) => trace.version);
    const [first, last] = [Math.min(...versions), Math.max(...versions)];
    const at = (list, version) => list.find((trace) => trace.version === version);
    const row = (name, version) => [cell(`${name}, at once`, at(lists.direct, version)), cell(`${name}, with a thought`, at(lists.thought, version))];
    place.replaceChildren(
      quoted(any.question, "text question"),
      make("p", { class: "faint" }, make("bdi", {}, any.problem_id), ", expected ", make("bdi", {}, any.expected)),
      make("div", { class: "grid" }, ...row(first === 0 ? "Base" : `Policy ${first}`, first),
        ...(last > first ? row(`After ${last} steps`, last) : [])),
      lists.thought.length > 2 ? make("details", {}, make("summary", {}, "At every measurement"),
        ...lists.thought.map((trace) => make("article", {}, make("p", { class: "facts" }, verdict(trace), `policy ${trace.version}`),
          ...response(trace, run, false)))) : "");
  } catch (error) {
    place.replaceChildren(make("p", { class: "warning" }, error.message));
  }
}
