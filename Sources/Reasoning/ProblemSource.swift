/// A source of problems.
///
/// A source is a value: the same parameters and seed give the same problems on every machine. Held-out problems (`HeldOut`) are
/// never among the training problems.
package protocol ProblemSource: Sendable {
    /// The problems to train on; nil for a source that generates them without end.
    var finite: [Problem]? { get }

    /// Sentences for the person who starts a run, for example how many lines were left out.
    var remarks: [String] { get }

    /// The problem at a place in the run, counted from 0 over all steps.
    ///
    /// Throws `ProblemSourceError` when the source has no problem to train on.
    func trainingProblem(_ index: Int) throws -> Problem

    /// The first `count` held-out problems, all different and the same for every seed.
    ///
    /// - Parameter count: nil for as many as there are, at most `HeldOut.limit`.
    /// - Throws: `ProblemSourceError.tooFew` when the source has fewer.
    func heldOut(_ count: Int?) throws -> [Problem]
}

extension ProblemSource {
    package var finite: [Problem]? { nil }
    package var remarks: [String] { [] }
}
