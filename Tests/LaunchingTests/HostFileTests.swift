import Testing

@testable import Launching

@Suite struct HostFileTests {
    @Test func `hosts, slots and comments are read`() throws {
        let file = try HostFile(
            """
            # two machines
            node1 slots=4   # with room

            me@node2
            """, path: "hosts")
        #expect(file.hosts == [.init(name: "node1", slots: 4), .init(name: "me@node2", slots: 1)])
        #expect(file.slots == 5)
    }

    @Test(arguments: [
        ("node1 slot=4", "hosts line 1: unknown key \"slot\"; did you mean slots?"),
        ("node1\nnode2 slots=four", "hosts line 2: slots=four is no number from 1 to 1024"),
        ("node1 slots=0", "hosts line 1: slots=0 is no number from 1 to 1024"),
        ("node1\n\nnode1 slots=2", "hosts line 3: node1 is listed in line 1 already; give it all"),
        ("node1 4", "hosts line 1: \"4\" after the host is no key=value; write slots=N"),
        ("node1 slots=2 slots=3", "hosts line 1: \"slots=3\" is unexpected; write HOST slots=N"),
        ("-oProxyCommand=x", "hosts line 1: \"-oProxyCommand=x\" is no host name"),
        ("node;reboot", "hosts line 1: \"node;reboot\" is no host name"),
        ("# nobody\n", "hosts lists no host"),
    ])
    func `a typo is an error with its line and what was meant`(_ text: String, _ message: String) {
        let error = #expect(throws: LaunchError.self) { try HostFile(text, path: "hosts") }
        #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "none")")
        #expect(error?.kind == .usage)
    }

    @Test func `workers are spread evenly and never beyond the slots`() throws {
        let file = try HostFile("a slots=4\nb slots=1\nc slots=2", path: "hosts")
        #expect(try file.shares(of: 2).map(\.host) == ["a", "b"])
        #expect(try file.shares(of: 5).map(\.workers) == [2, 1, 2])
        #expect(try file.shares(of: nil).map(\.workers) == [4, 1, 2])
        #expect(throws: LaunchError.self) { try file.shares(of: 8) }
    }

    @Test func `this machine is known under its names and by the address that ssh dials`() {
        for name in ["localhost", "127.0.0.1", "me@127.1.2.3", "::1"] {
            #expect(HostAddress.isThisMachine(name) { _ in nil })
        }
        #expect(HostAddress.isThisMachine("node1") { _ in "127.0.0.1" })
        #expect(!HostAddress.isThisMachine("localhost") { _ in "192.0.2.1" })
        #expect(!HostAddress.isThisMachine("node1") { _ in nil })
        #expect(!HostAddress.isThisMachine("127.example") { _ in nil })
    }
}
