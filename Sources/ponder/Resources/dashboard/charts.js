// The curves, drawn by dygraphs; tables where it is not installed.

import { decimals, find, isNumber, make, percent, table, whole } from "./page.js";

const COLOURS = ["blue", "green", "red", "purple", "orange", "teal"];
const DASHES = [null, [6, 3], [2, 2], [8, 3, 2, 3]];

// The points of a column of the steps.
const column = (name) => (view) => {
  const place = view.series.names.indexOf(name);
  return place < 0 ? [] : view.series.rows.map((row) => [row[0], row[place]]);
};
// The points of measurements by policy version, which is the number of steps before.
const measured = (name) => (view) =>
  Object.entries(view.status[name] || {}).map(([version, share]) => [Number(version), share])
    .sort((one, other) => one[0] - other[0]);
const silent = (view) => {
  const [silentGroups, groups] = ["silent_groups", "groups"].map((name) => view.series.names.indexOf(name));
  return view.series.rows.map((row) => [row[0], row[silentGroups] / row[groups]]);
};
// What is left of a step: waiting.
const waiting = (view) => {
  const [all, generating, learning] = ["seconds", "generation_seconds", "learning_seconds"]
    .map((name) => view.series.names.indexOf(name));
  return view.series.rows.map((row) => [row[0], Math.max(0, row[all] - row[generating] - row[learning])]);
};

const CHARTS = [
  { title: "Right answers", range: [0, 1.02], show: percent, curves: [
    ["held out, sampled", measured("heldout_accuracy")], ["held out, greedy", measured("heldout_greedy")],
    ["training", column("accuracy"), true], ["asked directly", measured("direct_accuracy")]] },
  { title: "In the form", range: [0, 1.02], show: percent, curves: [
    ["training", column("format")], ["right when in the form", column("thought_accuracy"), true]] },
  { title: "Length of a thought, in characters", show: whole, curves: [["training", column("thought_length")]] },
  { title: "Checks in a thought", show: (value) => decimals(value, 3), curves: [
    ["self-checks", column("self_checks")], ["restarts", column("restarts")]] },
  { title: "Entropy, in nats", show: (value) => decimals(value, 3), curves: [["training", column("entropy")]] },
  { title: "Tokens per second", show: whole, curves: [["all workers", column("tokens_per_second")]] },
  { title: "Seconds of a step", show: (value) => decimals(value, 2), stacked: true, curves: [
    ["generation", column("generation_seconds")], ["learning", column("learning_seconds")],
    ["publishing", column("publishing_seconds")], ["waiting", waiting]] },
  { title: "Silent groups, which teach nothing", range: [0, 1.02], show: percent, curves: [["share", silent]] },
  { title: "Norm of the gradients", show: (value) => decimals(value, 3), curves: [["before clipping", column("gradient_norm")]] },
];

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// One chart with its legend, for all runs.
class Chart {
  constructor(chart) {
    this.chart = chart;
    this.legend = make("ul", { class: "legend" });
    this.place = make("div", { class: "plot", role: "img", "aria-label": chart.title });
    this.rows = make("div", { class: "rows" });
    const details = make("details", { open: typeof Dygraph === "undefined" },
      make("summary", {}, "As a table"), this.rows);
    details.addEventListener("toggle", () => this.fillTable());
    this.details = details;
    this.element = make("figure", {},
      make("figcaption", {}, chart.title), this.legend, typeof Dygraph === "undefined" ? null : this.place, details);
  }

  show(runs) {
    this.curves = [];
    runs.forEach((run, number) => this.chart.curves.forEach(([name, points, isFaint], kind) => {
      const found = points(run.view).filter(([, value]) => isNumber(value));
      if (found.length === 0) return;
      const single = runs.length === 1;
      this.curves.push({
        label: single ? name : `${run.name} ${number + 1}: ${name}`, points: found,
        colour: COLOURS[(single ? kind : number) % COLOURS.length], dash: single ? null : DASHES[kind % DASHES.length],
        isFaint,
      });
    }));
    const steps = new Map();
    this.curves.forEach((curve, place) => curve.points.forEach(([step, value]) => {
      if (!steps.has(step)) steps.set(step, [step, ...this.curves.map(() => null)]);
      steps.get(step)[place + 1] = value;
    }));
    this.data = [...steps.values()].sort((one, other) => one[0] - other[0]);
    this.marks = runs.map((run) => run.view.status.aha).filter(Boolean).map((aha) => aha.step);
    this.element.hidden = this.curves.length === 0;
    this.fillLegend();
    this.fillTable();
    if (typeof Dygraph !== "undefined" && this.data.length > 0) this.draw();
  }

  fillLegend() {
    this.values = this.curves.map((curve) =>
      make("b", {}, this.chart.show(curve.points[curve.points.length - 1][1])));
    this.legend.replaceChildren(...this.curves.map((curve, place) =>
      make("li", { class: curve.colour }, make("span", { class: "swatch", "aria-hidden": "true" }),
        `${curve.label} `, this.values[place])));
    this.place.setAttribute("aria-label",
      `${this.chart.title}: ${this.curves.map((curve, place) => `${curve.label} ${this.values[place].textContent}`).join(", ")}`);
  }

  point(row) {
    this.curves.forEach((curve, place) => {
      const value = row ? row[place + 1] : curve.points[curve.points.length - 1][1];
      this.values[place].textContent = isNumber(value) ? this.chart.show(value) : "–";
    });
  }

  // The newest 100 rows, built when they are looked at.
  fillTable() {
    if (!this.details.open || !this.data) return;
    this.rows.replaceChildren(table(["step", ...this.curves.map((curve) => curve.label)],
      this.data.slice(-100).reverse().map((row) => row.map((value, place) =>
        place === 0 ? String(value) : isNumber(value) ? this.chart.show(value) : "–"))));
  }

  draw() {
    const options = {
      labels: ["step", ...this.curves.map((curve) => curve.label)],
      colors: this.curves.map((curve) => style(`--${curve.colour}`)),
      series: Object.fromEntries(this.curves.map((curve) => [curve.label,
        { strokePattern: curve.dash, strokeWidth: curve.isFaint ? 1 : 2, drawPoints: curve.points.length < 40, pointSize: 2 }])),
      gridLineColor: style("--grid"), axisLineColor: style("--grid"), axisLabelFontSize: 12,
      axisLabelWidth: 44, connectSeparatedPoints: true, stackedGraph: this.chart.stacked === true,
      valueRange: this.chart.range || null, includeZero: true, xRangePad: 4, rightGap: 8,
      axes: { y: { axisLabelFormatter: (value) => (this.chart.show === percent ? `${Math.round(100 * value)} %` : short(value)) },
        x: { axisLabelFormatter: (value) => (Number.isInteger(value) ? String(value) : ""), pixelsPerLabel: 50 } },
      underlayCallback: (canvas, area, graph) => this.mark(canvas, area, graph),
      highlightCallback: (event, step, points, row) => this.point(this.data[row]),
      unhighlightCallback: () => this.point(null),
    };
    // On a touch screen a finger on a chart scrolls the page.
    if (matchMedia("(pointer: coarse)").matches) options.interactionModel = {};
    if (this.graph) this.graph.updateOptions({ ...options, file: this.data });
    else this.graph = new Dygraph(this.place, this.data, options);
  }

  // The aha moment: where accuracy takes off.
  mark(canvas, area, graph) {
    for (const step of this.marks) {
      const x = graph.toDomXCoord(step);
      if (x < area.x || x > area.x + area.w) continue;
      canvas.save();
      canvas.strokeStyle = canvas.fillStyle = style("--orange");
      canvas.setLineDash([4, 3]);
      canvas.beginPath();
      canvas.moveTo(x, area.y);
      canvas.lineTo(x, area.y + area.h);
      canvas.stroke();
      canvas.font = "12px sans-serif";
      const isRight = x > area.x + area.w - 40;
      canvas.textAlign = isRight ? "right" : "left";
      canvas.fillText("aha", x + (isRight ? -4 : 4), area.y + area.h - 6);
      canvas.restore();
    }
  }
}

const short = (value) => (Math.abs(value) >= 10000 ? `${Math.round(value / 1000)}k` : String(Number(value.toPrecision(3))));

let charts;

export function showCurves(runs) {
  if (!charts) {
    // Its legend writes style attributes, which the page's policy forbids; the page has its own.
    if (typeof Dygraph === "undefined") find("library").hidden = false;
    else Dygraph.PLUGINS = Dygraph.PLUGINS.filter((plugin) => plugin !== Dygraph.Plugins.Legend);
    charts = CHARTS.map((chart) => new Chart(chart));
    find("curves").replaceChildren(...charts.map((chart) => chart.element));
  }
  for (const chart of charts) chart.show(runs);
}
