import Foundation

/// What the bits depend on besides the run's configuration.
package enum MachineDescription {
    /// Environment variables that override the processor's best instructions in libtorch and the shim.
    private static let choices = ["ATEN_CPU_CAPABILITY", "PONDER_PRODUCTS"]

    /// Processor and engine in one line; two machines with different lines may compute different bits.
    ///
    /// - Parameter engine: the engine with its version, such as `libtorch 2.13`.
    package static func text(engine: String) -> String {
        let environment = ProcessInfo.processInfo.environment
        let chosen = choices.compactMap { name in environment[name].map { ", \(name)=\($0)" } }
        return "\(processor()), \(engine)" + chosen.joined()
    }

    static func processor() -> String {
        let cpu = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        for line in cpu.split(separator: "\n") where line.hasPrefix("model name") {
            return line.drop { $0 != ":" }.dropFirst().trimmingCharacters(in: .whitespaces)
        }
        return "unknown processor"
    }
}
