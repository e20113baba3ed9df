import Torch

/// How many floating-point operations a second a matrix product reaches, on the threads that are set.
enum MatrixRate {
    /// The median rate of the product [rows, hidden] x [hidden, ffn], fp32.
    static func measure(rows: Int, hidden: Int, ffn: Int) throws -> Double {
        func filled(_ shape: [Int]) throws -> Tensor {
            let count = shape.reduce(1, *)
            return try Tensor((0..<count).map { Float($0 % 17) / 17 - 0.5 }, shape: shape)
        }
        let left = try filled([rows, hidden])
        let right = try filled([hidden, ffn])
        let clock = ContinuousClock()
        let operations = 2.0 * Double(rows) * Double(hidden) * Double(ffn)
        return try withoutGradients {
            func seconds(_ repeats: Int) throws -> Double {
                let start = clock.now
                for _ in 0..<repeats { _ = try left.matmul(right) }
                return (clock.now - start).inSeconds
            }
            // So many products a round that it lasts about 10 ms, beside which reading the clock costs nothing.
            _ = try seconds(3)
            let repeats = min(10_000, max(1, Int(0.01 / max(1e-7, try seconds(3) / 3))))
            let rates = try (0..<21).map { _ in operations * Double(repeats) / max(1e-9, try seconds(repeats))
            }
            return rates.sorted()[rates.count / 2]
        }
    }
}
