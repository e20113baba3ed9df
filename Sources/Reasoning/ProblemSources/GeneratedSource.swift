/// An endless source that generates problems on demand.
///
///     try GeneratedSource(Bills(), seed: 1).trainingProblem(0)   // 3 terms; 1 has 4, 2 has 5, 3 has 3 again
package struct GeneratedSource<Maker: ProblemMaker>: ProblemSource {
    package let maker: Maker
    /// The seed of the run; held-out problems do not depend on it.
    package let seed: UInt64
    private let split: HeldOut

    package init(_ maker: Maker, seed: UInt64, split: HeldOut = .fifth) {
        self.maker = maker
        self.seed = seed
        self.split = split
    }

    package func trainingProblem(_ index: Int) throws -> Problem {
        var generator = SeededGenerator(
            seed: seed, stream: .training, index: UInt64(bitPattern: Int64(index)))
        let difficulty = difficulty(at: index)
        for _ in 0..<GeneratedProblems.drawLimit {
            let problem = try maker.problem(difficulty: difficulty, using: &generator)
            if !split.contains(question: problem.question) { return problem }
        }
        throw ProblemSourceError.nothingToTrainOn(source: "\(Maker.name) of difficulty \(difficulty)")
    }

    package func heldOut(_ count: Int?) throws -> [Problem] {
        var generators = maker.difficulties.map {
            SeededGenerator(seed: GeneratedProblems.heldOutSeed, stream: .heldOut, index: UInt64($0))
        }
        var seen: Set<String> = []
        var problems: [Problem] = []
        for index in 0..<max(0, count ?? HeldOut.limit) {
            let level = index % generators.count
            var found: Problem?
            for _ in 0..<GeneratedProblems.drawLimit where found == nil {
                let problem = try maker.problem(difficulty: difficulty(at: index), using: &generators[level])
                if split.contains(question: problem.question), seen.insert(problem.question).inserted {
                    found = problem
                }
            }
            guard let found else {
                guard let count else { break }
                throw ProblemSourceError.tooFew(source: Maker.name, asked: count, found: problems.count)
            }
            problems.append(found)
        }
        return problems
    }

    private func difficulty(at index: Int) -> Int {
        let count = maker.difficulties.count
        let place = index % count
        return maker.difficulties.lowerBound + (place < 0 ? place + count : place)
    }
}

extension ProblemMaker {
    /// The source of the problems that it makes.
    package func source(seed: UInt64) -> any ProblemSource { GeneratedSource(self, seed: seed) }
}

/// Numbers that all generated sources share.
enum GeneratedProblems {
    /// Draws after which the search for a problem on the wanted side of the held-out split ends.
    static let drawLimit = 10_000
    static let heldOutSeed: UInt64 = 0
}
