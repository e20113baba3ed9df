import Foundation
import Host
import Primitives
import Synchronization

/// How far the way to an endpoint works, and why nobody answers there.
package final class Reachability: Sendable {
    /// What the socket's monitor has last reported.
    enum Stage: Sendable {
        case dialing
        case connected
        /// The handshake broke off: the other side does not speak ZeroMQ, or has other keys.
        case brokeOff
        case greeted
    }

    /// What is worth a line in a log.
    enum News: Sendable, Hashable {
        case connected
        /// Nobody has answered for this long.
        case alone(Duration)
    }

    private struct State {
        var stage = Stage.dialing
        var aloneSince = ContinuousClock.now
        var nextComplaint = ContinuousClock.now + Reachability.firstComplaint
        var isToldConnected = false
    }

    static let firstComplaint = Duration.seconds(5)
    static let pace = Duration.seconds(60)
    /// Time for each step of a diagnosis.
    private static let patience = Duration.milliseconds(400)
    /// Time for a whole diagnosis; name servers may take longer.
    private static let limit = Duration.milliseconds(1200)

    private let endpoint: Endpoint
    /// What answers at the endpoint when all is well: `coordinator`.
    private let role: String
    private let state = Mutex(State())

    init(_ endpoint: Endpoint, role: String) {
        self.endpoint = endpoint
        self.role = role
    }

    func reached(_ stage: Stage) {
        state.withLock { state in
            if state.stage == .greeted, stage != .greeted {
                state.aloneSince = .now
                state.nextComplaint = .now + Self.firstComplaint
                state.isToldConnected = false
            }
            // A broken handshake says more than the next dialing.
            if state.stage == .brokeOff, stage == .dialing || stage == .connected { return }
            state.stage = stage
        }
    }

    /// What has happened since the last call: a connection, or 5 s and then each further minute without one.
    func news() -> News? {
        state.withLock { state in
            let now = ContinuousClock.now
            if state.stage == .greeted {
                if state.isToldConnected { return nil }
                state.isToldConnected = true
                return .connected
            }
            guard now >= state.nextComplaint else { return nil }
            state.nextComplaint = now + Self.pace
            return .alone(now - state.aloneSince)
        }
    }

    /// Why nobody answers, and what to check, in one sentence; takes about a second at most.
    package func diagnosis() async -> String {
        let stage = state.withLock { $0.stage }
        if stage == .greeted { return silentSpeaker }
        // On a thread of its own, which nobody waits for when a name server takes long.
        let (answers, answer) = AsyncStream<String>.makeStream()
        let tooSlow = isNamed ? slowName : explanation(.silent, stage)
        let thread = Thread { [self] in
            answer.yield(explanation(probe(), stage))
            answer.finish()
        }
        thread.name = "ponder-probe"
        thread.start()
        let timer = Task {
            try? await Task.sleep(for: Self.limit)
            answer.yield(tooSlow)
            answer.finish()
        }
        defer { timer.cancel() }
        for await text in answers { return text }
        return tooSlow
    }

    private func probe() -> PortProbe {
        switch endpoint {
        case .ipc(let path): .unix(path: path, patience: Self.patience)
        case .tcp(let host, let port):
            .tcp(
                host: host.trimmingCharacters(in: ["[", "]"]), port: port ?? 0, patience: Self.patience)
        }
    }

    private var host: String {
        if case .tcp(let host, _) = endpoint { host } else { endpoint.text }
    }

    /// Whether the host is a name, which name servers are asked for.
    private var isNamed: Bool {
        guard case .tcp(let host, _) = endpoint else { return false }
        return !host.hasPrefix("[") && host.contains { $0 != "." && !$0.isNumber }
    }

    private var slowName: String {
        "no name server says where \(host) is; check the name and the network, or give an address"
    }

    private var silentSpeaker: String {
        "a ZeroMQ port is there and does not answer as a \(role); is it the right port, of this version of Ponder "
            + "(weights are on another port than control)?"
    }

    private func explanation(_ probe: PortProbe, _ stage: Stage) -> String {
        switch probe {
        case .unknownHost(let host):
            return host.isCertain
                ? "the name \(host.name) is unknown here; check its spelling, or give an address" : slowName
        case .refused:
            return
                "the connection is refused, no program listens there; is the \(role) running, and is this its port?"
        case .silent:
            return "no answer from \(host); check the address, the port, and firewalls in between"
        case .unreachable(let reason):
            if case .ipc(let path) = endpoint {
                return "\(path): \(reason); is the \(role) running on this machine, and is this its --bind?"
            }
            return "no way to \(host): \(reason); check the address and the network"
        case .listening(let bytes):
            // The signature with which every ZeroMQ port begins.
            guard bytes.first == 0xFF else {
                return "another program than Ponder listens there; check the port"
            }
            return stage == .brokeOff
                ? "the handshake breaks off; give --keys to both sides or to neither, and the .pub of this \(role) to this side"
                : "the port has just begun to answer"
        }
    }
}
