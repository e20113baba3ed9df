import Foundation
import Messaging

/// Endpoints of a test's own.
enum Place: String, Sendable, CaseIterable {
    case tcp, ipc

    /// A port that is free when it is bound, or a path nobody else has.
    func endpoint() throws -> Endpoint {
        switch self {
        case .tcp: try Endpoint("tcp://127.0.0.1:*")
        case .ipc: try Endpoint("ipc:///tmp/ponder-\(UUID().uuidString.prefix(13))")
        }
    }
}

extension SocketPlan {
    /// Short pauses, for tests that break connections.
    static var impatient: SocketPlan {
        var plan = SocketPlan()
        plan.firstPause = .milliseconds(5)
        plan.longestPause = .milliseconds(50)
        plan.handshake = .milliseconds(300)
        return plan
    }
}
