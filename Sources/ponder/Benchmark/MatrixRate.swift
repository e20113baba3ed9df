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
            // Enough products that reading the clock costs nothing beside them.
            let repeats = max(1, Int(2e8 / operations))
            var rates: [Double] = []
            for round in 0..<21 {
                let start = clock.now
                for _ in 0..<repeats { _ = try left.matmul(right) }
                let seconds = (clock.now - start).inSeconds
                if round > 0 { rates.append(operations * Double(repeats) / seconds) }
            }
            return rates.sorted()[rates.count / 2]
        }
    }
}
