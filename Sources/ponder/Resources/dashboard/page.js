// Small helpers for building the page. Text from a run enters it only through `make`, as text and never as markup.

export const find = (id) => document.getElementById(id);

// An element with attributes and children; a child that is no node becomes text.
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

// Text of a model or a problem: its direction is its own, and it cannot reorder the text around it.
export const quoted = (text, kind = "text") => make("div", { class: kind, dir: "auto" }, text);

export function table(head, rows, caption) {
  return make("table", {},
    caption ? make("caption", {}, caption) : null,
    make("thead", {}, make("tr", {}, ...head.map((name) => make("th", { scope: "col" }, name)))),
    make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map((cell) =>
      make("td", typeof cell === "string" && /^[-−]?[\d.,]+( |$)/.test(cell) ? { class: "number" } : {}, cell))))));
}

export async function get(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" } });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error || `the dashboard answered ${answer.status}`);
  return body;
}

export const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
export const percent = (value) => (isNumber(value) ? `${(100 * value).toFixed(1)} %` : "–");
export const decimals = (value, count = 1) => (isNumber(value) ? value.toFixed(count) : "–");
export const whole = (value) => (isNumber(value) ? Math.round(value).toLocaleString("en") : "–");
export const clock = (time) => new Date(1000 * time).toLocaleString("sv");

export function duration(seconds) {
  if (!isNumber(seconds)) return "–";
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
