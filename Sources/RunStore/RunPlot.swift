import Foundation
import Reinforcement

/// The curves of one or several runs: held-out accuracy, training accuracy, responses in the form, length of a thought.
package struct RunPlot: Sendable {
    /// A run's curves.
    package struct Run: Sendable {
        package var name: String
        package var steps: [StepMetrics]
        package var evaluations: [EvaluationRecord]
        /// The step at which accuracy took off, as `train` found it; nil when it did not.
        package var ahaStep: Int?

        package init(
            name: String, steps: [StepMetrics], evaluations: [EvaluationRecord], ahaStep: Int? = nil
        ) {
            self.name = name
            self.steps = steps
            self.evaluations = evaluations
            self.ahaStep = ahaStep
        }

        /// Reads a run's folder, live or finished; changes nothing in it.
        ///
        /// - Throws: `RunDatabaseError`.
        package init(_ run: RunDirectory) throws {
            let records = try RunDatabase.openReadOnly(run)
            self.init(
                name: run.root.lastPathComponent, steps: try records.steps(),
                evaluations: try records.evaluations(), ahaStep: try records.lastEvent(ofKind: "aha")?.step)
            try records.close()
        }

        var lastStep: Int { max(steps.last?.step ?? 0, evaluations.last?.version.rawValue ?? 0) }
    }

    package enum Format: String, Sendable, CaseIterable {
        case png, svg

        /// What draws it in gnuplot.
        fileprivate var terminal: String {
            switch self {
            case .png: "pngcairo size 1200,840 font 'sans,12' linewidth 1.5"
            case .svg: "svg size 1200,840 dynamic font 'sans,14' linewidth 1.5 background '#ffffff'"
            }
        }
    }

    package let runs: [Run]

    package init(_ runs: [Run]) { self.runs = runs }

    /// A gnuplot script that writes the picture to standard output.
    package func script(_ format: Format) -> String {
        let last = max(1, runs.map(\.lastStep).max() ?? 1)
        let head = """
            set terminal \(format.terminal)
            set encoding utf8
            set termoption noenhanced
            set multiplot layout 2,2 margins 0.07,0.98,0.08,0.91 spacing 0.08,0.13 \
            title \(quoted(title)) font ',15' noenhanced
            set xrange [0:\(last)]
            set xlabel 'training step' offset 0,0.4
            set grid linecolor rgb '#d0d7de'
            set border 3 linecolor rgb '#57606a'
            set tics nomirror
            set key bottom right samplen 3 spacing 1.1 opaque noautotitle

            """
        return head + ahaMarks + panels.map(\.script).joined() + "unset multiplot\n"
    }

    private var title: String {
        runs.count == 1 ? "run \(runs[0].name)" : runs.map(\.name).joined(separator: " and ")
    }

    private var ahaMarks: String {
        runs.enumerated().compactMap { index, run in
            run.ahaStep.map { step in
                let label = runs.count == 1 ? "aha, step \(step)" : "aha of \(run.name), step \(step)"
                return """
                    set arrow \(index + 1) from \(step), graph 0 to \(step), graph 1 nohead dashtype 3 \
                    linecolor rgb '\(Curve.color(of: index))'
                    set label \(index + 1) \(quoted(label)) at \(step), graph 1 offset 0.5,\(0.5 + 0.9 * Double(index)) \
                    font ',10' textcolor rgb '\(Curve.color(of: index))'

                    """
            }
        }.joined()
    }

    private var panels: [Panel] {
        func share(_ title: String, _ curves: [Curve]) -> Panel {
            Panel(title: title, unit: "%", range: "[0:100]", curves: curves)
        }
        return [
            share(
                "right answers to held-out problems",
                curves { run, curve in
                    [
                        curve("sampled", .solid, Self.points(run, .evaluation)),
                        curve("greedy", .dashed, Self.points(run, .greedy)),
                        curve("asked directly", .dotted, Self.points(run, .direct)),
                    ]
                }),
            share(
                "right answers in training",
                curves { [$1("sampled", .solid, Self.points($0) { 100 * $0.accuracy })] }),
            share(
                "responses in the form, in training",
                curves { [$1("sampled", .solid, Self.points($0) { 100 * $0.format })] }),
            Panel(
                title: "mean length of a thought, in training", unit: "characters", range: "[0:*]",
                curves: curves { [$1("sampled", .solid, Self.points($0, \.thoughtLength))] }),
        ]
    }

    private typealias MakeCurve = (String, Curve.Style, [Curve.Point]) -> Curve

    private func curves(of run: (Run, MakeCurve) -> [Curve]) -> [Curve] {
        runs.enumerated().flatMap { index, found in
            run(found) { name, style, points in
                Curve(
                    name: runs.count == 1 ? name : "\(found.name), \(name)", style: style, index: index,
                    points: points)
            }
        }
    }

    private static func points(_ run: Run, _ purpose: Purpose) -> [Curve.Point] {
        run.evaluations.filter { $0.purpose == purpose }.map { ($0.version.rawValue, 100 * $0.accuracy) }
    }

    /// Points that one curve has at most; longer ones are averaged, or they would be a band and slow to draw.
    private static let pointLimit = 1000

    private static func points(_ run: Run, _ value: (StepMetrics) -> Double) -> [Curve.Point] {
        let width = (run.steps.count + pointLimit - 1) / pointLimit
        return stride(from: 0, to: run.steps.count, by: max(1, width)).map { start in
            let part = run.steps[start..<min(start + width, run.steps.count)]
            return (part.last?.step ?? 0, part.reduce(0) { $0 + value($1) } / Double(part.count))
        }
    }
}

/// A diagram.
private struct Panel {
    let title: String
    let unit: String
    let range: String
    let curves: [Curve]

    var script: String {
        let drawn = curves.filter { !$0.points.isEmpty }
        let data = drawn.enumerated().map { index, curve in
            "$data\(index) << END\n"
                + curve.points.map { "\($0.step) \($0.value)\n" }.joined() + "END\n"
        }
        // gnuplot needs something to plot.
        let plots = drawn.isEmpty ? ["NaN title 'no data yet'"] : drawn.enumerated().map { $1.plot($0) }
        return """
            set title \(quoted(title)) offset 0,\(0.3)
            set ylabel \(quoted(unit)) offset 1.2,0
            set yrange \(range)
            \(data.joined())plot \(plots.joined(separator: ", "))

            """
    }
}

/// A line in a diagram.
private struct Curve {
    typealias Point = (step: Int, value: Double)

    enum Style: Int {
        case solid = 1
        case dashed = 2
        case dotted = 3
    }

    let name: String
    let style: Style
    /// Of the run, which has a color.
    let index: Int
    let points: [Point]

    /// Colors that people with any color vision tell apart (Okabe and Ito).
    static func color(of index: Int) -> String {
        let colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"]
        return colors[index % colors.count]
    }

    func plot(_ data: Int) -> String {
        // Few points are shown as such; a single one has no line.
        let form = points.count <= 50 ? "linespoints pointtype 7 pointsize 0.6" : "lines"
        return "$data\(data) using 1:2 with \(form) linewidth 2 dashtype \(style.rawValue) "
            + "linecolor rgb '\(Self.color(of: index))' title \(quoted(name))"
    }
}

/// A text of gnuplot, in which nothing has a meaning; names of folders may hold anything.
private func quoted(_ text: String) -> String {
    "'" + text.map { $0.isNewline ? " " : $0 == "'" ? "''" : String($0) }.joined() + "'"
}
