import Primitives
import Torch

/// Floating-point operations a second of a matrix product, on the configured threads.
struct MatrixRate {
    private let left, right: Tensor
    private let operations: Double
    private let clock = ContinuousClock()

    /// Prepares the product [rows, hidden] x [hidden, ffn], fp32.
    init(rows: Int, hidden: Int, ffn: Int) throws {
        func filled(_ shape: [Int]) throws -> Tensor {
            let count = shape.reduce(1, *)
            return try Tensor((0..<count).map { Float($0 % 17) / 17 - 0.5 }, shape: shape)
        }
        left = try filled([rows, hidden])
        right = try filled([hidden, ffn])
        operations = 2 * Double(rows) * Double(hidden) * Double(ffn)
    }

    /// Rates of a few rounds of about 10 ms each, long enough that reading the clock costs nothing.
    func measure(rounds: Int = 5) throws -> [Double] {
        try withoutGradients {
            _ = try seconds(3)
            let repeats = min(10_000, max(1, Int(0.01 / max(1e-7, try seconds(3) / 3))))
            return try (0..<rounds).map { _ in operations * Double(repeats) / max(1e-9, try seconds(repeats))
            }
        }
    }

    private func seconds(_ repeats: Int) throws -> Double {
        let start = clock.now
        for _ in 0..<repeats { _ = try left.matmul(right) }
        return (clock.now - start).seconds
    }
}
