import ZeroMQ

/// The socket work of `WeightServer`: answers requests from the published versions.
final class WeightServerRole: SocketRole {
    enum Command: Sendable {
        /// Answered with false when the server has failed.
        case publish(PublishedVersions.Version, CheckedContinuation<Bool, Never>)
    }

    private let router: AuthorizedRouter
    private let counters: TransportCounters
    private let traffic: WeightTraffic
    private var published = PublishedVersions()

    init(
        _ endpoint: Endpoint, security: PortSecurity, plan: SocketPlan, traffic: WeightTraffic,
        counters: TransportCounters
    ) throws {
        router = try AuthorizedRouter(
            endpoint, security: security, plan: plan.forWeightRequests, counters: counters)
        self.counters = counters
        self.traffic = traffic
    }

    /// The bound endpoint.
    var shared: Endpoint { router.endpoint }
    var maximumWait: Duration { router.maximumWait }

    func prepare(_ poller: Poller) { router.prepare(poller) }

    func execute(_ command: Command) {
        switch command {
        case .publish(let version, let done):
            published.publish(version)
            done.resume(returning: true)
        }
    }

    func turn() throws {
        // The control port reports the revoked keys.
        _ = try router.updateAuthorization()
        for (peer, request) in try router.weightRequests() {
            let reply: [Part]
            do {
                reply = try published.reply(to: request)
            } catch {
                counters.count(\.malformed, "unanswerable request from \(peer): \(error)")
                continue
            }
            if try router.send(reply, to: peer) == .queued, case .shared(_, let range)? = reply.last {
                traffic.sent(range.count)
            }
        }
    }

    func ended(_ error: (any Error)?, unexecuted commands: [Command]) {
        counters.ended(error)
        for case .publish(_, let done) in commands { done.resume(returning: false) }
    }
}
