import Scheduling
import Testing
import ZeroMQ

@testable import Messaging

struct `A peer authorizer` {
    /// A routing id as libzmq makes them: a zero and four bytes.
    private static func routingID(_ number: Int) -> [UInt8] {
        [0] + (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    private static func peer(_ number: Int) -> PeerID { PeerID(bytes: routingID(number), address: "") }

    @Test
    func `remembers as many workers as a coordinator admits, while their old connections are forgotten`()
        throws
    {
        let keys = try Keyring(authorized: ["worker"])
        let key = try #require(try keys.folder.publicKey("worker"))
        var authorizer = PeerAuthorizer(.keys(keys.allowList))
        let workers = 16_384
        func hear(_ number: Int) -> Bool {
            guard case .accepted = authorizer.judge(Self.routingID(number), key: key, address: "10.0.0.1")
            else {
                return false
            }
            return true
        }
        #expect((0..<workers).allSatisfy(hear))
        // Connections that come and are never heard again, while every worker goes on speaking.
        for round in 1...4 {
            #expect((0..<workers).allSatisfy { hear(round * workers + $0) })
            #expect((0..<workers).allSatisfy(hear))
        }
        let unknown = (0..<workers).count { !authorizer.mayReceive(Self.peer($0)) }
        #expect(unknown == 0)
    }

    @Test func `without keys accepts every peer, and with keys none without one`() throws {
        var open = PeerAuthorizer(.open)
        guard case .accepted(let peer) = open.judge(Self.routingID(7), key: nil, address: "10.0.0.1") else {
            Issue.record("refused without keys")
            return
        }
        #expect(peer.address == "10.0.0.1#7000" && peer.key == nil)
        let mayReceive = open.mayReceive(peer)
        #expect(mayReceive)

        let keys = try Keyring(authorized: ["worker"])
        var closed = PeerAuthorizer(.keys(keys.allowList))
        guard case .refused(_, tell: true) = closed.judge(Self.routingID(7), key: nil, address: "10.0.0.1"),
            case .refused(_, tell: false) = closed.judge(Self.routingID(7), key: nil, address: "10.0.0.1")
        else {
            Issue.record("accepted without a key, or told twice")
            return
        }
        let mayReceiveWithoutKey = closed.mayReceive(peer)
        #expect(!mayReceiveWithoutKey)
    }
}
