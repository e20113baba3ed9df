import Reinforcement

/// A process that asks for the name of a worker whose present process may live.
struct NameClaim: Sendable {
    let hello: Hello
    let stamp: RunStamp
    let peer: PeerID
    /// The number that the present process answers while it lives.
    var challenge: UInt64 = 0
}

/// Two processes of one name: the one that has it keeps it while it lives, and the other one waits or is refused.
///
/// The present process is asked whether it lives. Only its answer to this very question counts, because earlier
/// messages of a process that has died may come late. A dead process is found by its connection, or by its silence.
extension SchedulerState {
    private static let claimLimit = 16

    static func refusal(of hello: Hello, heldBy holder: RosterEntry) -> Refusal {
        Refusal(
            subject: .name,
            ours: "\(hello.name) (process \(holder.hello.process) on \(holder.hello.host))",
            theirs: "process \(hello.process) on \(hello.host)")
    }

    /// Notes a claim, and asks the present process whether it lives, again with every HELLO of the claimant.
    mutating func claim(_ claim: NameClaim) {
        let name = claim.hello.name
        guard let entry = roster[name], let holder = entry.peer else { return }
        var claim = claim
        if let known = entry.claims.firstIndex(where: { $0.hello.instance == claim.hello.instance }) {
            claim.challenge = entry.claims[known].challenge
            roster[name]?.claims[known] = claim
        } else {
            challenges += 1
            claim.challenge = challenges
            roster[name]?.claims.append(claim)
            if entry.claims.count >= Self.claimLimit { roster[name]?.claims.removeFirst() }
        }
        outbox.send(.challenge(claim.challenge), to: holder)
    }

    /// The present process lives, so claims up to this challenge are refused.
    mutating func answerChallenge(_ number: UInt64, from name: String) {
        guard let holder = roster[name] else { return }
        for claim in holder.claims where claim.challenge <= number {
            refuse(Self.refusal(of: claim.hello, heldBy: holder), peer: claim.peer)
        }
        roster[name]?.claims.removeAll { $0.challenge <= number }
    }

    /// Gives the name of a process that is gone to the first process that claims it; the others claim it from that one.
    mutating func grantClaims(of name: String) {
        guard let entry = roster[name], !entry.claims.isEmpty, !entry.isHolding else { return }
        roster[name]?.claims = []
        for claim in entry.claims { greet(claim.hello, stamp: claim.stamp, peer: claim.peer) }
    }
}
