extension CountdownGoal {
    /// The goal as a question, as hard as it has numbers.
    package var problem: Problem {
        let list = numbers.map(String.init).joined(separator: ", ")
        let once = use == .all ? "each exactly once" : "each at most once"
        let question = "Make \(target) of the numbers \(list), \(once), with + - * / and parentheses."
        return Problem(
            id: Problem.identity(of: question, in: "countdown"), question: question, expected: text,
            difficulty: numbers.count)
    }
}
